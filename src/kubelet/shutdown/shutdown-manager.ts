// Holds the machine's shutdown up until the pods have ended, by their priority, as long as the options allow; meanwhile
// the node is not ready and takes no pods. Who tells of shutdowns is handed in. Upstream: pkg/kubelet/nodeshutdown.

import type { Pod } from '../../api/core/pod.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { PodEnding } from '../pod-record.ts';
import { type ShutdownPeriod, shutdownGrace, shutdownGroups } from './shutdown-groups.ts';

/** Delays the machine's shutdowns and tells of them. */
export interface ShutdownWatch {
  /**
   * Takes the lock that delays shutdowns, and resolves with `true` as soon as one begins, with `false` when one is called
   * off. The machine goes on shutting down when `release` is called. Rejects when shutdowns cannot be watched.
   */
  next(signal: AbortSignal): Promise<boolean>;
  release(): void;
}

export interface ShutdownDeps {
  readonly watch: ShutdownWatch;
  /** Pods that are not over. */
  readonly pods: () => readonly Pod[];
  /** Resolves when no container of the pod runs any more. */
  readonly end: (pod: Pod, ending: PodEnding) => Promise<void>;
  /** Whether the node is shutting down has changed. */
  readonly changed: (shuttingDown: boolean) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const MESSAGE = 'Pod was terminated in response to imminent node shutdown.';
const RETRY_MS = 1_000;

/** Resolves when the signal aborts. */
export async function watchShutdowns(
  deps: ShutdownDeps,
  periods: readonly ShutdownPeriod[],
  signal: AbortSignal,
): Promise<void> {
  const { watch, changed, clock, log } = deps;
  while (!signal.aborted) {
    try {
      const begins = await watch.next(signal);
      changed(begins);
      if (!begins) continue;
      log.info('the machine is shutting down: its pods are ended');
      await endPods(deps, periods, signal).finally(() => watch.release());
    } catch (error) {
      if (signal.aborted) return;
      log.warn('shutdowns of the machine cannot be watched', { error });
      await sleep(clock, RETRY_MS, signal).catch(() => {}); // Ended: the loop sees it.
    }
  }
}

/** One group after the other; one that is not done in its time is left behind. */
async function endPods(
  { pods, end, clock }: ShutdownDeps,
  periods: readonly ShutdownPeriod[],
  signal: AbortSignal,
): Promise<void> {
  for (const group of shutdownGroups(periods, pods())) {
    const over = new AbortController();
    const done = Promise.all(
      group.pods.map((pod) => {
        const graceSeconds = shutdownGrace(pod, group.periodSeconds);
        return end(pod, { reason: 'Terminated', message: MESSAGE, graceSeconds, disruption: true });
      }),
    ).finally(() => over.abort());
    const time = sleep(clock, group.periodSeconds * 1000, AbortSignal.any([signal, over.signal])).catch(() => {});
    await Promise.race([done, time]);
    signal.throwIfAborted();
  }
}
