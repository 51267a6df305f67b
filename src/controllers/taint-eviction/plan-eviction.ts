// How long a pod may stay on its node in spite of the node's NoExecute taints. Pure. Upstream: pkg/controller/tainteviction.

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
    const toleration = tolerations.find((candidate) => tolerates(candidate, taint));
    if (!toleration) return 0;
    const { tolerationSeconds = Number.POSITIVE_INFINITY } = toleration;
    shortest = Math.min(shortest, Math.max(0, tolerationSeconds) * 1000);
  }
  return shortest;
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
