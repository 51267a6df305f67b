// `stringData` of secrets: written in plain text, kept and read as `data`. Upstream: the conversion of v1.Secret.

import { setKey } from '../decode-leaf.ts';
import type { Draft } from '../schema.ts';
import type { Secret } from './secret.ts';

export function mergeStringData(secret: Draft<Secret>): void {
  if (!secret.stringData) return;
  secret.data = { ...secret.data };
  for (const [key, text] of Object.entries(secret.stringData)) setKey(secret.data, key, encodeBase64(text));
  delete secret.stringData;
}

function encodeBase64(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
