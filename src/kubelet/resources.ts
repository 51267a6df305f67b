// Requests and limits as the kernel takes them. Upstream: pkg/kubelet/cm/helpers_linux.go, pkg/kubelet/qos/policy.go.

import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import { isSidecar } from '../api/core/sidecar.ts';
import { quantityMilliValue, quantityValue } from '../api/quantity.ts';
import type { LinuxContainerResources } from '../cri/sandbox-messages.ts';

const MIN_SHARES = 2;
const MAX_SHARES = 262_144;
const PERIOD_MICROSECONDS = 100_000;
const MIN_QUOTA_MICROSECONDS = 1_000;

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
  };
}

/** What the containers of a pod may use together; a limit of 0 means none. */
export function podResources(pod: Pod): {
  readonly cpuShares: number;
  readonly cpuQuota: number;
  readonly memoryBytes: number;
} {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)];
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const overhead = pod.spec.overhead ?? {};
  const shares = sum(all.map(({ resources }) => milliOf(resources.requests?.['cpu'] ?? resources.limits?.['cpu'])));
  const limited = (resource: string) => all.every(({ resources }) => resources.limits?.[resource] !== undefined);
  const cpu = limited('cpu')
    ? sum(all.map(({ resources }) => milliOf(resources.limits?.['cpu']))) + milliOf(overhead['cpu'])
    : 0;
  const memory = limited('memory')
    ? sum(all.map(({ resources }) => bytesOf(resources.limits?.['memory']))) + bytesOf(overhead['memory'])
    : 0;
  return { cpuShares: cpuShares(shares + milliOf(overhead['cpu'])), cpuQuota: cpuQuota(cpu), memoryBytes: memory };
}

/** -997 (killed last) for pods with guarantees, 1000 (first) for pods without requests, in between by what they asked for. */
function oomScoreAdjust(pod: Pod, container: Container, nodeMemoryBytes: number): number {
  if (pod.spec.priorityClassName === 'system-node-critical') return -997;
  if (pod.status.qosClass === 'Guaranteed') return -997;
  if (pod.status.qosClass === 'BestEffort' || nodeMemoryBytes === 0) return 1000;
  const requested = bytesOf(container.resources.requests?.['memory']);
  const adjust = Math.floor(1000 - (1000 * requested) / nodeMemoryBytes);
  return Math.min(999, Math.max(1000 + -997, adjust));
}

function milliOf(quantity: string | undefined): number {
  return quantity === undefined ? 0 : quantityMilliValue(quantity);
}

function bytesOf(quantity: string | undefined): number {
  return quantity === undefined ? 0 : quantityValue(quantity);
}
