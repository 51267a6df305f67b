// What a container gets with devices of several resources: pure. Where two plugins want different things in one place, the
// first has it. Upstream: deviceRunContainerOptions in pkg/kubelet/cm/devicemanager/pod_devices.go.

import type { ContainerAllocation } from './device-plugin-messages.ts';

export const NO_DEVICES: ContainerAllocation = { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [] };

export function mergedAllocation(parts: readonly ContainerAllocation[]): ContainerAllocation {
  if (parts.length === 0) return NO_DEVICES;
  const byPath = ({ containerPath }: { readonly containerPath: string }) => containerPath;
  return {
    envs: firstOf(parts.map(({ envs }) => envs)),
    mounts: uniqueBy(
      parts.flatMap(({ mounts }) => mounts),
      byPath,
    ),
    devices: uniqueBy(
      parts.flatMap(({ devices }) => devices),
      byPath,
    ),
    annotations: firstOf(parts.map(({ annotations }) => annotations)),
    cdiDevices: uniqueBy(
      parts.flatMap(({ cdiDevices }) => cdiDevices),
      ({ name }) => name,
    ),
  };
}

function firstOf(maps: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...maps.toReversed());
}

function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const found = new Map<string, T>();
  for (const item of items) if (!found.has(keyOf(item))) found.set(keyOf(item), item);
  return [...found.values()];
}
