// What is wrong with what containers, pods and claims ask for, in view of the limits of their namespace. Pure. Upstream:
// PodValidateLimitFunc and PersistentVolumeClaimValidateLimitFunc in plugin/pkg/admission/limitranger.

import type { LimitRangeItem } from '../../api/core/limit-range.ts';
import type { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import type { Pod } from '../../api/core/pod.ts';
import { specifiedResources } from '../../api/core/pod-resources.ts';
import { compareQuantities, quantitySign, quantityToNumber } from '../../api/quantity.ts';
import type { ResourceList } from '../../api/resource-list.ts';

interface Asked {
  readonly requests?: ResourceList;
  readonly limits?: ResourceList;
}

export function podFaults({ spec }: Pod, items: readonly LimitRangeItem[]): readonly string[] {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  return items.flatMap((item) => {
    if (item.type === 'Container') return containers.flatMap(({ resources }) => faultsOf(item, resources));
    if (item.type !== 'Pod') return [];
    const requests = specifiedResources(spec, 'requests');
    return faultsOf(item, { requests, limits: specifiedResources(spec, 'limits') });
  });
}

/** Claims only have requests that count. */
export function claimFaults({ spec }: PersistentVolumeClaim, items: readonly LimitRangeItem[]): readonly string[] {
  const requests = spec.resources?.requests ?? {};
  return items
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap((item) => [
      ...eachOf(item.min, (name, least) => belowMin(item, name, least, { requests })),
      ...eachOf(item.max, (name, most) => {
        const rule = `maximum ${name} usage per ${item.type} is ${most}`;
        const request = requests[name];
        if (request === undefined) return `${rule}.  No request is specified`;
        return compareQuantities(request, most) > 0 ? `${rule}, but request is ${request}` : undefined;
      }),
    ]);
}

function faultsOf(item: LimitRangeItem, asked: Asked): readonly string[] {
  return [
    ...eachOf(item.min, (name, least) => belowMin(item, name, least, asked)),
    ...eachOf(item.max, (name, most) => aboveMax(item, name, most, asked)),
    ...eachOf(item.maxLimitRequestRatio, (name, most) => aboveRatio(item, name, most, asked)),
  ];
}

function belowMin({ type }: LimitRangeItem, name: string, least: string, { requests, limits }: Asked) {
  const rule = `minimum ${name} usage per ${type} is ${least}`;
  const request = requests?.[name];
  const limit = limits?.[name];
  if (request === undefined) return `${rule}.  No request is specified`;
  if (compareQuantities(request, least) < 0) return `${rule}, but request is ${request}`;
  return limit !== undefined && compareQuantities(limit, least) < 0 ? `${rule}, but limit is ${limit}` : undefined;
}

function aboveMax({ type }: LimitRangeItem, name: string, most: string, { requests, limits }: Asked) {
  const rule = `maximum ${name} usage per ${type} is ${most}`;
  const request = requests?.[name];
  const limit = limits?.[name];
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (compareQuantities(limit, most) > 0) return `${rule}, but limit is ${limit}`;
  return request !== undefined && compareQuantities(request, most) > 0
    ? `${rule}, but request is ${request}`
    : undefined;
}

function aboveRatio({ type }: LimitRangeItem, name: string, most: string, { requests, limits }: Asked) {
  const rule = `${name} max limit to request ratio per ${type} is ${most}`;
  const request = requests?.[name];
  const limit = limits?.[name];
  if (request === undefined || quantitySign(request) === 0)
    return `${rule}, but no request is specified or request is 0`;
  if (limit === undefined || quantitySign(limit) === 0) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = quantityToNumber(limit) / quantityToNumber(request);
  return ratio > quantityToNumber(most) ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}

function eachOf(
  limits: ResourceList | undefined,
  faultOf: (name: string, quantity: string) => string | undefined,
): readonly string[] {
  return Object.entries(limits ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, quantity]) => faultOf(name, quantity) ?? []);
}
