// What becomes of the status of a claim's devices. Upstream: pkg/registry/resource/resourceclaim.

import { restoreMetadata } from '../metadata-restore.ts';
import type { Draft } from '../schema.ts';
import type { ResourceClaim } from './resource-claim.ts';
import { deviceKey } from './resource-claim-validation.ts';

/** Devices that have been taken away have no status any more. */
export function prepareClaimForStatusUpdate(claim: Draft<ResourceClaim>, previous: ResourceClaim): void {
  restoreMetadata(claim.metadata, previous.metadata);
  const { status } = claim;
  const kept = new Set(status.allocation?.devices.results?.map(deviceKey));
  const isGone = new Set(
    previous.status.allocation?.devices.results?.map(deviceKey).filter((device) => !kept.has(device)),
  );
  if (isGone.size === 0 || !status.devices) return;
  const devices = status.devices.filter((device) => !isGone.has(deviceKey(device)));
  if (devices.length > 0) status.devices = devices;
  else delete status.devices;
}
