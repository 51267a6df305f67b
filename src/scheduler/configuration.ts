// What an operator can say of the scheduler: plain data in the shape of kubescheduler.config.k8s.io/v1
// KubeSchedulerConfiguration, as far as it applies here; and which plugins a profile ends up with at each point.

import { EXTENSION_POINTS, type ExtensionPoint, type Plugin } from './framework.ts';

export interface SchedulerConfiguration {
  /** How much of the cluster is looked at for a pod before the best of what was found is taken. 0: adaptive. */
  readonly percentageOfNodesToScore?: number;
  readonly podInitialBackoffSeconds?: number;
  readonly podMaxBackoffSeconds?: number;
  /** Absent: the one profile `default-scheduler` with the default plugins. */
  readonly profiles?: readonly SchedulerProfile[];
}

export interface SchedulerProfile {
  readonly schedulerName?: string;
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: { readonly [P in ExtensionPoint | 'multiPoint']?: PluginSet };
  readonly pluginConfig?: readonly { readonly name: string; readonly args: unknown }[];
}

/** Changes to a default: `disabled` takes plugins away (`*`: all), `enabled` adds or re-weighs them. */
export interface PluginSet {
  readonly enabled?: readonly EnabledPlugin[];
  readonly disabled?: readonly { readonly name: string }[];
}

export interface EnabledPlugin {
  readonly name: string;
  /** Of its score; absent: 1. */
  readonly weight?: number;
}

export const DEFAULT_SCHEDULER_NAME = 'default-scheduler';

/** In the order in which they run. Upstream: apis/config/v1/default_plugins.go. */
export const DEFAULT_PLUGINS: readonly EnabledPlugin[] = [
  { name: 'SchedulingGates' },
  { name: 'PrioritySort' },
  { name: 'NodeUnschedulable' },
  { name: 'NodeName' },
  { name: 'TaintToleration', weight: 3 },
  { name: 'NodeAffinity', weight: 2 },
  { name: 'NodePorts' },
  { name: 'NodeResourcesFit', weight: 1 },
  { name: 'VolumeBinding' },
  { name: 'PodTopologySpread', weight: 2 },
  { name: 'InterPodAffinity', weight: 2 },
  { name: 'DefaultPreemption' },
  { name: 'NodeResourcesBalancedAllocation', weight: 1 },
  { name: 'ImageLocality', weight: 1 },
  { name: 'DefaultBinder' },
];

/** The plugins of a profile that are enabled for all points they have, after the profile's changes. */
function multiPointPlugins({ plugins }: SchedulerProfile): readonly EnabledPlugin[] {
  return applyPluginSet(DEFAULT_PLUGINS, plugins?.multiPoint);
}

/** The names of all plugins that the profile needs at some point. */
export function neededPlugins(profile: SchedulerProfile): ReadonlySet<string> {
  const names = new Set(multiPointPlugins(profile).map(({ name }) => name));
  for (const point of EXTENSION_POINTS) {
    for (const { name } of profile.plugins?.[point]?.enabled ?? []) names.add(name);
  }
  return names;
}

/**
 * The plugins at one extension point, in order: first those that the profile re-configures for this point, in its order;
 * then the others that have the point; then those enabled for this point alone.
 */
export function pluginsAt(
  point: ExtensionPoint,
  profile: SchedulerProfile,
  plugins: ReadonlyMap<string, Plugin>,
): readonly EnabledPlugin[] {
  const set = profile.plugins?.[point];
  const disabled = new Set(set?.disabled?.map(({ name }) => name));
  const multiPoint = multiPointPlugins(profile).filter(({ name }) => plugins.get(name)?.[point] !== undefined);
  const inMultiPoint = new Set(multiPoint.map(({ name }) => name));
  const explicit = set?.enabled ?? [];
  const overridden = new Set(explicit.map(({ name }) => name));
  return [
    ...explicit.filter(({ name }) => inMultiPoint.has(name)),
    ...multiPoint.filter(({ name }) => !overridden.has(name) && !disabled.has(name) && !disabled.has('*')),
    ...explicit.filter(({ name }) => !inMultiPoint.has(name)),
  ];
}

function applyPluginSet(defaults: readonly EnabledPlugin[], set: PluginSet | undefined): readonly EnabledPlugin[] {
  if (!set) return defaults;
  const disabled = new Set(set.disabled?.map(({ name }) => name));
  const enabled = new Map(set.enabled?.map((plugin) => [plugin.name, plugin]));
  const kept = disabled.has('*') ? [] : defaults.filter(({ name }) => !disabled.has(name));
  const replaced = kept.map((plugin) => enabled.get(plugin.name) ?? plugin);
  const known = new Set(replaced.map(({ name }) => name));
  return [...replaced, ...[...enabled.values()].filter(({ name }) => !known.has(name))];
}
