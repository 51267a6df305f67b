// The scheduler: gives every pod that names no node one. Puts its parts together and runs them. A client of the API
// server like any other; who leads is the caller's business (run it only while leading).

import { Node } from '../api/core/node.ts';
import { PersistentVolume } from '../api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../api/core/persistent-volume-claim.ts';
import { Pod } from '../api/core/pod.ts';
import type { Kind } from '../api/kind.ts';
import { StorageClass } from '../api/storage/storage-class.ts';
import { Breather } from '../base/breather.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { Informer } from '../client/informer.ts';
import type { InformerFactory } from '../client/informer-factory.ts';
import type { Change } from '../client/object-cache.ts';
import { BackgroundWork } from './background-work.ts';
import { Cache } from './cache.ts';
import type { EventResource } from './cluster-event.ts';
import type { SchedulerConfiguration } from './configuration.ts';
import { handleNodeChange, handlePodChange, handleStorageChange } from './event-handlers.ts';
import { NodeFinder } from './find-node.ts';
import type { Handle, PluginRegistry } from './framework.ts';
import { Inbox } from './inbox.ts';
import { DEFAULT_REGISTRY } from './plugins/registry.ts';
import { PodStatusWriter } from './pod-status-writer.ts';
import { Profile } from './profile.ts';
import { type QueueOptions, SchedulingQueue } from './queue.ts';
import { scheduleOne } from './schedule-one.ts';
import type { SchedulerObserver, SchedulingCore } from './scheduling-core.ts';
import { Snapshot } from './snapshot.ts';
import { WaitingPods } from './waiting-pods.ts';

export interface SchedulerDeps {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Of component `default-scheduler`. The caller closes it. */
  readonly events: EventRecorder;
}

export interface SchedulerOptions {
  readonly configuration?: SchedulerConfiguration;
  /** Besides, or in place of, the plugins that come with the scheduler. */
  readonly plugins?: PluginRegistry;
  readonly observer?: SchedulerObserver;
  /** How many bindings are under way at a time. Absent: 128. */
  readonly maxBindings?: number;
}

export interface Scheduler extends AsyncDisposable {
  /** Schedules until the signal is aborted; then resolves when all that was begun has ended. Not twice at a time. */
  run(signal: AbortSignal): Promise<void>;
  /** How many pods wait, and where. */
  readonly queueSizes: SchedulingQueue['sizes'];
}

/**
 * Begins to read nodes and pods at once, and schedules while it runs. Throws `TypeError` for a configuration that is
 * wrong. Close it before the informers.
 */
export function createScheduler(deps: SchedulerDeps, options: SchedulerOptions = {}): Scheduler {
  const { core, breather, closed } = makeInternals(deps, options);
  const nodes = deps.informers.informer(Node);
  const pods = deps.informers.informer(Pod);
  const subscriptions = new DisposableStack();
  // Nodes first: a pod then finds the node that it is on.
  const inbox = new Inbox(deps.log, new Breather(deps.clock));
  const onNode = (change: Change<Node>) => handleNodeChange(core, change);
  const onPod = (change: Change<Pod>) => handlePodChange(core, change);
  subscriptions.use(nodes.subscribe((changes) => inbox.push(changes, onNode)));
  subscriptions.use(pods.subscribe((changes) => inbox.push(changes, onPod)));
  for (const [resource, kind] of STORAGE_KINDS) {
    const onStorage = (change: Change<unknown>) => handleStorageChange(core, resource, change);
    const informer: Pick<Informer<unknown>, 'subscribe'> = deps.informers.informer(kind);
    subscriptions.use(informer.subscribe((changes) => inbox.push(changes, onStorage)));
  }
  subscriptions.use(core.queue);
  return {
    get queueSizes() {
      return core.queue.sizes;
    },
    async run(signal) {
      try {
        await deps.informers.synced(signal);
        await inbox.settled();
        await scheduleUntilAborted(core, breather, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        core.waitingPods.rejectAll('the scheduler has stopped');
        await core.background.idle();
      }
    },
    async [Symbol.asyncDispose]() {
      closed.abort(new Error('the scheduler was closed'));
      subscriptions.dispose();
      await core.background.idle();
      await core.statusWriter[Symbol.asyncDispose]();
    },
  };
}

const STORAGE_KINDS: readonly (readonly [EventResource, Kind])[] = [
  ['PersistentVolume', PersistentVolume],
  ['PersistentVolumeClaim', PersistentVolumeClaim],
  ['StorageClass', StorageClass],
];

async function scheduleUntilAborted(core: SchedulingCore, breather: Breather, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const queued = core.queue.pop();
    if (!queued) {
      await core.queue.ready(signal);
      breather.begin();
      continue;
    }
    await scheduleOne(core, queued, signal);
    await core.background.room();
    await breather.breathe();
  }
}

