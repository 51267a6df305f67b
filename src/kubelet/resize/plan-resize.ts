// What has to be done so that running containers have what their pod has been given: pure. Upstream:
// computePodResizeAction in pkg/kubelet/kuberuntime.

import type { Container } from '../../api/core/container.ts';
import type { ResourceRequirements } from '../../api/core/container-resources.ts';
import type { Pod } from '../../api/core/pod.ts';
import { isSidecar } from '../../api/core/sidecar.ts';
import type { PodPlan } from '../pod-plan.ts';
import { type EffectiveResources, effectiveResources } from '../resources.ts';
import { newestContainer, type RuntimePod } from '../runtime-pod.ts';
import { type Allocation, resizable, sameRequirements } from './allocation.ts';

export type Resource = 'cpu' | 'memory';

export interface ContainerResize {
  readonly id: string;
  readonly container: Container;
  /** What it runs with. */
  readonly from: ResourceRequirements;
  readonly changed: readonly Resource[];
  /** It has to be started anew: one of the resources cannot be changed while it runs. */
  readonly restart: boolean;
}

export interface ResizePlan {
  readonly containers: readonly ContainerResize[];
  /** What the pod has as a whole has changed. */
  readonly pod: boolean;
}

/** `pod` asks for what it has been given. A container of which nobody knows what it runs with is left as it is. */
export function planResize(pod: Pod, runtime: RuntimePod, actuated: Allocation): ResizePlan {
  const containers = resizable(pod.spec).flatMap((container) => {
    const current = newestContainer(runtime, container.name);
    const from = actuated.containers[container.name];
    if (current?.state !== 'running' || !from) return [];
    const changed = changedResources(from, container.resources);
    if (changed.length === 0) return [];
    return [
      { id: current.id, container, from, changed, restart: changed.some((name) => restartsFor(container, name)) },
    ];
  });
  return { containers, pod: actuated.pod !== undefined && !sameRequirements(pod.spec.resources, actuated.pod) };
}

export function hasResizes({ containers, pod }: ResizePlan): boolean {
  return containers.length > 0 || pod;
}

/** What is to be done for the pod, with the containers that have to be started anew for their new resources. */
export function withRestarts(plan: PodPlan, { containers }: ResizePlan): PodPlan {
  const restarts = containers.filter(({ id, restart }) => restart && !plan.kill.some((kill) => kill.id === id));
  if (plan.stopPod || restarts.length === 0) return plan;
  const kills = restarts.map(({ id, container: { name } }) => {
    return { id, name, why: 'Resized', message: `Container ${name} resize requires restart` } as const;
  });
  // Sidecars stand before the others, here as in the plan.
  const names = restarts.map(({ container }) => container.name).filter((name) => !plan.start.includes(name));
  const sidecars = restarts.filter(({ container }) => isSidecar(container)).map(({ container }) => container.name);
  const before = names.filter((name) => sidecars.includes(name));
  const after = names.filter((name) => !sidecars.includes(name));
  return { ...plan, kill: [...plan.kill, ...kills], start: [...before, ...plan.start, ...after] };
}

/** Resizes in place, those that give back first: together they then never need more than the pod has. */
export function inPlace(resizes: readonly ContainerResize[], resource: Resource): readonly ContainerResize[] {
  const growth = ({ from, container }: ContainerResize) => {
    const [before, after] = [effectiveResources(from), effectiveResources(container.resources)];
    return resource === 'memory'
      ? after.memoryLimit - before.memoryLimit
      : after.cpuLimit - before.cpuLimit || after.cpuRequest - before.cpuRequest;
  };
  return resizes
    .filter(({ restart, changed }) => !restart && changed.includes(resource))
    .toSorted((a, b) => Number(growth(a) > 0) - Number(growth(b) > 0));
}

function changedResources(from: ResourceRequirements, to: ResourceRequirements): readonly Resource[] {
  const [before, after] = [effectiveResources(from), effectiveResources(to)];
  const differ = (...names: readonly (keyof EffectiveResources)[]) =>
    names.some((name) => before[name] !== after[name]);
  return [
    ...(differ('memoryLimit', 'memoryRequest') ? (['memory'] as const) : []),
    ...(differ('cpuLimit', 'cpuRequest') ? (['cpu'] as const) : []),
  ];
}

function restartsFor({ resizePolicy }: Container, resource: Resource): boolean {
  const policy = resizePolicy?.find(({ resourceName }) => resourceName === resource);
  return policy?.restartPolicy === 'RestartContainer';
}
