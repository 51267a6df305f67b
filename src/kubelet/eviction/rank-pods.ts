// Who has to go first when a node is short of something: pure. Upstream: the ranking functions in
// pkg/kubelet/eviction/helpers.go.

import type { Pod } from '../../api/core/pod.ts';
import { requestOf } from '../admission/room.ts';
import type { PodFigures } from '../figures/figures.ts';
import { usageOf } from './pod-usage.ts';
import { resourceOf, type Signal } from './signals.ts';

export interface RankInputs {
  readonly signal: Signal;
  readonly figuresOf: (pod: Pod) => PodFigures | undefined;
  readonly dedicatedImageFs: boolean;
}

/**
 * Those of which nothing is known; those that use more than they asked for; then by priority; then who uses most beyond what
 * was asked for. Processes cannot be asked for: there it goes by priority first.
 */
export function rankPods(pods: readonly Pod[], inputs: RankInputs): readonly Pod[] {
  const ranked = pods.map((pod) => ({ pod, ranks: ranksOf(pod, inputs) }));
  return ranked.toSorted((a, b) => compareRanks(a.ranks, b.ranks)).map(({ pod }) => pod);
}

/** The lower, the sooner: the first that differs decides. */
function ranksOf(pod: Pod, { signal, figuresOf, dedicatedImageFs }: RankInputs): readonly number[] {
  const figures = figuresOf(pod);
  const priority = pod.spec.priority ?? 0;
  const resource = resourceOf(signal);
  const usage = figures ? usageOf(signal, pod, figures, dedicatedImageFs) : Number.POSITIVE_INFINITY;
  if (resource === 'pids') return [priority, -usage];
  const excess = usage - (resource === 'inodes' ? 0 : requestOf(pod, resource));
  return [figures ? 1 : 0, excess > 0 ? 0 : 1, priority, -excess];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((rank, index) => rank !== b[index]);
  return differing < 0 ? 0 : a[differing]! < b[differing]! ? -1 : 1;
}
