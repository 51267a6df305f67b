// What a pod asks for and what a node has to give, as integers: thousandths of a CPU, bytes, and counts for the rest.
// Upstream: k8s.io/component-helpers/resource.PodRequests and framework.Resource.

import type { Container } from '../api/core/container.ts';
import type { Node } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';
import { quantityMilliValue, quantityValue } from '../api/quantity.ts';

export interface Resources {
  readonly milliCpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  /** Extended resources, huge pages and the like. Absent when there are none. */
  readonly scalars: ReadonlyMap<string, number> | undefined;
}

export interface Allocatable extends Resources {
  readonly pods: number;
}

/** What a container that asks for nothing counts as when nodes are scored, so that such pods spread too. */
const DEFAULT_MILLI_CPU = 100;
const DEFAULT_MEMORY = 200 * 1024 * 1024;

type Quantities = Readonly<Record<string, string>>;
/** A running sum. Resource names as in the API; CPU in thousandths. */
type Amounts = Map<string, number>;

/** What the node must have free for the pod: for containers that run at the same time the sum, else the maximum. */
export function podRequests(pod: Pod): Resources {
  return resourcesOf(podAmounts(pod, undefined));
}

/** As `podRequests`, with defaults in place of missing CPU and memory requests. Only for scoring. */
export function nonZeroPodRequests(pod: Pod): { readonly milliCpu: number; readonly memory: number } {
  const podLevel = hasPodLevelRequests(pod);
  const own = podLevel ? podAmounts(pod, undefined) : undefined;
  const defaults: Amounts = new Map();
  if (!own?.has('cpu')) defaults.set('cpu', DEFAULT_MILLI_CPU);
  if (!own?.has('memory')) defaults.set('memory', DEFAULT_MEMORY);
  const amounts = podAmounts(pod, defaults);
  return { milliCpu: amounts.get('cpu') ?? 0, memory: amounts.get('memory') ?? 0 };
}

export function allocatableOf(node: Node): Allocatable {
  const amounts = amountsOf(node.status.allocatable);
  return { ...resourcesOf(amounts), pods: amounts.get('pods') ?? 0 };
}

/** The amount of one resource by its name in the API. */
export function amountOf(resources: Resources, name: string): number {
  if (name === 'cpu') return resources.milliCpu;
  if (name === 'memory') return resources.memory;
  if (name === 'ephemeral-storage') return resources.ephemeralStorage;
  return resources.scalars?.get(name) ?? 0;
}

/** Neither of Kubernetes' own resources nor a quota's name for one. */
export function isExtendedResource(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');
}

function isScalarResource(name: string): boolean {
  return (
    isExtendedResource(name) ||
    name.startsWith('hugepages-') ||
    name.includes('kubernetes.io/') ||
    name.startsWith('attachable-volumes-')
  );
}

function podAmounts(pod: Pod, defaults: Amounts | undefined): Amounts {
  const total = containerAmounts(pod, defaults);
  for (const [name, quantity] of Object.entries(pod.spec.resources?.requests ?? {})) {
    if (isPodLevelResource(name)) total.set(name, amountFrom(name, quantity));
  }
  if (pod.spec.overhead) addTo(total, amountsOf(pod.spec.overhead));
  return total;
}

function containerAmounts(pod: Pod, defaults: Amounts | undefined): Amounts {
  const running: Amounts = new Map();
  for (const container of pod.spec.containers) addTo(running, amountsOfContainer(pod, container, defaults));
  // Init containers run one at a time before the others; a restartable one (a sidecar) goes on running beside
  // those that come after it, and beside the containers.
  const sidecars: Amounts = new Map();
  const largest: Amounts = new Map();
  for (const container of pod.spec.initContainers ?? []) {
    const amounts = amountsOfContainer(pod, container, defaults);
    if (container.restartPolicy === 'Always') {
      addTo(running, amounts);
      addTo(sidecars, amounts);
      raiseTo(largest, sidecars);
    } else {
      addTo(amounts, sidecars);
      raiseTo(largest, amounts);
    }
  }
  raiseTo(running, largest);
  return running;
}

/**
 * While a container is being resized in place it may still hold what it had: the largest of what is wanted, allocated
 * and in effect counts; what is wanted does not when the node has said that it can never have it (KEP 1287).
 */
function amountsOfContainer(pod: Pod, container: Container, defaults: Amounts | undefined): Amounts {
  const status = findStatus(pod, container.name);
  const amounts =
    status && isResizeInfeasible(pod) ? new Map<string, number>() : amountsOf(container.resources.requests);
  if (status) {
    raiseTo(amounts, amountsOf(status.resources?.requests));
    raiseTo(amounts, amountsOf(status.allocatedResources));
  }
  for (const [name, amount] of defaults ?? []) if (!amounts.has(name)) amounts.set(name, amount);
  return amounts;
}

function findStatus(pod: Pod, name: string) {
  const ofName = (status: { readonly name: string }) => status.name === name;
  const status = pod.status.containerStatuses?.find(ofName) ?? pod.status.initContainerStatuses?.find(ofName);
  return status?.resources ? status : undefined;
}

function isResizeInfeasible(pod: Pod): boolean {
  return (
    pod.status.conditions?.some(({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible') === true
  );
}

function hasPodLevelRequests(pod: Pod): boolean {
  return Object.keys(pod.spec.resources?.requests ?? {}).some(isPodLevelResource);
}

function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

function amountsOf(quantities: Quantities | undefined): Amounts {
  const amounts: Amounts = new Map();
  if (quantities) for (const name in quantities) amounts.set(name, amountFrom(name, quantities[name] ?? '0'));
  return amounts;
}

function amountFrom(name: string, quantity: string): number {
  return name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity);
}

function addTo(total: Amounts, more: Amounts): void {
  for (const [name, amount] of more) total.set(name, (total.get(name) ?? 0) + amount);
}

function raiseTo(total: Amounts, least: Amounts): void {
  for (const [name, amount] of least) total.set(name, Math.max(total.get(name) ?? 0, amount));
}

function resourcesOf(amounts: Amounts): Resources {
  let scalars: Map<string, number> | undefined;
  for (const [name, amount] of amounts) {
    if (!isScalarResource(name)) continue;
    scalars ??= new Map();
    scalars.set(name, amount);
  }
  return {
    milliCpu: amounts.get('cpu') ?? 0,
    memory: amounts.get('memory') ?? 0,
    ephemeralStorage: amounts.get('ephemeral-storage') ?? 0,
    scalars,
  };
}
