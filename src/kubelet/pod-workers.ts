// The pods of a node at work: a record and a place in the queue for each, so that no pod waits for another. What one look
// at a pod does is pod-worker.ts.

import type { Pod } from '../api/core/pod.ts';
import type { Logger } from '../base/log.ts';
import { messageOf } from '../base/message-of.ts';
import { WorkQueue } from '../base/work-queue.ts';
import type { Change } from '../client/object-cache.ts';
import { type PodAdmission, PodPlaces } from './pod-places.ts';
import { gracePeriodOf, isEnding, newPodRecord, type PodEnding, type PodRecord } from './pod-record.ts';
import { type PodWorkerDeps, reconcilePod } from './pod-worker.ts';
import type { PodOnRuntime } from './runtime-inspector.ts';
import type { RuntimePod } from './runtime-pod.ts';
import { showsOtherwise } from './volumes/shown-pod.ts';

export interface PodWorkersDeps extends Omit<PodWorkerDeps, 'equip'> {
  readonly log: Logger;
  readonly contents: PodContents;
  readonly admission: PodAdmission;
}

/** What comes to pods from outside while they run: ConfigMaps, Secrets, tokens. */
export interface PodContents {
  /** Watches over what the pod refers to. */
  follow(pod: Pod): void;
  /** Brings the pod's volumes up to date. */
  refresh(pod: Pod): Promise<void>;
  /** When it wants to be refreshed by itself, in milliseconds since the epoch. */
  refreshAt(uid: string): number | undefined;
  /** The pod needs its contents no more. */
  release(uid: string): void;
  /** Nothing of the pod is left. */
  forget(uid: string): void;
}

/** All pods at once, as a slow one must not keep another waiting; more than any node has. */
const CONCURRENCY = 1_000;
const BACKOFF = { baseMs: 1_000, maxMs: 60_000 };
const RETRY_LIMIT = { perSecond: 1_000, burst: 1_000 };
const REFRESH_RETRY_MS = 15_000;
/** Whoever waits for room to be resized is looked at this often, besides when room may have come. */
const RESIZE_RETRY_MS = 180_000;

export class PodWorkers implements AsyncDisposable {
  readonly #deps: PodWorkersDeps & PodWorkerDeps;
  readonly #records = new Map<string, PodRecord>();
  /** Whoever is being worked on, with what breaks that off. */
  readonly #running = new Map<string, AbortController>();
  /** Pods whose volumes may have to show something else. */
  readonly #stale = new Set<string>();
  /** Who waits for pods to end. */
  readonly #ends = new Map<string, (() => void)[]>();
  readonly #queue: WorkQueue;
  readonly #places: PodPlaces;

