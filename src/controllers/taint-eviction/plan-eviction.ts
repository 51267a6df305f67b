// When a pod must leave its node because of the node's NoExecute taints. Pure. Upstream: pkg/controller/tainteviction.

import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Taint, Toleration } from '../../api/core/toleration.ts';
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
    const tolerations = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
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

/** Upstream: k8s.io/component-helpers/scheduling/corev1.ToleratesTaint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? 'Equal') {
    case 'Exists':
      return true;
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    default:
      return comparesNumbers(toleration, taint);
  }
}

/** Gt and Lt compare whole numbers (KEP-5471). */
function comparesNumbers({ operator, value }: Toleration, taint: Taint): boolean {
  const isNumber = (text: string | undefined) => /^-?\d+$/.test(text ?? '');
  if (!isNumber(value) || !isNumber(taint.value)) return false;
  const difference = BigInt(taint.value ?? 0) - BigInt(value ?? 0);
  return operator === 'Gt' ? difference > 0n : operator === 'Lt' && difference < 0n;
}
