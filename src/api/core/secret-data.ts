// `stringData` of secrets: written in plain text, kept and read as `data`. Upstream: the conversion of v1.Secret.

import { encodeBase64 } from '../../base/base64.ts';
import { setKey } from '../decode-leaf.ts';
import type { Draft } from '../schema.ts';
import type { Secret } from './secret.ts';

const encoder = new TextEncoder();

export function mergeStringData(secret: Draft<Secret>): void {
  if (!secret.stringData) return;
  secret.data = { ...secret.data };
  for (const [key, text] of Object.entries(secret.stringData))
    setKey(secret.data, key, encodeBase64(encoder.encode(text)));
  delete secret.stringData;
}
