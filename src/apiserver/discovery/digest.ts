// Hashes of documents, for ETags and version hashes.

import { underWay } from '../../base/under-way.ts';

const encoder = new TextEncoder();

export async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await underWay(crypto.subtle.digest('SHA-256', encoder.encode(text))));
}

export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A document's ETag and hash: the first half of its SHA-256 in hex is plenty. */
export async function fingerprint(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await underWay(crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)));
  return hex(digest.subarray(0, 16)).toUpperCase();
}
