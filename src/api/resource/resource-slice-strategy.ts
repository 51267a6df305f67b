// Since when a slice's devices are tainted, and what its writers are warned of. Upstream: SetDefaults_DeviceTaint in
// pkg/apis/resource/v1 and pkg/registry/resource/resourceslice.

import type { Draft } from '../schema.ts';
import type { WriteContext } from '../write-context.ts';
import type { ResourceSlice } from './resource-slice.ts';

export function stampTaints({ spec }: Draft<ResourceSlice>, _previous: unknown, { now }: WriteContext): void {
  for (const { taints } of spec.devices ?? []) for (const taint of taints ?? []) taint.timeAdded ??= now;
}

export function resourceSliceWarnings({ spec: { driver } }: ResourceSlice): readonly string[] {
  if (driver === driver.toLowerCase()) return [];
  return [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`];
}
