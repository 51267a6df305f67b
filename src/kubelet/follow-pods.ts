// Has the pods of the node worked on, those that the API binds to it and those of its own files, by what happens to them
// there and on the runtime.

import type { Pod } from '../api/core/pod.ts';
import { aborted } from '../base/aborted.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Informer } from '../client/informer.ts';
import type { Cri } from '../cri/cri.ts';
import type { PodAgent } from './pod-agent.ts';
import { followRuntime } from './runtime-events.ts';
import { followManifests } from './static-pods/manifest-directory.ts';
import { isMirror } from './static-pods/static-pod.ts';
import type { StaticPods } from './static-pods/static-pods.ts';

const RETRY_MS = 1_000;

export interface Following {
  /** Resolves once the node is registered and it is known what it can do: that decides which pods it takes. */
  readonly registered: Promise<unknown>;
  /** Takes over what is left of former pods. */
  readonly endOrphans: (signal: AbortSignal) => Promise<void>;
  /** All pods are known from now on. */
  readonly known: () => void;
  readonly agent: PodAgent;
  readonly pods: Informer<Pod>;
  readonly staticPods: StaticPods;
  readonly cri: Cri;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Works until the signal aborts, and rejects with its reason then. */
export async function followPods(
  { agent, pods, staticPods, registered, endOrphans, known, cri, clock, log }: Following,
  staticPodPath: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { workers } = agent;
  // Pods are taken over only when everything about them is known: a restarted agent must not start them anew.
  await Promise.all([pods.synced(signal), agent.ready(signal)]);
  await Promise.race([registered, aborted(signal)]);
  signal.throwIfAborted();
  await using _files =
    staticPodPath === undefined
      ? undefined
      : await followManifests({ clock, log }, staticPodPath, (manifests) => staticPods.take(manifests));
  using _pods = pods.subscribe((changes) => {
    workers.take(changes.filter(({ object }) => !isMirror(object)));
    staticPods.mirrorsChanged(changes.filter(({ object }) => isMirror(object)));
  });
  const orphans = async () => {
    try {
      await endOrphans(signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      log.warn('what is left of former pods could not be found out', { error });
      return false;
    }
  };
  while (!(await orphans())) await sleep(clock, RETRY_MS, signal);
  known();
  await followRuntime({ cri, clock, log, watching: () => workers.size > 0 }, (uid) => workers.wake(uid), signal);
}