interface Internals {
  readonly core: SchedulingCore;
  readonly breather: Breather;
  /** Aborted when the scheduler is closed. */
  readonly closed: AbortController;
}

function makeInternals(
  deps: SchedulerDeps,
  { configuration = {}, plugins, observer = {}, maxBindings = 128 }: SchedulerOptions,
): Internals {
  const { clock, log, random, events, informers, client } = deps;
  const profiles = new Map<string, Profile>();
  const queue = new SchedulingQueue({ clock, log, profiles }, queueOptions(configuration));
  const core: SchedulingCore = {
    clock,
    log,
    events,
    observer,
    profiles,
    queue,
    pods: informers.informer(Pod),
    cache: new Cache(),
    snapshot: new Snapshot(),
    finder: new NodeFinder(random, configuration.percentageOfNodesToScore ?? 0),
    waitingPods: new WaitingPods(),
    background: new BackgroundWork(log, maxBindings),
    statusWriter: new PodStatusWriter({ client, clock, log }),
  };
  const internals = { core, breather: new Breather(clock), closed: new AbortController() };
  const registry = { ...DEFAULT_REGISTRY, ...plugins };
  for (const entry of configuration.profiles ?? [{}]) {
    const profile = new Profile(entry, registry, (made) => handleFor(made, deps, internals));
    if (profiles.has(profile.schedulerName)) throw new TypeError(`two profiles are named ${profile.schedulerName}`);
    const [first = profile] = profiles.values();
    if (first.queueSortPlugin !== profile.queueSortPlugin) {
      throw new TypeError('all profiles share one queue and must have the same queueSort plugin');
    }
    profiles.set(profile.schedulerName, profile);
  }
  return internals;
}

function queueOptions({ podInitialBackoffSeconds, podMaxBackoffSeconds }: SchedulerConfiguration): QueueOptions {
  return {
    ...(podInitialBackoffSeconds === undefined ? {} : { initialBackoffMs: podInitialBackoffSeconds * 1000 }),
    ...(podMaxBackoffSeconds === undefined ? {} : { maxBackoffMs: podMaxBackoffSeconds * 1000 }),
  };
}

function handleFor(profile: Profile, deps: SchedulerDeps, { core, breather, closed }: Internals): Handle {
  const { client, clock, random, log, informers, events } = deps;
  const { queue, snapshot, waitingPods, background, statusWriter } = core;
  return {
    client,
    clock,
    random,
    log,
    informers,
    events,
    waitingPods,
    nominatedPods: queue.nominations,
    snapshot: () => snapshot,
    filterWithNominatedPods: (state, pod, node) =>
      profile.filterWithNominatedPods(profile.filtersFor(state), state, pod, node),
    addPod: (state, pod, added, node) => profile.addPod(state, pod, added, node),
    removePod: (state, pod, removed, node) => profile.removePod(state, pod, removed, node),
    activate: (pods) => queue.activate(pods),
    clearNomination: ({ pod, uid }) => {
      queue.nominations.delete(uid);
      statusWriter.write(pod, { nominatedNodeName: '' });
    },
    background: (work) => background.start(() => work(closed.signal)),
    breathe: () => breather.breathe(),
  };
}
