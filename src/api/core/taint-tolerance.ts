// Which taints a toleration covers. Upstream: k8s.io/component-helpers/scheduling/corev1.

import type { Taint, Toleration } from './toleration.ts';

export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator || 'Equal') {
    case 'Exists':
      return true;
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Lt':
      return compareIntegers(taint.value, toleration.value, (taintValue, value) => taintValue < value);
    case 'Gt':
      return compareIntegers(taint.value, toleration.value, (taintValue, value) => taintValue > value);
    default:
      return false;
  }
}

/** A taint that keeps the pod off a node, if there is one: of effect NoSchedule or NoExecute and not tolerated. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
): Taint | undefined {
  if (!taints || taints.length === 0) return undefined;
  return taints.find(
    (taint) =>
      taint.effect !== 'PreferNoSchedule' && !tolerations?.some((toleration) => toleratesTaint(toleration, taint)),
  );
}

/** KEP 5471. What is not an integer compares with nothing. */
function compareIntegers(
  taint: string | undefined,
  toleration: string | undefined,
  matches: (taint: bigint, toleration: bigint) => boolean,
): boolean {
  const integer = /^-?(0|[1-9]\d*)$/;
  if (!taint || !toleration || !integer.test(taint) || !integer.test(toleration)) return false;
  return matches(BigInt(taint), BigInt(toleration));
}
