// What a namespace's status says while it is being emptied. Upstream: pkg/controller/namespace/deletion, with its reasons
// and messages.

import type { Namespace, NamespaceCondition } from '../../api/core/namespace.ts';
import { formatTime } from '../../api/time.ts';

/** What is left of one kind after it was deleted. */
export interface Remaining {
  /** `pods.`, `deployments.apps`. */
  readonly resource: string;
  readonly count: number;
  /** How many objects wait for each finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
}

const SETTLED: Readonly<Record<string, readonly [reason: string, message: string]>> = {
  NamespaceDeletionDiscoveryFailure: ['ResourcesDiscovered', 'All resources successfully discovered'],
  NamespaceDeletionGroupVersionParsingFailure: ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  NamespaceDeletionContentFailure: [
    'ContentDeleted',
    'All content successfully deleted, may be waiting on finalization',
  ],
  NamespaceContentRemaining: ['ContentRemoved', 'All content successfully removed'],
  NamespaceFinalizersRemaining: ['ContentRemoved', 'All content successfully removed'],
};

/** The conditions after an attempt; the same array if nothing changed. */
export function deletionConditions(
  namespace: Namespace,
  { remaining, errors }: { readonly remaining: readonly Remaining[]; readonly errors: readonly string[] },
  nowMs: number,
): readonly NamespaceCondition[] {
  const trouble = new Map<string, readonly [reason: string, message: string]>();
  if (errors.length > 0) {
    const text = `Failed to delete all resource types, ${errors.length} remaining: ${[...errors].sort().join(', ')}`;
    trouble.set('NamespaceDeletionContentFailure', ['ContentDeletionFailed', text]);
  }
  const left = remaining.filter(({ count }) => count > 0);
  if (left.length > 0) {
    const list = left.map(({ resource, count }) => `${resource} has ${count} resource instances`).sort();
    const text = `Some resources are remaining: ${list.join(', ')}`;
    trouble.set('NamespaceContentRemaining', ['SomeResourcesRemain', text]);
  }
  const finalizers = countFinalizers(left);
  if (finalizers.size > 0) {
    const list = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).sort();
    const text = `Some content in the namespace has finalizers remaining: ${list.join(', ')}`;
    trouble.set('NamespaceFinalizersRemaining', ['SomeFinalizersRemain', text]);
  }
  return merge(namespace.status.conditions ?? [], trouble, nowMs);
}

function countFinalizers(remaining: readonly Remaining[]): ReadonlyMap<string, number> {
  const total = new Map<string, number>();
  for (const { finalizers } of remaining) {
    for (const [name, count] of finalizers) total.set(name, (total.get(name) ?? 0) + count);
  }
  return total;
}

function merge(
  current: readonly NamespaceCondition[],
  trouble: ReadonlyMap<string, readonly [string, string]>,
  nowMs: number,
): readonly NamespaceCondition[] {
  const merged = [...current];
  let hasChanged = false;
  for (const [type, settled] of Object.entries(SETTLED)) {
    const [reason, message] = trouble.get(type) ?? settled;
    const status = trouble.has(type) ? 'True' : 'False';
    const at = merged.findIndex((condition) => condition.type === type);
    const before = merged[at];
    if (before?.status === status && before.reason === reason && before.message === message) continue;
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : formatTime(nowMs);
    merged.splice(at < 0 ? merged.length : at, at < 0 ? 0 : 1, { type, status, lastTransitionTime, reason, message });
    hasChanged = true;
  }
  return hasChanged ? merged : current;
}
