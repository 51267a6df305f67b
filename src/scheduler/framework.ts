// The scheduling framework's contract: what a plugin can do at each extension point, how it answers, and what it may use.
// Running plugins is profile.ts; the default ones are in plugins/. Upstream: the scheduling framework (KEP 624).

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { InformerFactory } from '../client/informer-factory.ts';
import type { EventRegistration } from './cluster-event.ts';
import type { NodeInfo } from './node-info.ts';
import type { NodeStatuses } from './node-statuses.ts';
import type { PodInfo } from './pod-info.ts';
import type { QueuedPod } from './queued-pod.ts';
import type { Snapshot } from './snapshot.ts';
import type { WaitingPods } from './waiting-pods.ts';

/**
 * How a plugin answers. Success is the absence of a status.
 * - `Error`: something is broken; the pod is tried again after a backoff.
 * - `Unschedulable`: not now; removing other pods may help.
 * - `UnschedulableAndUnresolvable`: not now, and removing pods does not help.
 * - `Wait`: only from permit; binding waits.
 * - `Skip`: only from preFilter, preScore and bind: this plugin has nothing to say about this pod.
 * - `Pending`: not now, but the plugin itself is getting it done; no backoff once it says so.
 */
export type StatusCode = 'Error' | 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Wait' | 'Skip' | 'Pending';

export interface Status {
  readonly code: StatusCode;
  /** Shown to the user, counted per reason over all nodes. */
  readonly reasons: readonly string[];
  /** The plugin whose answer this is. */
  readonly plugin: string;
  /** What was thrown, for `Error`. */
  readonly error?: unknown;
}

/** A status of `Wait` names how long at most; without it, 15 minutes. */
export type PermitStatus = Status & { readonly timeoutMs?: number };

/** Whether the pod was turned down, rather than something having failed. */
export function isRejection(status: Status): boolean {
  return status.code === 'Unschedulable' || status.code === 'UnschedulableAndUnresolvable' || status.code === 'Pending';
}

export const MAX_NODE_SCORE = 100;

/** A typed slot in the state of a cycle. Values that plugins change during a cycle say how they are copied. */
export interface StateKey<T> {
  readonly name: string;
  copy?(value: T): T;
}

/** What plugins remember of one pod's scheduling cycle, from extension point to extension point. */
export class CycleState {
  readonly #values = new Map<StateKey<unknown>, unknown>();
  /** Plugins whose preFilter or preScore answered `Skip`: they are not asked again in this cycle. */
  readonly skippedFilters: Set<string>;
  readonly skippedScores = new Set<string>();
  /** Pods that plugins want to be tried again as soon as this cycle has succeeded. */
  readonly podsToActivate = new Set<PodInfo>();

  constructor(skippedFilters: Iterable<string> = []) {
    this.skippedFilters = new Set(skippedFilters);
  }

  write<T>(key: StateKey<T>, value: T): void {
    this.#values.set(key as StateKey<unknown>, value);
  }

  /** The value; throws when the plugin's earlier extension point has not run, which is a bug. */
  read<T>(key: StateKey<T>): T {
    const value = this.#values.get(key as StateKey<unknown>);
    if (value === undefined) throw new Error(`nothing in the cycle state under ${key.name}`);
    return value as T;
  }

  readIfPresent<T>(key: StateKey<T>): T | undefined {
    return this.#values.get(key as StateKey<unknown>) as T | undefined;
  }

  /** A copy that can be changed (pods added and removed) without touching this one. */
  clone(): CycleState {
    const clone = new CycleState(this.skippedFilters);
    for (const [key, value] of this.#values) clone.#values.set(key, key.copy ? key.copy(value) : value);
    return clone;
  }
}

/** Limits the nodes that filters look at. */
export interface NodeNames {
  readonly nodeNames: ReadonlySet<string>;
}

export interface PostFilterResult {
  readonly status?: Status;
  /** The node to keep for the pod; `''` clears an earlier one; absent leaves it as it is. */
  readonly nominatedNodeName?: string;
}

/**
 * A plugin: a name and any of the extension points. Those up to `permit` are synchronous and run one pod at a time on a
 * snapshot that does not change meanwhile, except `postFilter`, which may take its time (nothing else is scheduled until
 * it is done). What is thrown counts as `Error`.
 */
export interface Plugin {
  readonly name: string;

  /** The cluster events that may make a pod schedulable which this plugin turned down. Absent: all events. */
  events?(): readonly EventRegistration[];

  /** Keeps a pod out of the active queue. */
  preEnqueue?(pod: PodInfo): Status | undefined;
  /** The order of the active queue; exactly one plugin of a profile, the same in all profiles. */
  queueSort?(a: QueuedPod, b: QueuedPod): number;

  preFilter?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Status | NodeNames | undefined;
  /** Brings what preFilter worked out up to date for a pod that is imagined on a node, or away from it. */
  addPod?(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void;
  removePod?(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void;
  filter?(state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined;
  /** After no node passed. */
  postFilter?(state: CycleState, pod: PodInfo, statuses: NodeStatuses, signal: AbortSignal): Promise<PostFilterResult>;

  preScore?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Status | undefined;
  score?(state: CycleState, pod: PodInfo, node: NodeInfo): number;
  /** Brings the plugin's scores, in the order of the nodes, into 0 to MAX_NODE_SCORE, in place. */
  normalizeScores?(state: CycleState, pod: PodInfo, scores: number[], nodes: readonly NodeInfo[]): void;

  /** From here on the pod is assumed to be on the node. `unreserve` undoes it, and is called also if it was not reached. */
  reserve?(state: CycleState, pod: PodInfo, nodeName: string): Status | undefined;
  unreserve?(state: CycleState, pod: PodInfo, nodeName: string): void;
  permit?(state: CycleState, pod: PodInfo, nodeName: string): PermitStatus | undefined;

  preBind?(state: CycleState, pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<Status | undefined>;
  /** The first that does not answer `Skip` has bound the pod, or failed to. */
  bind?(state: CycleState, pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<Status | undefined>;
  postBind?(state: CycleState, pod: PodInfo, nodeName: string): void;
}

/** The extension points that a profile switches on and off one by one. */
export const EXTENSION_POINTS = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
] as const;
export type ExtensionPoint = (typeof EXTENSION_POINTS)[number];

/** Pods that preemption has made room for and that are not there yet. */
export interface NominatedPods {
  on(nodeName: string): readonly PodInfo[];
}

/** What plugins may use. */
export interface Handle {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly waitingPods: WaitingPods;
  readonly nominatedPods: NominatedPods;
  /** Asked for when the plugin is made: what it reads has synced before the first pod is scheduled. */
  readonly informers: InformerFactory;
  readonly events: EventRecorder;
  /** The nodes as of the start of the cycle. */
  snapshot(): Snapshot;
  /** Runs the profile's filters as if the nominated pods of the same or a higher priority were on the node already. */
  filterWithNominatedPods(state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined;
  addPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void;
  removePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void;
  /** Tries these pods again without waiting for an event. */
  activate(pods: Iterable<PodInfo>): void;
  /** Sets or clears the nominated node of another pod. */
  clearNomination(pod: PodInfo): void;
  /** Starts work that outlives the cycle; the scheduler waits for it when it stops. */
  background(work: (signal: AbortSignal) => Promise<void>): void;
  /** Lets the event loop turn when the current stretch has become long. */
  breathe(): Promise<void>;
}

/** Makes a plugin from its arguments in the configuration. Throws for arguments that are wrong. */
export type PluginFactory = (handle: Handle, args: unknown) => Plugin;
export type PluginRegistry = Readonly<Record<string, PluginFactory>>;
