// What a Secret of a service account's token lacks. Pure.

import type { Secret } from '../../api/core/secret.ts';
import { encodeBase64 } from '../../base/base64.ts';

export interface MissingData {
  /** All but the token, in base64. */
  readonly data: Readonly<Record<string, string>>;
  readonly needsToken: boolean;
}

/** Undefined if it lacks nothing. A token that is there stays, whatever it is. */
export function tokenData({ metadata, data = {} }: Secret, certificateAuthority: string): MissingData | undefined {
  const encode = (text: string) => encodeBase64(new TextEncoder().encode(text));
  const authority = encode(certificateAuthority);
  const needsToken = !data['token'];
  const missing = {
    ...(data['ca.crt'] === authority ? {} : { 'ca.crt': authority }),
    ...(data['namespace'] ? {} : { namespace: encode(metadata.namespace) }),
  };
  return needsToken || Object.keys(missing).length > 0 ? { data: missing, needsToken } : undefined;
}
