// What a pod has been given of the node, which while it waits to be resized is not what it asks for: pure. Upstream:
// pkg/kubelet/allocation (KEP-1287, KEP-5419).

import type { Container } from '../../api/core/container.ts';
import type { ResourceRequirements } from '../../api/core/container-resources.ts';
import type { Pod } from '../../api/core/pod.ts';
import { isSidecar } from '../../api/core/sidecar.ts';
import { sameResources } from '../../api/resource-list.ts';

export interface Allocation {
  /** Of the pod as a whole, if it says any. */
  readonly pod?: ResourceRequirements | undefined;
  /** By name. */
  readonly containers: Readonly<Record<string, ResourceRequirements>>;
}

/** What the pod asks for. */
export function allocationOf({ spec }: Pod): Allocation {
  const containers = resizable(spec).map(({ name, resources }) => [name, resources] as const);
  return { ...(spec.resources ? { pod: spec.resources } : {}), containers: Object.fromEntries(containers) };
}

/** The pod as if it asked for what it has been given. The very same object where that is what it asks for. */
export function withAllocation(pod: Pod, allocation: Allocation | undefined): Pod {
  if (!allocation || isAllocated(pod, allocation)) return pod;
  const { resources: _own, ...spec } = pod.spec;
  const given = (container: Container): Container => {
    const resources = allocation.containers[container.name];
    return resources && isResizable(pod.spec, container) ? { ...container, resources } : container;
  };
  return {
    ...pod,
    spec: {
      ...spec,
      ...(allocation.pod ? { resources: allocation.pod } : {}),
      containers: spec.containers.map(given),
      ...(spec.initContainers ? { initContainers: spec.initContainers.map(given) } : {}),
    },
  };
}

/** Whether both have the same limits and the same requests, however they are written. */
export function sameRequirements(a: ResourceRequirements = {}, b: ResourceRequirements = {}): boolean {
  return sameResources(a.limits, b.limits) && sameResources(a.requests, b.requests);
}

/** Init containers that end are as they began. */
export function resizable(spec: Pod['spec']): readonly Container[] {
  return [...(spec.initContainers ?? []).filter(isSidecar), ...spec.containers];
}

function isResizable(spec: Pod['spec'], container: Container): boolean {
  return isSidecar(container) || spec.containers.includes(container);
}

function isAllocated({ spec }: Pod, allocation: Allocation): boolean {
  return (
    sameRequirements(spec.resources, allocation.pod) &&
    resizable(spec).every(({ name, resources }) => {
      const given = allocation.containers[name];
      return given === undefined || sameRequirements(resources, given);
    })
  );
}
