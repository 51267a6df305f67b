// Requests and limits as the kernel takes them. Upstream: pkg/kubelet/cm/helpers_linux.go, pkg/kubelet/qos/policy.go.

import type { Container } from '../api/core/container.ts';
import type { ResourceRequirements } from '../api/core/container-resources.ts';
import type { Pod } from '../api/core/pod.ts';
import { aggregateContainers } from '../api/core/pod-resources.ts';
import { hugePageSize, isHugePages } from '../api/core/resource-names.ts';
import { quantityMilliValue, quantityOf, quantityOfMilli, quantityValue } from '../api/quantity.ts';
import type { ResourceList } from '../api/resource-list.ts';
import type { LinuxContainerResources } from '../cri/sandbox-messages.ts';
import type { CgroupLimits } from './cgroup-limits.ts';
import { qosClass } from './qos.ts';
import { allContainers, type RuntimeContainer } from './runtime-pod.ts';

export const MIN_SHARES = 2;
export const MAX_SHARES = 262_144;
const PERIOD_MICROSECONDS = 100_000;
const MIN_QUOTA_MICROSECONDS = 1_000;
/** The same in thousandths of a CPU. */
export const MIN_MILLI_CPU_LIMIT = 10;
/** Whom the kernel kills last and first when memory runs out. */
const GUARANTEED_ADJUST = -997;
const BEST_EFFORT_ADJUST = 1000;

/** CPU time when there is not enough for all, in cgroup v1's unit: 1024 for a CPU. */
export function cpuShares(milliCpu: number): number {
  if (milliCpu === 0) return MIN_SHARES;
  return Math.min(MAX_SHARES, Math.max(MIN_SHARES, Math.floor((milliCpu * 1024) / 1000)));
}

/** Microseconds of CPU time in each period; 0 for no limit. */
export function cpuQuota(milliCpu: number): number {
  if (milliCpu === 0) return 0;
  return Math.max(MIN_QUOTA_MICROSECONDS, Math.floor((milliCpu * PERIOD_MICROSECONDS) / 1000));
}

/** What the kernel is told of a container's resources; what is below its least counts as that. 0 means none. */
export interface EffectiveResources {
  readonly cpuRequest: number;
  readonly cpuLimit: number;
  readonly memoryRequest: number;
  readonly memoryLimit: number;
}

export function effectiveResources({ requests = {}, limits = {} }: ResourceRequirements): EffectiveResources {
  const cpuLimit = milliOf(limits['cpu']);
  const memoryLimit = bytesOf(limits['memory']);
  return {
    cpuRequest: Math.max(MIN_SHARES, requests['cpu'] === undefined ? cpuLimit : milliOf(requests['cpu'])),
    cpuLimit: cpuLimit === 0 ? 0 : Math.max(MIN_MILLI_CPU_LIMIT, cpuLimit),
    memoryRequest: requests['memory'] === undefined ? memoryLimit : bytesOf(requests['memory']),
    memoryLimit,
  };
}

/** The resources as the runtime has them, written as they are known where that is the same to the kernel. */
export function reportedResources(
  known: ResourceRequirements,
  told: NonNullable<RuntimeContainer['resources']>,
): ResourceRequirements {
  const expected = effectiveResources(known);
  const cpuLimit = told.cpuPeriod > 0 ? Math.ceil((told.cpuQuota * 1000) / told.cpuPeriod) : 0;
  const cpuRequest = Math.ceil((told.cpuShares * 1000) / 1024);
  const limits = { ...known.limits };
  const requests = { ...known.requests };
  if (told.cpuQuota > 0 && cpuLimit !== expected.cpuLimit) limits['cpu'] = quantityOfMilli(cpuLimit);
  if (told.memoryBytes > 0 && told.memoryBytes !== expected.memoryLimit) {
    limits['memory'] = quantityOf(told.memoryBytes, 'BinarySI');
  }
  if (requests['cpu'] !== undefined && told.cpuShares > 0 && cpuRequest !== expected.cpuRequest) {
    requests['cpu'] = quantityOfMilli(cpuRequest);
  }
  return {
    ...known,
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
    ...(Object.keys(requests).length > 0 ? { requests } : {}),
  };
}

