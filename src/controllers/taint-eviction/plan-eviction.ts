// How long a pod may stay on its node in spite of the node's NoExecute taints. Pure. Upstream: pkg/controller/tainteviction.

import { toleratesTaint } from '../../api/core/taint-tolerance.ts';
import type { Taint, Toleration } from '../../api/core/toleration.ts';

export function noExecuteTaints(taints: readonly Taint[] | undefined): readonly Taint[] {
  return (taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}

/**
 * How many milliseconds the taints are tolerated together: 0 if one is not, Infinity as long as nothing changes. Of several
 * tolerations of one taint the first counts; of several taints the one that is tolerated for the shortest time.
 */
export function toleratedMs(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const toleration = tolerations.find((candidate) => toleratesTaint(candidate, taint));
    if (!toleration) return 0;
    const { tolerationSeconds = Number.POSITIVE_INFINITY } = toleration;
    shortest = Math.min(shortest, Math.max(0, tolerationSeconds) * 1000);
  }
  return shortest;
}
