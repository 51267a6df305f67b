// A profile: the plugins that schedule the pods of one scheduler name, and the running of them at each extension point.
// Upstream: pkg/scheduler/framework/runtime.

import { messageOf } from '../base/message-of.ts';
import { EVERY_EVENT, type EventRegistration, type QueueEvent, type QueueingHint, WILDCARD } from './cluster-event.ts';
import { DEFAULT_SCHEDULER_NAME, neededPlugins, pluginsAt, type SchedulerProfile } from './configuration.ts';
import {
  type CycleState,
  EXTENSION_POINTS,
  type ExtensionPoint,
  type Handle,
  isRejection,
  type NominatedPods,
  type PermitStatus,
  type Plugin,
  type PluginRegistry,
  type PostFilterResult,
  type Status,
} from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { NodeStatuses } from './node-statuses.ts';
import type { PodInfo } from './pod-info.ts';
import type { QueuedPod } from './queued-pod.ts';

/** A plugin threw. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  constructor(plugin: string, point: string, cause: unknown) {
    const what = messageOf(cause);
    super(`running ${point} plugin ${JSON.stringify(plugin)}: ${what}`, { cause });
  }
}

type At<P extends ExtensionPoint> = Plugin & Required<Pick<Plugin, P>>;
type Points = { readonly [P in ExtensionPoint]: readonly At<P>[] };
interface Hint {
  readonly plugin: string;
  readonly hint: QueueingHint | undefined;
}

export interface PreFilterOutcome {
  /** Turned down for all nodes. */
  readonly status?: Status;
  /** The only nodes to look at, and the plugins that said so. */
  readonly nodeNames?: ReadonlySet<string>;
  readonly limitedBy: readonly string[];
}

export class Profile {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore: number | undefined;
  readonly #nominatedPods: NominatedPods;
  readonly #points: Points;
  readonly #weights: ReadonlyMap<string, number>;
  readonly #filters: readonly At<'filter'>[];
  readonly #hints = new Map<string, readonly Hint[]>();
  readonly #registrations: readonly { readonly plugin: string; readonly registration: EventRegistration }[];

