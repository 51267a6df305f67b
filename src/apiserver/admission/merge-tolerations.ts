// Two lists of tolerations as one, without those that others include. Upstream: pkg/util/tolerations.

import type { Toleration } from '../../api/core/toleration.ts';
import { deepEqual } from '../../api/deep-equal.ts';

export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): readonly Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [index, toleration] of all.entries()) {
    const later = all.slice(index + 1).filter((other) => !deepEqual(other, toleration));
    if (![...merged, ...later].some((other) => includes(other, toleration))) merged.push(toleration);
  }
  return merged;
}

/** Whether everything that one tolerates the other tolerates, too, and for as long. */
function includes(whole: Toleration, part: Toleration): boolean {
  if (deepEqual(whole, part)) return true;
  const isOfAnyKey = !whole.key && whole.operator === 'Exists';
  if (whole.key !== part.key && !isOfAnyKey) return false;
  if (whole.effect && whole.effect !== part.effect) return false;
  if (whole.effect === 'NoExecute' && whole.tolerationSeconds !== undefined) {
    if (part.tolerationSeconds === undefined || part.tolerationSeconds > whole.tolerationSeconds) return false;
  }
  if (whole.operator === 'Exists') return true;
  const isEqual = whole.operator === undefined || whole.operator === 'Equal';
  return isEqual && part.operator === 'Equal' && part.value === whole.value;
}
