// What claims for devices use: their number, and of each device class as many devices as they may get. Upstream:
// pkg/quota/v1/evaluator/core/resource_claims.go, without the extended resources that device classes can stand for.

import type { AnyObject } from '../kind.ts';
import { quantityOf } from '../quantity.ts';
import type { ResourceClaim } from '../resource/resource-claim.ts';
import type { DeviceRequest, DeviceSubRequest, ExactDeviceRequest } from '../resource/resource-claim-spec.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';

const COUNT = 'count/resourceclaims.resource.k8s.io';
const OF_CLASS = '.deviceclass.resource.k8s.io/devices';
/** What a request for all devices can come to: AllocationResultsMaxSize. */
const MAX_DEVICES = 32;

export const resourceClaimEvaluator: QuotaEvaluator = {
  tracks: (resource) => resource === COUNT || resource.endsWith(OF_CLASS),
  isCharged: ({ subresource }) => subresource === '',
  isInScope: () => false,
  usage(object) {
    const devices = new Map<string, number>();
    for (const request of asClaim(object).spec.devices.requests ?? []) {
      for (const [name, count] of devicesOf(request)) devices.set(name, (devices.get(name) ?? 0) + count);
    }
    const ofClasses = [...devices].map(([name, count]) => [name + OF_CLASS, quantityOf(count)]);
    return { [COUNT]: '1', ...Object.fromEntries(ofClasses) };
  },
  isRecounted: () => false, // The spec never changes.
};

/** Where there are alternatives, the worst case for each class. */
function devicesOf({ exactly, firstAvailable = [] }: DeviceRequest): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const request of exactly ? [exactly] : firstAvailable) {
    const name = request.deviceClassName;
    most.set(name, Math.max(most.get(name) ?? 0, countOf(request)));
  }
  return most;
}

function countOf({ allocationMode, count = 0 }: ExactDeviceRequest | DeviceSubRequest): number {
  return allocationMode === 'All' ? MAX_DEVICES : count;
}

function asClaim(object: AnyObject): ResourceClaim {
  return object as unknown as ResourceClaim;
}
