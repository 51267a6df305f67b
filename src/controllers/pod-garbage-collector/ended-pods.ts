// Which of the pods that have ended are too many. Pure. Upstream: byEvictionAndCreationTimestamp in pkg/controller/podgc.

import type { Pod } from '../../api/core/pod.ts';
import { timeToMs } from '../../api/time.ts';

/** The oldest beyond the threshold, evicted ones before others. A threshold of 0 keeps all. */
export function endedPodsToDelete(ended: readonly Pod[], threshold: number): readonly Pod[] {
  if (threshold <= 0 || ended.length <= threshold) return [];
  return [...ended].sort(byWorth).slice(0, ended.length - threshold);
}

function byWorth(a: Pod, b: Pod): number {
  const evicted = Number(isEvicted(b)) - Number(isEvicted(a));
  const age = timeToMs(a.metadata.creationTimestamp) - timeToMs(b.metadata.creationTimestamp);
  return evicted || age || (a.metadata.name < b.metadata.name ? -1 : 1);
}

function isEvicted({ status }: Pod): boolean {
  return status.phase === 'Failed' && status.reason === 'Evicted';
}
