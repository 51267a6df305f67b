// Signatures of service account tokens, checked once: a token that was found good is remembered by its hash.

import { encode } from 'jose/base64url';
import { compactVerify } from 'jose/jws/compact/verify';
import { decodeJwt } from 'jose/jwt/decode';
import { underWay } from '../../base/under-way.ts';
import type { ServiceAccountKey } from './service-account-keys.ts';

/** How many tokens are remembered; the oldest is forgotten first. */
const MAX_VERIFIED_TOKENS = 8192;

export class VerifiedTokens<Found> {
  readonly #keys: ReadonlyMap<string, ServiceAccountKey>;
  readonly #read: (payload: unknown) => Found;
  readonly #tokens = new Map<string, Found>();

  /** `read` makes of the payload what is remembered; it throws for one that is no token of a service account. */
  constructor(keys: readonly ServiceAccountKey[], read: (payload: unknown) => Found) {
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#read = read;
  }

  /** Throws an Error for a bad signature. */
  async get(token: string): Promise<Found> {
    const hash = await hashOf(token);
    const known = this.#tokens.get(hash);
    if (known !== undefined) return known;
    const found = await this.#verify(token);
    const oldest = this.#tokens.keys().next();
    if (this.#tokens.size >= MAX_VERIFIED_TOKENS && !oldest.done) this.#tokens.delete(oldest.value);
    this.#tokens.set(hash, found);
    return found;
  }

  async #verify(token: string): Promise<Found> {
    try {
      const { payload } = await underWay(compactVerify(token, ({ kid, alg }) => this.#keyFor(kid, alg)));
      return this.#read(JSON.parse(new TextDecoder().decode(payload)));
    } catch (error) {
      throw new Error('invalid bearer token', { cause: error });
    }
  }

  /** Only the algorithm that the key is for: what the token's header says is not to be trusted. */
  #keyFor(id: string | undefined, algorithm: string | undefined) {
    const key = id === undefined ? undefined : this.#keys.get(id);
    if (!key || key.algorithm !== algorithm) throw new Error('the token is signed with an unknown key');
    return key.publicKey;
  }
}

/** Whether the token, not verified yet, says to be from the issuer: others may know what to make of it. */
export function isIssuedBy(token: string, issuer: string): boolean {
  try {
    return decodeJwt(token).iss === issuer;
  } catch {
    return false; // No JWT at all.
  }
}

async function hashOf(token: string): Promise<string> {
  const digest = await underWay(crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)));
  return encode(new Uint8Array(digest));
}
