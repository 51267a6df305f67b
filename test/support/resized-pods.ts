// What pods that are resized have, by their status and by the kernel.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ResourceRequirements } from '../../src/api/core/container-resources.ts';
import type { Pod } from '../../src/api/core/pod.ts';
import { readLimits, sharesOf, weightOf } from '../../src/kubelet/cgroup-limits.ts';
import { openCgroups } from '../../src/kubelet/cgroups.ts';
import { sameRequirements } from '../../src/kubelet/resize/allocation.ts';
import { containerResources, podResources } from '../../src/kubelet/resources.ts';
import { conditionOf } from './node-pods.ts';

const HIERARCHIES = '/sys/fs/cgroup';

/** `20m/30m 16Mi/32Mi`: requests and limits of CPU and memory, `-` for none, one figure for both. */
export function resourcesOf(text: string): ResourceRequirements {
  const [cpu = '', memory = ''] = text.split(' ');
  const [cpuRequest, cpuLimit] = cpu.split('/');
  const [memoryRequest, memoryLimit] = memory.split('/');
  const listOf = (cpuAmount?: string, memoryAmount?: string) => {
    const entries = Object.entries({ cpu: cpuAmount, memory: memoryAmount }).filter(([, amount]) => amount !== '-');
    return entries.length > 0 ? (Object.fromEntries(entries) as Record<string, string>) : undefined;
  };
  const requests = listOf(cpuRequest, memoryRequest);
  const limits = listOf(cpuLimit ?? cpuRequest, memoryLimit ?? memoryRequest);
  return { ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) };
}

/** The status has what the spec says, and no resize is under way. */
export function isResized(pod: Pod): boolean {
  const isSame = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].every((each) => {
    const status = statusOf(pod, each.name);
    const requests = { requests: status?.allocatedResources ?? {} };
    return (
      status?.state?.running !== undefined &&
      sameRequirements(status.resources, each.resources) &&
      sameRequirements(requests, { requests: each.resources.requests ?? {} })
    );
  });
  const isOver = !conditionOf(pod, 'PodResizePending') && !conditionOf(pod, 'PodResizeInProgress');
  return isSame && isOver && pod.status.observedGeneration === pod.metadata.generation;
}

/** The groups of the pod and of its containers have their limits, and no container was started anew but as said. */
export async function assertLimits(
  pod: Pod,
  cgroupRoot: string,
  restarts: Readonly<Record<string, number>> = {},
): Promise<void> {
  const cgroups = await openCgroups(cgroupRoot);
  const unified = existsSync(join(HIERARCHIES, 'cgroup.controllers'));
  /** Version 2 has weights, of which there are fewer. */
  const kept = (shares = 0) => (unified ? sharesOf(weightOf(shares)) : shares);
  const { hugePageBytes: _none, ...expected } = podResources(pod);
  const ofPod = { ...expected, cpuShares: kept(expected.cpuShares) };
  assert.deepEqual(await cgroups.limits(pod), ofPod, 'the pod’s group');
  for (const each of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    const status = statusOf(pod, each.name);
    assert.equal(status?.restartCount, restarts[each.name] ?? 0, each.name);
    const path = join(cgroups.pathOf(pod), status?.containerID?.slice('containerd://'.length) ?? '');
    const { cpuShares, cpuQuota, memoryLimitInBytes } = containerResources(pod, each, 0);
    const limits = { cpuShares: kept(cpuShares), cpuQuota, memoryBytes: memoryLimitInBytes };
    assert.deepEqual(await readLimits({ root: HIERARCHIES, path, unified }), limits, each.name);
  }
}

function statusOf({ status }: Pod, name: string) {
  return [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].find(
    (each) => each.name === name,
  );
}
