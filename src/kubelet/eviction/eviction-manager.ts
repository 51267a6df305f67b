// Looks again and again at what the node is short of, gives back what nobody needs, and ends pods where that does not do:
// one at a time, the one that is most to blame. Pods that have more on disk than they may are ended as well. Upstream:
// pkg/kubelet/eviction/eviction_manager.go.

import type { Pod } from '../../api/core/pod.ts';
import { durationToMs } from '../../api/time.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Logger } from '../../base/log.ts';
import { isCritical } from '../admission/preemption.ts';
import type { NodeFigures, ReadFigures } from '../figures/figures.ts';
import type { NodeEvents } from '../pod-events.ts';
import type { PodEvents } from '../pod-parts.ts';
import type { PodEnding } from '../pod-record.ts';
import type { PodWorkers } from '../pod-workers.ts';
import type { KubeletSettings } from '../settings/kubelet-configuration.ts';
import { assessPressure, NO_PRESSURE, type PressureOptions } from './assess-pressure.ts';
import { evictionMessage } from './eviction-message.ts';
import { exceededLimit, hasLocalLimit } from './local-limits.ts';
import { rankPods } from './rank-pods.ts';
import { isOfDisk, type Observations, observe, type Pressure, resourceOf, type Signal } from './signals.ts';
import { crossedThresholds, evictionThresholds, type Threshold } from './thresholds.ts';

export interface EvictionDeps {
  readonly figures: ReadFigures;
  readonly workers: Pick<PodWorkers, 'active' | 'end'>;
  readonly podEvents: Pick<PodEvents, 'pod'>;
  readonly nodeEvents: NodeEvents;
  /** What takes away what nobody needs of the node's disk, in this order. */
  readonly reclaims: readonly ((signal: AbortSignal) => Promise<void>)[];
  /** The node's conditions have changed. */
  readonly changed: (pressures: readonly Pressure[]) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const LOOK_MS = 10_000;
/** How long what a pod gives back is waited for. */
const CLEANUP_MS = 30_000;
/** What a pod gets to end when the node cannot wait. */
const HURRY_SECONDS = 1;
const REASON = 'Evicted';

export class EvictionManager {
  readonly #deps: EvictionDeps;
  readonly #options: PressureOptions;
  readonly #softGraceSeconds: number;
  /** How many pods have been ended, by signal or limit. */
  readonly counts = new Map<string, number>();
  #state = NO_PRESSURE;
  #pressures: readonly Pressure[] = [];

  constructor(deps: EvictionDeps, settings: KubeletSettings) {
    this.#deps = deps;
    this.#options = {
      thresholds: evictionThresholds(settings),
      transitionMs: durationToMs(settings.evictionPressureTransitionPeriod),
    };
    this.#softGraceSeconds = settings.evictionMaxPodGracePeriod;
  }

