// Resizes a pod that runs: its own group and the containers in it, memory before CPU, and in each the group first where it
// grows and last where it shrinks, so that it never holds less than its containers may use. Upstream: doPodResizeAction in
// pkg/kubelet/kuberuntime.

import type { ResourceRequirements } from '../../api/core/container-resources.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { PodCgroups } from '../cgroups.ts';
import type { ContainerResizer } from '../pod-parts.ts';
import { effectiveResources, podResources } from '../resources.ts';
import type { Allocations } from './allocations.ts';
import { type ContainerResize, inPlace, type ResizePlan, type Resource } from './plan-resize.ts';

export interface ResizeDeps {
  readonly cgroups: Pick<PodCgroups, 'limits' | 'limit' | 'usage'>;
  readonly allocations: Pick<Allocations, 'actuate' | 'actuatePod'>;
  readonly runtime: ContainerResizer;
}

/** The resize cannot be carried out now: memory is in use that is to be given back. */
export class ResizeError extends Error {
  override readonly name = 'ResizeError';
}

/** What has been done is noted even where the rest fails. Throws ResizeError, or what runtime and kernel say. */
export async function resizePod(deps: ResizeDeps, pod: Pod, plan: ResizePlan, signal: AbortSignal): Promise<void> {
  const now = await deps.cgroups.limits(pod);
  if (!now) throw new ResizeError('the pod has no control group');
  const wanted = podResources(pod);
  await checkMemory(deps, pod, plan, now.memoryBytes, signal);
  const resizing = new Map<string, ResourceRequirements>();
  const resizeAll = async (resource: Resource) => {
    for (const resize of inPlace(plan.containers, resource))
      await resizeOne(deps, pod, resize, resource, resizing, signal);
  };
  const memory = [now.memoryBytes, wanted.memoryBytes] as const;
  if (isMore(...memory)) await deps.cgroups.limit(pod, { memoryBytes: wanted.memoryBytes });
  await resizeAll('memory');
  if (isLess(...memory)) await deps.cgroups.limit(pod, { memoryBytes: wanted.memoryBytes });

  const quota = [now.cpuQuota, wanted.cpuQuota] as const;
  if (isMore(...quota)) await deps.cgroups.limit(pod, { cpuQuota: wanted.cpuQuota });
  if (wanted.cpuShares > now.cpuShares) await deps.cgroups.limit(pod, { cpuShares: wanted.cpuShares });
  await resizeAll('cpu');
  if (wanted.cpuShares < now.cpuShares) await deps.cgroups.limit(pod, { cpuShares: wanted.cpuShares });
  if (isLess(...quota)) await deps.cgroups.limit(pod, { cpuQuota: wanted.cpuQuota });
  deps.allocations.actuatePod(pod.metadata.uid, pod.spec.resources);
}

/** The kernel would kill for it. */
async function checkMemory(
  { cgroups, runtime }: ResizeDeps,
  pod: Pod,
  { containers }: ResizePlan,
  podLimit: number,
  signal: AbortSignal,
): Promise<void> {
  const wanted = podResources(pod).memoryBytes;
  if (isLess(podLimit, wanted)) {
    const used = (await cgroups.usage(pod))?.usageBytes ?? 0;
    if (used >= wanted) {
      throw new ResizeError(`attempting to set pod memory limit (${wanted}) below current usage (${used})`);
    }
  }
  for (const { id, container, from } of inPlace(containers, 'memory')) {
    const limit = effectiveResources(container.resources).memoryLimit;
    if (!isLess(effectiveResources(from).memoryLimit, limit)) continue;
    const used = (await runtime.memoryOf(id, signal)) ?? 0;
    if (used < limit) continue;
    const which = `container "${container.name}" memory limit (${limit})`;
    throw new ResizeError(`attempting to set ${which} below current usage (${used})`);
  }
}

/** Only the one resource: of the other the container keeps what it has until its turn comes. */
async function resizeOne(
  { runtime, allocations }: ResizeDeps,
  pod: Pod,
  { id, container, from }: ContainerResize,
  resource: Resource,
  resizing: Map<string, ResourceRequirements>,
  signal: AbortSignal,
): Promise<void> {
  const resources = replaced(resizing.get(container.name) ?? from, container.resources, resource);
  await runtime.resizeContainer(pod, { ...container, resources }, id, signal);
  resizing.set(container.name, resources);
  allocations.actuate(pod.metadata.uid, container.name, resources);
}

function replaced(from: ResourceRequirements, to: ResourceRequirements, resource: Resource): ResourceRequirements {
  const replace = (before: ResourceRequirements['limits'] = {}, after: ResourceRequirements['limits'] = {}) => {
    const { [resource]: _former, ...others } = before;
    return { ...others, ...(after[resource] === undefined ? {} : { [resource]: after[resource] }) };
  };
  return { ...to, limits: replace(from.limits, to.limits), requests: replace(from.requests, to.requests) };
}

/** Of limits, where 0 is no limit. */
function isMore(before: number, after: number): boolean {
  return before !== 0 && (after === 0 || after > before);
}

function isLess(before: number, after: number): boolean {
  return after !== 0 && (before === 0 || after < before);
}