  constructor(deps: PodWorkersDeps) {
    this.#deps = { ...deps, equip: (record, signal) => this.#places.equip(record, signal) };
    this.#places = new PodPlaces({
      ...deps,
      records: () => this.#records.values(),
      wake: (uid) => this.wake(uid),
      end: (uid) => {
        this.#running.get(uid)?.abort(BROKEN_OFF);
        this.#queue.add(uid);
      },
    });
    this.#queue = new WorkQueue(
      { clock: deps.clock, work: (uid, closing) => this.#work(uid, closing) },
      {
        concurrency: CONCURRENCY,
        backoff: BACKOFF,
        retryLimit: RETRY_LIMIT,
        observer: {
          retrying: (uid, error, failures) =>
            deps.log.warn('a pod could not be brought to what it should be', { ...this.#nameOf(uid), failures, error }),
        },
      },
    );
  }

  get size(): number {
    return this.#records.size;
  }

  /** Of every pod what the runtime held at the last look. */
  runtimes(): readonly RuntimePod[] {
    return [...this.#records.values()].flatMap(({ runtime }) => runtime ?? []);
  }

  /** Of every pod that there is a record of. */
  uids(): readonly string[] {
    return [...this.#records.keys()];
  }

  record(uid: string): PodRecord | undefined {
    return this.#records.get(uid);
  }

  /** Pods that the node has taken and that are not over, with what they have been given; none that the agent ends itself. */
  active(): readonly Pod[] {
    const records = [...this.#records.values()];
    return records.filter(({ admitted, released, verdict }) => admitted && !released && !verdict).map(({ pod }) => pod);
  }

  /** Looks at the pod before long; at one that is unknown, never. */
  wake(uid: string): void {
    if (this.#records.has(uid)) this.#queue.add(uid);
  }

  contentsChanged(uid: string): void {
    this.#stale.add(uid);
    this.wake(uid);
  }

  /** What has happened to the pods of this node. */
  take(changes: readonly Change<Pod>[]): void {
    const added: PodRecord[] = [];
    for (const { type, object: pod } of changes) {
      const { uid } = pod.metadata;
      const known = this.#records.get(uid);
      if (!known && type === 'deleted') continue;
      const record = known ?? newPodRecord(pod);
      const graceBefore = isEnding(record) ? gracePeriodOf(record) : Number.POSITIVE_INFINITY;
      this.#places.update(record, pod);
      record.removed = type === 'deleted';
      this.#records.set(uid, record);
      if (!known) added.push(record);
      if (type !== 'deleted') this.#deps.statuses.observe(pod);
      // What is under way is in the way of a pod that is to end, or to end sooner.
      if (isEnding(record) && gracePeriodOf(record) < graceBefore) this.#running.get(uid)?.abort(BROKEN_OFF);
      this.#queue.add(uid);
    }
    // Who came first is served first, also by an agent that has been started anew.
    for (const record of added.sort(firstCreated)) this.#places.take(record);
    this.#places.review();
  }

  /** The agent itself ends the pod; resolves when no container of it runs any more, or it is gone. */
  end(uid: string, ending: PodEnding): Promise<void> {
    const record = this.#records.get(uid);
    if (!record || record.settled) return Promise.resolve();
    const graceBefore = isEnding(record) ? gracePeriodOf(record) : Number.POSITIVE_INFINITY;
    record.verdict ??= ending;
    if (gracePeriodOf(record) < graceBefore) this.#running.get(uid)?.abort(BROKEN_OFF);
    this.#queue.add(uid);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ends.set(uid, [...(this.#ends.get(uid) ?? []), resolve]);
    return promise;
  }

  /** Ends what runtime and disk hold of pods that the API does not know any more. */
  takeOrphans(onRuntime: readonly PodOnRuntime[], onDisk: readonly string[]): void {
    const found = new Map(onDisk.map((uid) => [uid, { uid, name: '', namespace: '' }]));
    for (const pod of onRuntime) found.set(pod.uid, pod);
    for (const { uid, name, namespace } of found.values()) {
      if (this.#records.has(uid)) continue;
      this.#deps.log.info('ending a pod that is no longer in the API', { pod: `${namespace}/${name}`, uid });
      const record = newPodRecord(orphan(uid, name, namespace));
      record.removed = true;
      this.#records.set(uid, record);
      this.#queue.add(uid);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#queue[Symbol.asyncDispose]();
  }

  async #work(uid: string, closing: AbortSignal): Promise<{ requeueAfterMs: number } | undefined> {
    const record = this.#records.get(uid);
    if (!record) return undefined;
    if (this.#places.isWaiting(record) && !isEnding(record)) return undefined; // Woken when they have ended.
    const step = new AbortController();
    this.#running.set(uid, step);
    const { released } = record;
    try {
      await this.#deps.allocations.save(uid);
      const refreshMs = await this.#refresh(record);
      const outcome = await reconcilePod(this.#deps, record, AbortSignal.any([closing, step.signal]));
      if (outcome === 'gone') return this.#forget(uid);
      if (record.settled) this.#ended(uid);
      const resizeMs = record.resize.pending?.reason === 'Deferred' ? RESIZE_RETRY_MS : undefined;
      const delays = [refreshMs, outcome?.requeueAfterMs, resizeMs].filter((delay) => delay !== undefined);
      return delays.length > 0 ? { requeueAfterMs: Math.min(...delays) } : undefined;
    } catch (error) {
      // Broken off because the pod is to end, which is what the next look is for.
      if (step.signal.aborted && !closing.aborted) return { requeueAfterMs: 0 };
      throw error;
    } finally {
      this.#running.delete(uid);
      if (record.released !== released) this.#places.released(uid);
      else if (record.resize.pending) this.#places.review();
    }
  }

  /** Contents that change while the pod runs; before its first container they are mounted anyway. */
  async #refresh(record: PodRecord): Promise<number | undefined> {
    const { clock, contents, events } = this.#deps;
    const { pod, settled, runtime } = record;
    const { uid } = pod.metadata;
    if (settled || isEnding(record)) return undefined;
    contents.follow(pod);
    const isDue = () => (contents.refreshAt(uid) ?? Number.POSITIVE_INFINITY) <= clock.now();
    const isStale = () => this.#stale.delete(uid) || !record.shown || showsOtherwise(record.shown, pod) || isDue();
    if (runtime?.containers.length && isStale()) {
      try {
        record.shown = pod;
        await contents.refresh(pod);
      } catch (error) {
        events.pod(pod, 'Warning', 'FailedMount', messageOf(error));
        this.#stale.add(uid);
        return REFRESH_RETRY_MS;
      }
    }
    const at = contents.refreshAt(uid);
    return at === undefined ? undefined : Math.max(1_000, at - clock.now());
  }

  #ended(uid: string): void {
    this.#deps.contents.release(uid);
    for (const resolve of this.#ends.get(uid) ?? []) resolve();
    this.#ends.delete(uid);
  }

  #forget(uid: string): undefined {
    this.#ended(uid);
    this.#records.delete(uid);
    this.#stale.delete(uid);
    this.#deps.contents.forget(uid);
    this.#deps.allocations.forget(uid);
    this.#deps.statuses.forget(uid);
  }

  #nameOf(uid: string): { readonly pod?: string } {
    const metadata = this.#records.get(uid)?.pod.metadata;
    return metadata ? { pod: `${metadata.namespace}/${metadata.name}` } : {};
  }
}

function firstCreated({ pod: a }: PodRecord, { pod: b }: PodRecord): number {
  return Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp);
}

const BROKEN_OFF = new Error('the pod is to end');

/** As much of a pod as its labels tell: enough to end it. */
function orphan(uid: string, name: string, namespace: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { uid, name, namespace, resourceVersion: '', creationTimestamp: '' },
    spec: { containers: [] },
    status: {},
  };
}