  /** Throws for a configuration that names unknown plugins, or has not exactly one for the order of the queue. */
  constructor(configuration: SchedulerProfile, registry: PluginRegistry, handleOf: (profile: Profile) => Handle) {
    this.schedulerName = configuration.schedulerName ?? DEFAULT_SCHEDULER_NAME;
    this.percentageOfNodesToScore = configuration.percentageOfNodesToScore;
    const handle = handleOf(this);
    this.#nominatedPods = handle.nominatedPods;
    const plugins = makePlugins(configuration, registry, handle);
    const at = (point: ExtensionPoint) => pluginsAt(point, configuration, plugins);
    this.#points = Object.fromEntries(
      EXTENSION_POINTS.map((point) => [point, at(point).map(({ name }) => pluginWith(point, plugins.get(name), name))]),
    ) as unknown as Points;
    this.#weights = new Map(at('score').map(({ name, weight }) => [name, weight || 1]));
    this.#filters = this.#points.filter;
    if (this.#points.queueSort.length !== 1) throw new TypeError('a profile needs exactly one queueSort plugin');
    if (this.#points.bind.length === 0) throw new TypeError('a profile needs at least one bind plugin');
    this.#registrations = registrationsOf(this.#points);
  }

  get queueSortPlugin(): string {
    return this.#points.queueSort[0]?.name ?? '';
  }

  get hasPostFilters(): boolean {
    return this.#points.postFilter.length > 0;
  }

  get hasScores(): boolean {
    return this.#points.score.length > 0;
  }

  compare(a: QueuedPod, b: QueuedPod): number {
    return this.#points.queueSort[0]?.queueSort(a, b) ?? 0;
  }

  /** The first plugin that keeps the pod out; the one that did so last time is asked first. */
  preEnqueue(pod: PodInfo, gatingPlugin: string | undefined): Status | undefined {
    const plugins = this.#points.preEnqueue;
    const gating = plugins.find(({ name }) => name === gatingPlugin);
    const first = gating?.preEnqueue(pod);
    if (first) return first;
    for (const plugin of plugins) {
      const status = plugin === gating ? undefined : plugin.preEnqueue(pod);
      if (status) return status;
    }
    return undefined;
  }

  hintsFor(event: QueueEvent): readonly Hint[] {
    if (event === WILDCARD) return [];
    const key = `${event.resource}/${event.action}`;
    let hints = this.#hints.get(key);
    if (!hints) {
      hints = this.#registrations
        .filter(
          ({ registration: { resources, actions } }) =>
            resources.includes(event.resource) && actions.includes(event.action),
        )
        .map(({ plugin, registration }) => ({ plugin, hint: registration.hint }));
      this.#hints.set(key, hints);
    }
    return hints;
  }

  preFilter(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): PreFilterOutcome {
    let nodeNames: ReadonlySet<string> | undefined;
    const limitedBy: string[] = [];
    for (const plugin of this.#points.preFilter) {
      const result = attempt(plugin, 'PreFilter', () => plugin.preFilter(state, pod, nodes));
      if (!result) continue;
      if ('nodeNames' in result) {
        limitedBy.push(plugin.name);
        nodeNames = nodeNames ? nodeNames.intersection(result.nodeNames) : result.nodeNames;
        if (nodeNames.size === 0) return { status: noNodeLeft(limitedBy), limitedBy };
      } else if (result.code === 'Skip') {
        state.skippedFilters.add(plugin.name);
      } else if (isRejection(result)) {
        return { status: result, limitedBy };
      } else {
        throw new PluginError(plugin.name, 'PreFilter', result.error ?? result.reasons.join(', '));
      }
    }
    return { ...(nodeNames ? { nodeNames } : {}), limitedBy };
  }

  addPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void {
    for (const plugin of this.#points.preFilter) {
      if (!state.skippedFilters.has(plugin.name)) plugin.addPod?.(state, pod, added, node);
    }
  }

  removePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void {
    for (const plugin of this.#points.preFilter) {
      if (!state.skippedFilters.has(plugin.name)) plugin.removePod?.(state, pod, removed, node);
    }
  }

  /** The filters that have something to say about the pod: worked out once for all nodes of a cycle. */
  filtersFor(state: CycleState): readonly At<'filter'>[] {
    const { skippedFilters } = state;
    return skippedFilters.size === 0 ? this.#filters : this.#filters.filter(({ name }) => !skippedFilters.has(name));
  }

  /** The first filter that turns the node down. */
  filter(filters: readonly At<'filter'>[], state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined {
    // This is the innermost loop of scheduling: one `try` for all plugins and no closures.
    let running = '';
    try {
      for (const plugin of filters) {
        running = plugin.name;
        const status = plugin.filter(state, pod, node);
        if (!status) continue;
        if (isRejection(status)) return status;
        throw status.error ?? new Error(status.reasons.join(', '));
      }
      return undefined;
    } catch (error) {
      throw new PluginError(running, 'Filter', error);
    }
  }

  /**
   * Filters twice where pods of the same or a higher priority are nominated to the node: with them on it, since they may
   * take the room; and without, since they may never come and the pod must not depend on them.
   */
  filterWithNominatedPods(
    filters: readonly At<'filter'>[],
    state: CycleState,
    pod: PodInfo,
    node: NodeInfo,
  ): Status | undefined {
    const nominated = this.#nominatedPods.on(node.name);
    const status = nominated.length > 0 ? this.#filterBeside(nominated, filters, state, pod, node) : undefined;
    return status ?? this.filter(filters, state, pod, node);
  }

  /** With the pods of the same or a higher priority that are nominated to the node imagined on it. */
  #filterBeside(
    nominated: readonly PodInfo[],
    filters: readonly At<'filter'>[],
    state: CycleState,
    pod: PodInfo,
    node: NodeInfo,
  ): Status | undefined {
    const before = nominated.filter(({ uid, priority }) => uid !== pod.uid && priority >= pod.priority);
    if (before.length === 0) return undefined;
    const imagined = node.clone();
    const imaginedState = state.clone();
    for (const other of before) {
      imagined.addPod(other);
      this.addPod(imaginedState, pod, other, imagined);
    }
    return this.filter(filters, imaginedState, pod, imagined);
  }

  /** Asks the plugins one after another until one has done something or says that nothing can be done. */
  async postFilter(
    state: CycleState,
    pod: PodInfo,
    statuses: NodeStatuses,
    signal: AbortSignal,
  ): Promise<PostFilterResult> {
    const reasons: string[] = [];
    let nominatedNodeName: string | undefined;
    let plugin = '';
    for (const candidate of this.#points.postFilter) {
      const result = await candidate.postFilter(state, pod, statuses, signal);
      if (!result.status || result.status.code === 'UnschedulableAndUnresolvable') return result;
      if (!isRejection(result.status)) return result;
      reasons.push(...result.status.reasons);
      nominatedNodeName = result.nominatedNodeName ?? nominatedNodeName;
      plugin ||= result.status.plugin;
    }
    return {
      status: { code: 'Unschedulable', reasons, plugin },
      ...(nominatedNodeName === undefined ? {} : { nominatedNodeName }),
    };
  }

  /** The weighted sum of all scores for each node. */
  score(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): readonly number[] {
    for (const plugin of this.#points.preScore) {
      const status = attempt(plugin, 'PreScore', () => plugin.preScore(state, pod, nodes));
      if (status?.code === 'Skip') state.skippedScores.add(plugin.name);
      else if (status) throw new PluginError(plugin.name, 'PreScore', status.error ?? status.reasons.join(', '));
    }
    const totals = new Array<number>(nodes.length).fill(0);
    for (const plugin of this.#points.score) {
      if (state.skippedScores.has(plugin.name)) continue;
      const scores = attempt(plugin, 'Score', () => nodes.map((node) => plugin.score(state, pod, node)));
      attempt(plugin, 'NormalizeScore', () => plugin.normalizeScores?.(state, pod, scores, nodes));
      const weight = this.#weights.get(plugin.name) ?? 1;
      for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] ?? 0) + weight * (scores[i] ?? 0);
    }
    return totals;
  }

  reserve(state: CycleState, pod: PodInfo, nodeName: string): Status | undefined {
    for (const plugin of this.#points.reserve) {
      const status = attempt(plugin, 'Reserve', () => plugin.reserve(state, pod, nodeName));
      if (status) return status;
    }
    return undefined;
  }

  /** In reverse, and for all of them whatever happens: none may keep what it holds. */
  unreserve(state: CycleState, pod: PodInfo, nodeName: string): void {
    for (const plugin of this.#points.reserve.toReversed()) plugin.unreserve?.(state, pod, nodeName);
  }

  /** Either turned down, or the plugins that want binding to wait. */
  permit(state: CycleState, pod: PodInfo, nodeName: string): { status?: Status; waits: readonly PermitStatus[] } {
    const waits: PermitStatus[] = [];
    for (const plugin of this.#points.permit) {
      const status = attempt(plugin, 'Permit', () => plugin.permit(state, pod, nodeName));
      if (status?.code === 'Wait') waits.push(status);
      else if (status) return { status, waits: [] };
    }
    return { waits };
  }

  async preBind(state: CycleState, pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<Status | undefined> {
    for (const plugin of this.#points.preBind) {
      const status = await plugin.preBind(state, pod, nodeName, signal);
      if (status) return status;
    }
    return undefined;
  }

  async bind(state: CycleState, pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<Status | undefined> {
    for (const plugin of this.#points.bind) {
      const status = await plugin.bind(state, pod, nodeName, signal);
      if (status?.code !== 'Skip') return status;
    }
    return { code: 'Error', reasons: ['no bind plugin took the pod'], plugin: '' };
  }

  postBind(state: CycleState, pod: PodInfo, nodeName: string): void {
    for (const plugin of this.#points.postBind) plugin.postBind(state, pod, nodeName);
  }
}

function makePlugins(
  configuration: SchedulerProfile,
  registry: PluginRegistry,
  handle: Handle,
): ReadonlyMap<string, Plugin> {
  const args = new Map(configuration.pluginConfig?.map((entry) => [entry.name, entry.args]));
  const plugins = new Map<string, Plugin>();
  for (const name of neededPlugins(configuration)) {
    const factory = registry[name];
    if (!factory) throw new TypeError(`there is no scheduler plugin ${JSON.stringify(name)}`);
    plugins.set(name, factory(handle, args.get(name)));
  }
  return plugins;
}

function pluginWith<P extends ExtensionPoint>(point: P, plugin: Plugin | undefined, name: string): At<P> {
  if (!plugin?.[point]) throw new TypeError(`plugin ${JSON.stringify(name)} has no extension point ${point}`);
  return plugin as At<P>;
}

/** Plugins that can turn pods down at any of these points say by which events that may change. */
const TURNING_DOWN = ['preEnqueue', 'preFilter', 'filter', 'reserve', 'permit'] as const;

function registrationsOf(points: Points) {
  const plugins = new Set<Plugin>(TURNING_DOWN.flatMap((point): readonly Plugin[] => points[point]));
  return [...plugins].flatMap((plugin) =>
    (plugin.events?.() ?? EVERY_EVENT).map((registration) => ({ plugin: plugin.name, registration })),
  );
}

function noNodeLeft(plugins: readonly string[]): Status {
  const [only] = plugins;
  const reason =
    plugins.length === 1
      ? `node(s) didn't satisfy plugin ${only}`
      : `node(s) didn't satisfy plugin(s) [${plugins.join(' ')}] simultaneously`;
  return { code: 'UnschedulableAndUnresolvable', reasons: [reason], plugin: '' };
}

function attempt<T>(plugin: Plugin, point: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof PluginError ? error : new PluginError(plugin.name, point, error);
  }
}
