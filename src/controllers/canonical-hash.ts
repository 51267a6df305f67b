// Hashes by which controllers name what they make of a template. They need only be stable and spread: they are our own,
// over canonical JSON.

import { SAFE_ALPHABET } from '../base/random.ts';

/** JSON with sorted keys; what is unset, null or empty is left out, since codecs differ in whether they keep it. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const entries = Object.entries(part).filter(([, inner]) => !isEmpty(inner));
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  });
}

/** Eight to ten letters of the safe alphabet. The count tells texts apart whose hashes collide. */
export function safeHash(text: string, collisionCount: number): string {
  return encode(fnv1a(`${text} ${collisionCount}`));
}

/** An empty struct is not: `emptyDir: {}` chooses it. */
function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Digits as letters that spell no words. Upstream: rand.SafeEncodeString. */
function encode(hash: number): string {
  let text = '';
  for (const digit of String(hash)) text += SAFE_ALPHABET[digit.charCodeAt(0) % SAFE_ALPHABET.length];
  return text;
}
