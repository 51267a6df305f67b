// When a pod must leave its node because of the node's NoExecute taints. Pure. Upstream: pkg/controller/tainteviction.

import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import { toleratesTaint } from '../../api/core/taint-tolerance.ts';
import { timeToMs } from '../../api/time.ts';

/** `at` is in milliseconds of the wall clock; `never` as long as nothing changes. */
export type EvictionPlan = { readonly type: 'never' } | { readonly type: 'at'; readonly atMs: number };

/**
 * A pod leaves at once if it does not tolerate a taint, else when its shortest toleration has run out, counted from when
 * the taint was added (from `nowMs` where that is not known).
 */
export function planEviction(node: Node, pod: Pod, nowMs: number): EvictionPlan {
  const deadlines: number[] = [];
  for (const taint of node.spec.taints ?? []) {
    if (taint.effect !== 'NoExecute') continue;
    const tolerations = (pod.spec.tolerations ?? []).filter((toleration) => toleratesTaint(toleration, taint));
    if (tolerations.length === 0) return { type: 'at', atMs: nowMs };
    const seconds = tolerations
      .map(({ tolerationSeconds }) => tolerationSeconds)
      .filter((value) => value !== undefined);
    if (seconds.length === 0) continue;
    const addedAtMs = taint.timeAdded ? timeToMs(taint.timeAdded) : nowMs;
    deadlines.push(addedAtMs + Math.max(0, Math.min(...seconds)) * 1000);
  }
  return deadlines.length === 0 ? { type: 'never' } : { type: 'at', atMs: Math.min(...deadlines) };
}
