// Which pods make room for a critical one that a node has none for: as few as possible, those without guarantees first.
// Pure. Upstream: pkg/kubelet/preemption.

import type { Pod } from '../../api/core/pod.ts';
import { qosClass } from '../qos.ts';
import { requestOf, type Shortage } from './room.ts';

/** From this priority on a pod is critical to the cluster or the node. */
const CRITICAL_PRIORITY = 2_000_000_000;
const SOURCE_ANNOTATION = 'kubernetes.io/config.source';

/** Such a pod is never turned away for want of room, and never has to make it for another critical one. */
export function isCritical(pod: Pod): boolean {
  return isStatic(pod) || (pod.spec.priority ?? 0) >= CRITICAL_PRIORITY;
}

/** The pod comes from a file of the node, not from the API. */
export function isStatic({ metadata }: Pod): boolean {
  const source = metadata.annotations?.[SOURCE_ANNOTATION];
  return source !== undefined && source !== 'api';
}

/** What has to come free: CPU in thousandths. */
interface Need {
  readonly resource: string;
  readonly amount: number;
}

/** Undefined: not even all that may be preempted would do. */
export function podsToPreempt(
  pod: Pod,
  others: readonly Pod[],
  shortages: readonly Shortage[],
): readonly Pod[] | undefined {
  const needs = shortages.map(({ resource, requested, used, capacity }) => ({
    resource,
    amount: requested - (capacity - used),
  }));
  const candidates = others.filter((other) => isPreemptable(pod, other));
  const ofClass = (name: string) => candidates.filter((other) => qosClass(other) === name);
  const [bestEffort, burstable, guaranteed] = [ofClass('BestEffort'), ofClass('Burstable'), ofClass('Guaranteed')];
  if (remaining(needs, candidates).length > 0) return undefined;
  const fromGuaranteed = fewest(guaranteed, remaining(needs, [...bestEffort, ...burstable]));
  const fromBurstable = fewest(burstable, remaining(needs, [...bestEffort, ...fromGuaranteed]));
  const fromBestEffort = fewest(bestEffort, remaining(needs, [...fromBurstable, ...fromGuaranteed]));
  return [...fromBestEffort, ...fromBurstable, ...fromGuaranteed];
}

function isPreemptable(pod: Pod, other: Pod): boolean {
  if (isCritical(pod) && !isCritical(other)) return true;
  const [own, others] = [pod.spec.priority, other.spec.priority];
  return own !== undefined && others !== undefined && own > others;
}

/** Takes the pod that comes nearest to what is needed, the smaller one of two, until nothing is needed any more. */
function fewest(pods: readonly Pod[], needs: readonly Need[]): readonly Pod[] {
  const chosen: Pod[] = [];
  let left = needs;
  while (left.length > 0) {
    const open = pods.filter((pod) => !chosen.includes(pod));
    const [best] = open.toSorted((a, b) => distance(a, left) - distance(b, left) || compareSizes(a, b));
    if (!best) break; // Cannot be: all of them together suffice.
    chosen.push(best);
    left = remaining(left, [best]);
  }
  return chosen;
}

/** Each resource weighs the same, however much of it there is. */
function distance(pod: Pod, needs: readonly Need[]): number {
  return needs.reduce((total, { resource, amount }) => {
    const missing = Math.max(0, amount - freedBy(pod, resource));
    return total + (missing / amount) ** 2;
  }, 0);
}

function compareSizes(a: Pod, b: Pod): number {
  return requestOf(a, 'memory') - requestOf(b, 'memory') || requestOf(a, 'cpu') - requestOf(b, 'cpu');
}

function remaining(needs: readonly Need[], without: readonly Pod[]): readonly Need[] {
  return needs
    .map(({ resource, amount }) => ({
      resource,
      amount: amount - without.reduce((sum, pod) => sum + freedBy(pod, resource), 0),
    }))
    .filter(({ amount }) => amount > 0);
}

/** Every pod takes one place. */
function freedBy(pod: Pod, resource: string): number {
  return resource === 'pods' ? 1 : requestOf(pod, resource);
}
