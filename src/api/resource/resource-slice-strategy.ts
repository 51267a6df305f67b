// What of a slice's devices is not enabled, since when they are tainted, and what its writers are warned of. Upstream:
// pkg/registry/resource/resourceslice and SetDefaults_DeviceTaint in pkg/apis/resource/v1.

import type { Draft } from '../schema.ts';
import type { WriteContext } from '../write-context.ts';
import type { ResourceSlice } from './resource-slice.ts';

/** Behind feature gates that are off: DRANodeAllocatableResources and DRAListTypeAttributes. */
export function dropDisabledDeviceFields({ spec }: Draft<ResourceSlice>): void {
  for (const device of spec.devices ?? []) {
    delete device.nodeAllocatableResourceMappings;
    for (const attribute of Object.values(device.attributes ?? {})) {
      for (const list of ['ints', 'bools', 'strings', 'versions'] as const) delete attribute[list];
    }
  }
}

export function stampTaints({ spec }: Draft<ResourceSlice>, _previous: unknown, { now }: WriteContext): void {
  for (const { taints } of spec.devices ?? []) for (const taint of taints ?? []) taint.timeAdded ??= now;
}

export function resourceSliceWarnings({ spec: { driver } }: ResourceSlice): readonly string[] {
  if (driver === driver.toLowerCase()) return [];
  return [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`];
}
