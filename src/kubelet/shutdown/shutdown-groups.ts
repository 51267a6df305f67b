// In which order pods end when their machine goes down, and how long each may take: the less important ones first. Pure.
// Upstream: pkg/kubelet/nodeshutdown (KEP-2000, KEP-2712).

import type { Pod } from '../../api/core/pod.ts';
import { durationToMs } from '../../api/time.ts';
import type { KubeletSettings } from '../settings/kubelet-configuration.ts';

/**
 * How long the node holds the shutdown up in all, and how much of that is for critical pods alone; or instead of both a
 * period for the pods from each priority up to the next.
 */
export type ShutdownSettings = Pick<
  KubeletSettings,
  'shutdownGracePeriod' | 'shutdownGracePeriodCriticalPods' | 'shutdownGracePeriodByPodPriority'
>;

export type ShutdownPeriod = KubeletSettings['shutdownGracePeriodByPodPriority'][number];

export interface ShutdownGroup {
  readonly periodSeconds: number;
  readonly pods: readonly Pod[];
}

const SYSTEM_CRITICAL = 2_000_000_000;

/** From the lowest priority to the highest; none where shutdowns are not to be held up. */
export function shutdownPeriods(settings: ShutdownSettings): readonly ShutdownPeriod[] {
  const byPriority = settings.shutdownGracePeriodByPodPriority;
  if (byPriority.length > 0) return byPriority.toSorted((a, b) => a.priority - b.priority);
  const all = durationToMs(settings.shutdownGracePeriod) / 1000;
  const critical = durationToMs(settings.shutdownGracePeriodCriticalPods) / 1000;
  if (all <= 0 || critical < 0 || critical > all) return [];
  return [
    { priority: 0, shutdownGracePeriodSeconds: all - critical },
    { priority: SYSTEM_CRITICAL, shutdownGracePeriodSeconds: critical },
  ];
}

/** A pod belongs to the highest period that is not above its priority; below all of them, to the lowest. */
export function shutdownGroups(periods: readonly ShutdownPeriod[], pods: readonly Pod[]): readonly ShutdownGroup[] {
  const groups = periods.map(({ shutdownGracePeriodSeconds }) => ({
    periodSeconds: shutdownGracePeriodSeconds,
    pods: [] as Pod[],
  }));
  for (const pod of pods) {
    const index = periods.findLastIndex(({ priority }) => priority <= (pod.spec.priority ?? 0));
    groups[Math.max(0, index)]?.pods.push(pod);
  }
  return groups.filter((group) => group.pods.length > 0);
}

/** What a pod may take: never more than it has asked for itself. */
export function shutdownGrace(pod: Pod, periodSeconds: number): number {
  return Math.min(pod.spec.terminationGracePeriodSeconds ?? periodSeconds, periodSeconds);
}
