// The hash that names a deployment's replica sets and tells their pods apart. Two templates that collide are told apart by
// the collision count.

import type { PodTemplateSpec } from '../../api/core/pod-spec.ts';
import { canonicalJson, safeHash } from '../canonical-hash.ts';

export const POD_TEMPLATE_HASH = 'pod-template-hash';

export function podTemplateHash(template: PodTemplateSpec, collisionCount: number): string {
  return safeHash(canonicalJson(withoutHash(template)), collisionCount);
}

/** The template without the hash label, as a deployment has it. */
export function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { labels } = template.metadata;
  if (labels?.[POD_TEMPLATE_HASH] === undefined) return template;
  const { [POD_TEMPLATE_HASH]: _hash, ...rest } = labels;
  return { ...template, metadata: { ...template.metadata, labels: rest } };
}

/** Whether two templates make the same pods. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return canonicalJson(withoutHash(a)) === canonicalJson(withoutHash(b));
}
