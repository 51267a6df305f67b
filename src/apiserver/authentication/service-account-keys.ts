// The keys that service account tokens are signed with. The first of a list signs; all of them verify, so that a key can
// be changed without making every token invalid at once.

import type { CryptoKey, JWK } from 'jose';
import { encode } from 'jose/base64url';
import { underWay } from '../../base/under-way.ts';

export interface ServiceAccountKey {
  /** Upstream's: the SHA-256 of the public key's DER, in base64url. */
  readonly id: string;
  readonly algorithm: 'ES256' | 'RS256';
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** The public key as published. */
  readonly jwk: JWK;
}

const IMPORTS = [
  { algorithm: 'ES256', parameters: { name: 'ECDSA', namedCurve: 'P-256' } },
  { algorithm: 'RS256', parameters: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } },
] as const;

/** Reads an ECDSA P-256 or RSA private key (PEM, PKCS #8). Throws an Error for anything else. */
export function importServiceAccountKey(pem: string): Promise<ServiceAccountKey> {
  return underWay(importKey(pem));
}

async function importKey(pem: string): Promise<ServiceAccountKey> {
  const der = Uint8Array.from(atob(pem.replace(/-----[A-Z ]+-----|\s/g, '')), (character) => character.charCodeAt(0));
  for (const { algorithm, parameters } of IMPORTS) {
    const privateKey = await crypto.subtle.importKey('pkcs8', der, parameters, true, ['sign']).catch(() => undefined);
    if (!privateKey) continue; // A key of the other kind.
    const { kty, crv, x, y, n, e } = (await crypto.subtle.exportKey('jwk', privateKey)) as JWK;
    const shape = kty === 'EC' ? { kty, crv, x, y } : { kty, n, e };
    const publicKey = await crypto.subtle.importKey('jwk', shape as never, parameters, true, ['verify']);
    const id = await keyId(publicKey);
    return { id, algorithm, privateKey, publicKey, jwk: { use: 'sig', kid: id, alg: algorithm, ...shape } as JWK };
  }
  throw new Error('the service account key must be an ECDSA P-256 or an RSA private key');
}

async function keyId(publicKey: CryptoKey): Promise<string> {
  const spki = await crypto.subtle.exportKey('spki', publicKey);
  return encode(new Uint8Array(await crypto.subtle.digest('SHA-256', spki)));
}