  /** Resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    while (!signal.aborted) {
      const hasEnded = await this.look(signal).catch((error) => {
        if (!signal.aborted) log.warn('what the node is short of could not be found out', { error });
        return false;
      });
      // Whether it was enough is seen at once.
      if (!hasEnded) await sleep(clock, LOOK_MS, signal).catch(() => {}); // Aborted: the loop ends.
    }
  }

  /** One look, and what follows from it. Resolves with whether pods have been ended. */
  async look(signal: AbortSignal): Promise<boolean> {
    const { figures: read, workers, clock } = this.#deps;
    const { node } = await read('node', signal);
    const observations = observe(node);
    const { state, conditions, due } = assessPressure(this.#state, observations, this.#options, clock.elapsed());
    this.#state = state;
    this.#tell(conditions);
    const pods = workers.active().filter((pod) => !isCritical(pod));
    if (await this.#endThoseBeyondLimits(pods.filter(hasLocalLimit), signal)) return true;
    if (!due[0] || (await this.#reclaim(due[0], node, signal))) return false;
    return this.#endOne(pods, { due, observations }, signal);
  }

  #tell(conditions: readonly Pressure[]): void {
    if (deepEqual(conditions, this.#pressures)) return;
    this.#pressures = conditions;
    this.#deps.log.info('what the node is short of has changed', { conditions });
    this.#deps.changed(conditions);
  }

  async #endThoseBeyondLimits(pods: readonly Pod[], signal: AbortSignal): Promise<boolean> {
    if (pods.length === 0) return false;
    const { node, pods: measured } = await this.#deps.figures('shortages', signal);
    const ends = pods.flatMap((pod) => {
      const figures = measured.find(({ uid }) => uid === pod.metadata.uid);
      const exceeded = figures && exceededLimit(pod, figures, node.dedicatedImageFs === true);
      if (!exceeded) return [];
      this.#count(exceeded.limit);
      return [this.#end(pod, exceeded.message, { graceSeconds: HURRY_SECONDS }, signal)];
    });
    await Promise.all(ends);
    return ends.length > 0;
  }

  /** Resolves with whether the node has enough again without any pod's end. */
  async #reclaim({ signal: starved }: Threshold, node: NodeFigures, signal: AbortSignal): Promise<boolean> {
    const { nodeEvents, reclaims, figures: read, log } = this.#deps;
    nodeEvents.node('Warning', 'EvictionThresholdMet', `Attempting to reclaim ${resourceOf(starved)}`);
    if (!isReclaimable(starved, node.dedicatedImageFs === true)) return false;
    for (const reclaim of reclaims) {
      await reclaim(signal).catch((error) => {
        signal.throwIfAborted();
        log.warn('not everything that nobody needs could be taken away', { error });
      });
    }
    const observations = observe((await read('node', signal)).node);
    return crossedThresholds(this.#options.thresholds, observations, { withReclaim: true }).length === 0;
  }

  async #endOne(
    pods: readonly Pod[],
    { due, observations }: { readonly due: readonly Threshold[]; readonly observations: Observations },
    signal: AbortSignal,
  ): Promise<boolean> {
    const [threshold] = due;
    const { node, pods: measured } = await this.#deps.figures('shortages', signal);
    const figuresOf = (pod: Pod) => measured.find(({ uid }) => uid === pod.metadata.uid);
    // Who has most is known when all have been counted, which is before the next look.
    if (threshold && isOfDisk(threshold.signal) && measured.some(({ volumes }) => !volumes)) return false;
    const dedicatedImageFs = node.dedicatedImageFs === true;
    const [pod] = threshold ? rankPods(pods, { signal: threshold.signal, figuresOf, dedicatedImageFs }) : [];
    if (!threshold || !pod) {
      this.#deps.log.warn('the node is short of something, and no pod can be ended for it');
      return false;
    }
    const graceSeconds = threshold.graceMs === 0 ? HURRY_SECONDS : this.#softGraceSeconds;
    const { message, annotations } = evictionMessage(pod, figuresOf(pod), due, observations);
    // Below zero: as long as the pod has asked for.
    const how = { ...(graceSeconds < 0 ? {} : { graceSeconds }), disruption: true };
    this.#count(threshold.signal);
    await this.#end(pod, message, how, signal, annotations);
    return true;
  }

  #count(cause: string): void {
    this.counts.set(cause, (this.counts.get(cause) ?? 0) + 1);
  }

  async #end(
    pod: Pod,
    message: string,
    how: Pick<PodEnding, 'graceSeconds' | 'disruption'>,
    signal: AbortSignal,
    annotations?: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { workers, podEvents, clock, log } = this.#deps;
    const { name, namespace, uid } = pod.metadata;
    podEvents.pod(pod, 'Warning', REASON, message, annotations);
    log.info('a pod is evicted', { pod: `${namespace}/${name}`, message });
    const over = new AbortController();
    const end = workers.end(uid, { reason: REASON, message, clears: true, ...how }).finally(() => over.abort());
    const limit = sleep(clock, CLEANUP_MS, AbortSignal.any([signal, over.signal])).catch(() => {}); // Ended or aborted.
    await Promise.race([end, limit]);
  }
}

/** Whether containers and images take of what is short. */
function isReclaimable(starved: Signal, dedicatedImageFs: boolean): boolean {
  return isOfDisk(starved) && (starved.startsWith('imagefs.') || !dedicatedImageFs);
}
