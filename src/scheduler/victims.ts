// Which pods would have to leave a node for another to fit, and which of several nodes loses least by it. Pure: pods are
// moved on copies only. Upstream: plugins/defaultpreemption and framework/preemption.

import type { Pod } from '../api/core/pod.ts';
import { compileLabelSelector } from '../api/label-selector.ts';
import type { PodDisruptionBudget } from '../api/policy/pod-disruption-budget.ts';
import { timeToMs } from '../api/time.ts';
import type { CycleState, Handle, Status } from './framework.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

export interface Candidate {
  readonly nodeName: string;
  /** The most important first. Never empty. */
  readonly victims: readonly PodInfo[];
  /** How many of them a disruption budget would keep. */
  readonly violations: number;
}

type Runner = Pick<Handle, 'filterWithNominatedPods' | 'addPod' | 'removePod'>;

/**
 * The fewest and least important pods of lower priority without which the pod fits the node; or why there are none.
 * `state` and `node` are copies that are used up.
 */
export function selectVictims(
  runner: Runner,
  state: CycleState,
  pod: PodInfo,
  node: NodeInfo,
  budgets: readonly PodDisruptionBudget[],
  nowMs: number,
): Candidate | Status {
  const remove = (other: PodInfo) => {
    node.removePod(other.uid);
    runner.removePod(state, pod, other, node);
  };
  const potential = node.pods.filter((other) => other.priority < pod.priority);
  if (potential.length === 0) return noVictims();
  for (const other of potential) remove(other);
  const status = runner.filterWithNominatedPods(state, pod, node);
  if (status) return status;

  // The pod fits without them: now as many as possible are let stay, those that a budget protects and those that are
  // important first.
  const byImportance = potential.toSorted((a, b) => compareImportance(a, b, nowMs));
  const protectedPods = protectedByBudget(byImportance, budgets);
  const staysToo = (other: PodInfo) => {
    node.addPod(other);
    runner.addPod(state, pod, other, node);
    if (!runner.filterWithNominatedPods(state, pod, node)) return true;
    remove(other);
    return false;
  };
  const violating = byImportance.filter((other) => protectedPods.has(other)).filter((other) => !staysToo(other));
  const others = byImportance.filter((other) => !protectedPods.has(other)).filter((other) => !staysToo(other));
  const victims = [...violating, ...others].sort((a, b) => compareImportance(a, b, nowMs));
  if (victims.length === 0) return fitsAllTheSame(node);
  return { nodeName: node.name, victims, violations: violating.length };
}

function noVictims(): Status {
  return {
    code: 'UnschedulableAndUnresolvable',
    reasons: ['No preemption victims found for incoming pod'],
    plugin: 'DefaultPreemption',
  };
}

/** Which the filters denied when they were asked before: one of them does not keep to its own word. */
function fitsAllTheSame(node: NodeInfo): Status {
  const reason = `expected at least one victim pod on node ${JSON.stringify(node.name)}`;
  return { code: 'Error', reasons: [reason], plugin: 'DefaultPreemption' };
}

/** Below zero if the first is more important: of higher priority, or running for longer. */
function compareImportance(a: PodInfo, b: PodInfo, nowMs: number): number {
  return b.priority - a.priority || startOf(a.pod, nowMs) - startOf(b.pod, nowMs);
}

function startOf({ status: { startTime } }: Pod, nowMs: number): number {
  return startTime ? timeToMs(startTime) : nowMs;
}

/** The pods, in order, from which on a budget would be exceeded if all before were gone. */
function protectedByBudget(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): ReadonlySet<PodInfo> {
  const open = budgets
    .map(({ metadata, spec, status }) => ({
      namespace: metadata.namespace,
      selector: compileLabelSelector(spec.selector),
      disrupted: status.disruptedPods ?? {},
      allowed: status.disruptionsAllowed,
    }))
    // Here, unlike anywhere else, a selector that says nothing means no pod.
    .filter(({ selector }) => !selector.isEverything);
  const found = new Set<PodInfo>();
  for (const info of pods) {
    const { namespace, labels, name } = info.pod.metadata;
    for (const budget of open) {
      if (budget.namespace !== namespace || !budget.selector.matches(labels)) continue;
      // Its disruption has been counted already.
      if (name in budget.disrupted) continue;
      budget.allowed--;
      if (budget.allowed < 0) found.add(info);
    }
  }
  return found;
}

/**
 * The candidate that does least harm: fewest broken budgets, then the lowest highest priority, the lowest sum of
 * priorities, the fewest victims, and the most important victims that started latest; then the first.
 */
export function leastHarmful(candidates: readonly Candidate[], nowMs: number): Candidate | undefined {
  // So that a few pods of negative priority are not better than fewer of the same.
  const shift = 2 ** 31;
  const harms: readonly ((candidate: Candidate) => number)[] = [
    ({ violations }) => violations,
    ({ victims }) => victims[0]?.priority ?? 0,
    ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + shift, 0),
    ({ victims }) => victims.length,
    ({ victims }) => -earliestStart(victims, nowMs),
  ];
  let left = candidates;
  for (const harm of harms) {
    const least = Math.min(...left.map(harm));
    left = left.filter((candidate) => harm(candidate) === least);
    if (left.length === 1) break;
  }
  return left[0];
}

function earliestStart(victims: readonly PodInfo[], nowMs: number): number {
  const highest = victims[0]?.priority;
  return Math.min(...victims.filter(({ priority }) => priority === highest).map(({ pod }) => startOf(pod, nowMs)));
}
