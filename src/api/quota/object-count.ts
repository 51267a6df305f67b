// Kinds of which only the number of objects counts.

import type { Kind } from '../kind.ts';
import { countResource, type QuotaEvaluator } from './quota-evaluator.ts';

/** Kinds whose number had a name of its own before every kind had one. */
const OLDER_NAMES: ReadonlySet<string> = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']);

export function objectCountEvaluator(kind: Pick<Kind, 'group' | 'plural'>): QuotaEvaluator {
  const names = [countResource(kind)];
  if (kind.group === '' && OLDER_NAMES.has(kind.plural)) names.push(kind.plural);
  const usage = Object.fromEntries(names.map((name) => [name, '1']));
  return {
    tracks: (resource) => names.includes(resource),
    isCharged: ({ operation, subresource }) => operation === 'CREATE' && subresource === '',
    isInScope: () => false, // Scopes are for pods and claims.
    usage: () => usage,
    isRecounted: () => false,
  };
}
