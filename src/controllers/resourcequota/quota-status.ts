// What the status of a quota is to say. Pure. Upstream: syncResourceQuota of pkg/controller/resourcequota.

import type { ResourceQuota, ResourceQuotaStatus } from '../../api/core/resource-quota.ts';
import { addQuantities, compareQuantities } from '../../api/quantity.ts';
import { pickResources, type ResourceList, sameResources } from '../../api/resource-list.ts';

/** Whether the status does not say all there is to say about the spec. */
export function isUncounted({ spec, status }: ResourceQuota): boolean {
  const { hard } = spec;
  return !sameResources(hard, status.hard) || Object.keys(hard ?? {}).some((name) => status.used?.[name] === undefined);
}

/** Undefined when it says so already. What nobody counts stays; what is under way stays charged. */
export function quotaStatus(
  { spec, status }: ResourceQuota,
  counted: ResourceList,
  underWay: ResourceList,
): ResourceQuotaStatus | undefined {
  const { hard = {} } = spec;
  const before = status.used ?? {};
  const used: Record<string, string> = pickResources(before, (name) => hard[name] !== undefined);
  for (const name of Object.keys(hard)) {
    const now = counted[name];
    if (now !== undefined) used[name] = settled(now, before[name], underWay[name] ?? '0');
  }
  return sameResources(hard, status.hard) && sameResources(used, before) ? undefined : { hard, used };
}

function settled(counted: string, before: string | undefined, underWay: string): string {
  if (before === undefined || compareQuantities(counted, before) >= 0) return counted;
  const most = addQuantities(counted, underWay);
  return compareQuantities(most, before) < 0 ? most : before;
}
