// The hash that names a deployment's replica sets and tells their pods apart. It need only be stable and spread: it is
// our own, over the template's canonical JSON. Two templates that collide are told apart by the collision count.

import type { PodTemplateSpec } from '../../api/core/pod-spec.ts';
import { SAFE_ALPHABET } from '../../base/random.ts';

export const POD_TEMPLATE_HASH = 'pod-template-hash';

/** Eight to ten letters of the safe alphabet. */
export function podTemplateHash(template: PodTemplateSpec, collisionCount: number): string {
  const text = `${canonicalJson(withoutHash(template))} ${collisionCount}`;
  return encode(fnv1a(text));
}

/** The template without the hash label, as a deployment has it. */
function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { labels } = template.metadata;
  if (labels?.[POD_TEMPLATE_HASH] === undefined) return template;
  const { [POD_TEMPLATE_HASH]: _hash, ...rest } = labels;
  return { ...template, metadata: { ...template.metadata, labels: rest } };
}

/** Whether two templates make the same pods. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return canonicalJson(withoutHash(a)) === canonicalJson(withoutHash(b));
}

/** JSON with sorted keys; what is unset, null or empty is left out, since codecs differ in whether they keep it. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const entries = Object.entries(part).filter(([, inner]) => !isEmpty(inner));
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  });
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
