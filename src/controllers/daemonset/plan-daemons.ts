// On which nodes a daemon set lacks a pod and which pods are too many, whatever template they are of. Pure. How pods are
// exchanged for ones of a new template is in plan-update.ts. Upstream: podsShouldBeOnNode in pkg/controller/daemon.

import type { DaemonSet } from '../../api/apps/daemon-set.ts';
import type { Pod } from '../../api/core/pod.ts';
import { isPodAvailable, isPodReady, isPodTerminal } from '../pod-state.ts';
import { type DaemonFacts, type DaemonPlan, isStaying } from './daemon-facts.ts';
import { bySeniority, isUpdated } from './daemon-pod.ts';
import { surgeCount } from './plan-update.ts';

/** Pods that have ended go as well, but not faster than their node can bear. */
export interface UpkeepPlan extends DaemonPlan {
  readonly ended: readonly { readonly node: string; readonly pod: Pod }[];
}

export function planUpkeep(facts: DaemonFacts): UpkeepPlan {
  const create: string[] = [];
  const surplus: Pod[] = [];
  const ended: { readonly node: string; readonly pod: Pod }[] = [];
  for (const node of facts.nodes) {
    const { name, fit, pods } = node;
    const staying = pods.filter(isStaying);
    if (fit === 'leave') {
      surplus.push(...staying);
      continue;
    }
    const alive = staying.filter((pod) => !isPodTerminal(pod)).sort(bySeniority);
    for (const pod of staying) if (isPodTerminal(pod)) ended.push({ node: name, pod });
    // A surge does not wait for the pod that goes; else there is never more than one.
    const isFree = surges(facts.daemonSet) ? alive.length === 0 : pods.length === 0;
    if (fit === 'run' && isFree) create.push(name);
    surplus.push(...(surges(facts.daemonSet) ? surplusOfSurge(facts, alive) : alive.slice(1)));
  }
  return { create, delete: [...surplus, ...facts.stranded], ended };
}

/** Whether a new pod may run beside the old one while it gets ready. */
function surges(daemonSet: DaemonSet): boolean {
  return surgeCount(daemonSet, 1) > 0;
}

/** One of each template may stay: the old one until it is unready, or until the new one is available. */
function surplusOfSurge({ daemonSet, hash, nowMs }: DaemonFacts, alive: readonly Pod[]): readonly Pod[] {
  const updated = alive.filter((pod) => isUpdated(pod, daemonSet, hash));
  const old = alive.filter((pod) => !updated.includes(pod));
  const surplus = [...updated.slice(1), ...old.slice(1)];
  const [newPod] = updated;
  const [oldPod] = old;
  if (!newPod || !oldPod) return surplus;
  const isReplaced = !isPodReady(oldPod) || isPodAvailable(newPod, daemonSet.spec.minReadySeconds ?? 0, nowMs);
  return isReplaced ? [...surplus, oldPod] : surplus;
}
