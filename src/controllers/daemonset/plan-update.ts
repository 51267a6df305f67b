// How a daemon set's pods are exchanged for ones of its new template: either old ones go, as many as may be unavailable, or
// new ones come beside them, as many as may surge. Pure. Upstream: pkg/controller/daemon/update.go.

import type { DaemonSet } from '../../api/apps/daemon-set.ts';
import type { Pod } from '../../api/core/pod.ts';
import { scaledValue } from '../../api/int-or-string.ts';
import { isPodAvailable } from '../pod-state.ts';
import { type DaemonFacts, type DaemonNode, type DaemonPlan, isStaying } from './daemon-facts.ts';
import { isUpdated } from './daemon-pod.ts';

/** How many of so many nodes may have a new pod beside the old one. */
export function surgeCount(daemonSet: DaemonSet, nodes: number): number {
  return countOf(daemonSet, 'maxSurge', nodes);
}

export function planUpdate(facts: DaemonFacts): DaemonPlan {
  const { daemonSet, nodes } = facts;
  if (daemonSet.spec.updateStrategy.type !== 'RollingUpdate') return { create: [], delete: [] };
  const involved = nodes.filter(({ fit, pods }) => fit === 'run' || pods.length > 0);
  const desired = nodes.filter(({ fit }) => fit === 'run').length;
  const surge = surgeCount(daemonSet, desired);
  const unavailable = countOf(daemonSet, 'maxUnavailable', desired);
  const exchanges = involved.map((node) => exchangeOn(facts, node));
  if (surge > 0) return planSurge(facts, exchanges, { surge, desired });
  // If both figures came out as 0 nothing could ever move, so one pod may be missed.
  return planReplacing(facts, exchanges, Math.max(unavailable, 1));
}

/** What is on one node; `crowded` if there are several of a kind, which are upkeep's to clear away. */
interface Exchange {
  readonly node: DaemonNode;
  readonly newPod: Pod | undefined;
  readonly oldPod: Pod | undefined;
  readonly isCrowded: boolean;
}

function exchangeOn({ daemonSet, hash }: DaemonFacts, node: DaemonNode): Exchange {
  const staying = node.pods.filter(isStaying);
  const updated = staying.filter((pod) => isUpdated(pod, daemonSet, hash));
  const old = staying.filter((pod) => !updated.includes(pod));
  const isCrowded = updated.length > 1 || old.length > 1;
  return { node, newPod: updated[0], oldPod: old[0], isCrowded };
}

/** Old pods that are not available go at once; of the others as many as may be missed besides those that are. */
function planReplacing(facts: DaemonFacts, exchanges: readonly Exchange[], maxUnavailable: number): DaemonPlan {
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = 0;
  for (const { newPod, oldPod, isCrowded } of exchanges) {
    const only = isCrowded || (newPod && oldPod) ? undefined : (newPod ?? oldPod);
    const isAvailable = only !== undefined && isAvailableIn(facts, only);
    if (!isAvailable) unavailable++;
    if (!only || only === newPod) continue;
    if (isAvailable) candidates.push(only);
    else broken.push(only);
  }
  return { create: [], delete: [...broken, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))] };
}

/** New pods come where the old one is not available, and beside available ones as many as may surge. */
function planSurge(
  facts: DaemonFacts,
  exchanges: readonly Exchange[],
  { surge, desired }: { readonly surge: number; readonly desired: number },
): DaemonPlan {
  const create: string[] = [];
  const candidates: string[] = [];
  const replaced: Pod[] = [];
  const misplaced: Pod[] = [];
  let surging = 0;
  let available = 0;
  for (const { node, newPod, oldPod, isCrowded } of exchanges) {
    if (isCrowded) {
      surging++;
      continue;
    }
    const first = oldPod ?? newPod;
    const isAvailable = first !== undefined && isAvailableIn(facts, first);
    if (isAvailable) available++;
    if (!oldPod) continue;
    if (newPod) {
      if (isAvailableIn(facts, newPod)) replaced.push(oldPod);
      else surging++;
    } else if (node.fit !== 'run') {
      (isAvailable ? misplaced : replaced).push(oldPod);
    } else {
      (isAvailable ? candidates : create).push(node.name);
    }
  }
  // A pod where none belongs any more goes only when enough others are available.
  const spare = Math.max(0, available - desired);
  return {
    create: [...create, ...candidates.slice(0, Math.max(0, surge - surging))],
    delete: [...replaced, ...misplaced.slice(0, spare)],
  };
}

function isAvailableIn({ daemonSet, nowMs }: DaemonFacts, pod: Pod): boolean {
  return isPodAvailable(pod, daemonSet.spec.minReadySeconds ?? 0, nowMs);
}

function countOf({ spec }: DaemonSet, figure: 'maxSurge' | 'maxUnavailable', nodes: number): number {
  const { type, rollingUpdate } = spec.updateStrategy;
  return type === 'RollingUpdate' ? scaledValue(rollingUpdate?.[figure] ?? 0, nodes, 'up') : 0;
}
