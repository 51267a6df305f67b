// How long node agents may keep what they have read, by the number of nodes. Steps overlap, so that a node that comes and
// goes does not change all others each time. Pure.

const STEPS: readonly { readonly min: number; readonly max: number; readonly seconds: number }[] = [
  { min: 0, max: 100, seconds: 0 },
  { min: 90, max: 500, seconds: 15 },
  { min: 450, max: 1000, seconds: 30 },
  { min: 900, max: 2000, seconds: 60 },
  { min: 1800, max: Number.POSITIVE_INFINITY, seconds: 300 },
];

/** The step for so many nodes, coming from another one. */
export function ttlStep(step: number, nodeCount: number): number {
  let next = step;
  while (nodeCount > (STEPS[next]?.max ?? 0)) next++;
  while (nodeCount < (STEPS[next]?.min ?? 0)) next--;
  return next;
}

export function ttlStepSeconds(step: number): number {
  return STEPS[step]?.seconds ?? 0;
}
