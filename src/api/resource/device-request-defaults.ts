// How many devices a request is for. Upstream: SetDefaults_ExactDeviceRequest and SetDefaults_DeviceSubRequest in
// pkg/apis/resource/v1.

import type { Draft } from '../schema.ts';
import type { DeviceSubRequest, ExactDeviceRequest, ResourceClaimSpec } from './resource-claim-spec.ts';

export function defaultDeviceRequests(spec: Draft<ResourceClaimSpec>): void {
  for (const { exactly, firstAvailable } of spec.devices.requests ?? []) {
    for (const request of [exactly, ...(firstAvailable ?? [])]) if (request) defaultCount(request);
  }
}

function defaultCount(request: Draft<ExactDeviceRequest | DeviceSubRequest>): void {
  request.allocationMode ||= 'ExactCount';
  if (request.allocationMode === 'ExactCount') request.count ||= 1;
}