/** What all pods of a node may use together: all that is not kept back. Upstream: --enforce-node-allocatable=pods. */
export function nodeLimits(
  { cpus, memoryBytes }: { readonly cpus: number; readonly memoryBytes: number },
  reserved: ResourceList,
): Pick<CgroupLimits, 'cpuShares' | 'memoryBytes'> {
  return {
    cpuShares: cpuShares(Math.max(0, cpus * 1000 - milliOf(reserved['cpu']))),
    memoryBytes: Math.max(0, memoryBytes - bytesOf(reserved['memory'])),
  };
}

/** What a container may use. `nodeMemoryBytes` is the machine's, for whom the kernel kills first when memory runs out. */
export function containerResources(pod: Pod, container: Container, nodeMemoryBytes: number): LinuxContainerResources {
  const { requests = {}, limits = {} } = container.resources;
  const limit = milliOf(limits['cpu']);
  const request = requests['cpu'] === undefined ? limit : milliOf(requests['cpu']);
  const memory = bytesOf(limits['memory']);
  return {
    cpuPeriod: PERIOD_MICROSECONDS,
    cpuQuota: cpuQuota(limit),
    cpuShares: cpuShares(request),
    memoryLimitInBytes: memory,
    ...(memory > 0 ? { memorySwapLimitInBytes: memory } : {}),
    oomScoreAdj: oomScoreAdjust(pod, container, nodeMemoryBytes),
    ...hugePageLimits(limits),
  };
}

function hugePageLimits(limits: ResourceList): Pick<LinuxContainerResources, 'hugepageLimits'> {
  const sizes = Object.keys(limits).filter(isHugePages);
  if (sizes.length === 0) return {};
  return { hugepageLimits: sizes.map((name) => ({ pageSize: kernelPageSize(name), limit: bytesOf(limits[name]) })) };
}

/** What the containers of a pod may use together, init containers at their peak included; a limit of 0 means none. */
export function podResources(pod: Pod): CgroupLimits {
  const { spec } = pod;
  const requests = { ...aggregateContainers(spec, 'requests'), ...spec.resources?.requests };
  const limits = { ...aggregateContainers(spec, 'limits'), ...spec.resources?.limits };
  const all = allContainers(pod);
  // One container without a limit leaves the pod without one, unless the pod itself has it (KEP-2837).
  const limitOf = (resource: string, value: (quantity: string | undefined) => number) => {
    const own = spec.resources?.limits?.[resource];
    const isLimited = own !== undefined || all.every(({ resources }) => value(resources.limits?.[resource]) > 0);
    return isLimited ? value(limits[resource]) + value(spec.overhead?.[resource]) : 0;
  };
  return {
    cpuShares: cpuShares(milliOf(requests['cpu']) + milliOf(spec.overhead?.['cpu'])),
    cpuQuota: cpuQuota(limitOf('cpu', milliOf)),
    memoryBytes: limitOf('memory', bytesOf),
    hugePageBytes: Object.fromEntries(
      Object.entries(limits)
        .filter(([name]) => isHugePages(name))
        .map(([name, quantity]) => [kernelPageSize(name), bytesOf(quantity)]),
    ),
  };
}

/** `2MB` of `hugepages-2Mi`: in the kernel's words kilobytes, megabytes and gigabytes are binary. */
function kernelPageSize(resource: string): string {
  return `${hugePageSize(resource).replace(/i$/, '').toUpperCase()}B`;
}

/** -997 (killed last) for pods with guarantees, 1000 (first) for pods without requests, in between by what they asked for. */
function oomScoreAdjust(pod: Pod, container: Container, nodeMemoryBytes: number): number {
  if (pod.spec.priorityClassName === 'system-node-critical') return GUARANTEED_ADJUST;
  const quality = qosClass(pod);
  if (quality === 'Guaranteed') return GUARANTEED_ADJUST;
  if (quality === 'BestEffort' || nodeMemoryBytes === 0) return BEST_EFFORT_ADJUST;
  const requested = bytesOf(container.resources.requests?.['memory']);
  const adjust = BEST_EFFORT_ADJUST - Math.floor((1000 * requested) / nodeMemoryBytes);
  return Math.min(BEST_EFFORT_ADJUST - 1, Math.max(BEST_EFFORT_ADJUST + GUARANTEED_ADJUST, adjust));
}

function milliOf(quantity: string | undefined): number {
  return quantity === undefined ? 0 : quantityMilliValue(quantity);
}

function bytesOf(quantity: string | undefined): number {
  return quantity === undefined ? 0 : quantityValue(quantity);
}
