// What the containers of a pod ask for together. Init containers run one after the other, and before the containers;
// sidecars go on beside all that come after them. Upstream: k8s.io/component-helpers/resource.

import { addQuantities, quantitySign } from '../quantity.ts';
import { addResources, mostResources, type ResourceList } from '../resource-list.ts';
import type { Container } from './container.ts';
import type { ResourceRequirements } from './container-resources.ts';
import type { Pod } from './pod.ts';
import { isPodLevelResource } from './resource-names.ts';
import { isSidecar } from './sidecar.ts';

interface Containers {
  readonly containers: readonly Container[] | null;
  readonly initContainers?: readonly Container[];
}

type Which = 'requests' | 'limits';

/** The sum of the containers, or what initialization needs at its peak, whichever is more. */
export function aggregateContainers(spec: Containers, which: Which): ResourceList {
  return aggregate(spec, ({ resources }) => resources[which] ?? {});
}

/** The same, or what the pod says for itself as a whole. */
export function specifiedResources(
  spec: Containers & { readonly resources?: ResourceRequirements },
  which: Which,
): ResourceList {
  return { ...aggregateContainers(spec, which), ...ofWholePod(spec, which) };
}

/**
 * What the pod takes: with its overhead, and while its containers are being resized in place the most of what they had,
 * have and shall have (KEP 1287).
 */
export function occupiedResources(pod: Pod, which: Which): ResourceList {
  const { spec } = pod;
  const ofContainers = aggregate(spec, (container) => occupiedByContainer(pod, container, which));
  const total = { ...ofContainers, ...ofWholePod(spec, which) };
  for (const [name, quantity] of Object.entries(spec.overhead ?? {})) {
    const own = total[name];
    // Overhead does not limit what was unlimited.
    if (which === 'limits' && (own === undefined || quantitySign(own) === 0)) continue;
    total[name] = own === undefined ? quantity : addQuantities(own, quantity);
  }
  return total;
}

function ofWholePod({ resources }: { readonly resources?: ResourceRequirements }, which: Which): ResourceList {
  return Object.fromEntries(Object.entries(resources?.[which] ?? {}).filter(([name]) => isPodLevelResource(name)));
}

function occupiedByContainer({ status }: Pod, { name, resources }: Container, which: Which): ResourceList {
  const wanted = resources[which] ?? {};
  const ofName = (each: { readonly name: string }) => each.name === name;
  const running = status.containerStatuses?.find(ofName) ?? status.initContainerStatuses?.find(ofName);
  if (!running?.resources) return wanted;
  const actual = running.resources[which] ?? {};
  const held = which === 'requests' ? mostResources(actual, running.allocatedResources ?? {}) : actual;
  const isInfeasible = status.conditions?.some(
    ({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible',
  );
  return isInfeasible ? held : mostResources(wanted, held);
}

function aggregate(spec: Containers, resourcesOf: (container: Container) => ResourceList): ResourceList {
  let running = (spec.containers ?? []).map(resourcesOf).reduce(addResources, {});
  let sidecars: ResourceList = {};
  let peak: ResourceList = {};
  for (const container of spec.initContainers ?? []) {
    const own = resourcesOf(container);
    if (isSidecar(container)) {
      running = addResources(running, own);
      sidecars = addResources(sidecars, own);
      peak = mostResources(peak, sidecars);
    } else peak = mostResources(peak, addResources(own, sidecars));
  }
  return mostResources(running, peak);
}
