// Whether the node takes a pod that has been bound to it: pure. The scheduler has seen to most of this, but pods are bound
// by others too, and what the scheduler knew may be old. Upstream: pkg/kubelet/lifecycle/predicate.go.

import { HostPorts, hostPortsOf } from '../../api/core/host-ports.ts';
import type { Node } from '../../api/core/node.ts';
import { matchesRequiredNodeAffinity } from '../../api/core/node-selector.ts';
import type { Pod } from '../../api/core/pod.ts';
import { untoleratedTaint } from '../../api/core/taint-tolerance.ts';
import type { Pressure } from '../eviction/signals.ts';
import { abilityRefusal, type NodeAbilities } from '../node-abilities.ts';
import { isCritical, isStatic, podsToPreempt } from './preemption.ts';
import { pressureRefusal } from './pressure-refusal.ts';
import { type Shortage, shortagesFor } from './room.ts';
import { sysctlRefusal } from './sysctls.ts';

export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** `preempt`: the pod is taken once these have ended. */
export type Admission = { readonly refusal: Refusal } | { readonly preempt: readonly Pod[] };

export interface AdmissionInputs {
  /** Pods that the node has taken, with what they have been given; without the one in question. */
  readonly others: readonly Pod[];
  readonly node: Node;
  /** Sysctls besides the safe ones: `--allowed-unsafe-sysctls`. */
  readonly allowedSysctls: readonly string[];
  readonly abilities: NodeAbilities;
  /** What the node is short of. */
  readonly pressures: readonly Pressure[];
  /** The machine goes down: no pod is begun any more. */
  readonly shuttingDown: boolean;
  /** The node had taken the pod before the agent was started anew: what has changed since does not end it. */
  readonly wasAdmitted: boolean;
}

const OS_LABEL = 'kubernetes.io/os';
const OS = 'linux';

export function admitPod(pod: Pod, inputs: AdmissionInputs): Admission {
  const refusal = (inputs.wasAdmitted ? undefined : unwelcome(pod, inputs)) ?? unfit(pod, inputs);
  if (refusal) return { refusal };
  const { others, node } = inputs;
  const shortages = shortagesFor(pod, others, node.status.allocatable ?? {});
  const mismatches = mismatchesOf(pod, inputs);
  const [shortage] = shortages;
  const [mismatch] = mismatches;
  if (isCritical(pod) && shortage && !mismatch) return makeRoom(pod, others, shortages);
  if (shortage && !(isCritical(pod) && mismatch)) return { refusal: outOf(shortage) };
  return mismatch ? { refusal: mismatch } : { preempt: [] };
}

/** What the node as it is now keeps from it. */
function unwelcome(pod: Pod, { pressures, shuttingDown, abilities }: AdmissionInputs): Refusal | undefined {
  if (shuttingDown) return { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' };
  return pressureRefusal(pod, pressures) ?? abilityRefusal(pod, abilities);
}

/** What no other pod's end would help with. */
function unfit(pod: Pod, { allowedSysctls }: AdmissionInputs): Refusal | undefined {
  const sysctls = sysctlRefusal(pod, allowedSysctls);
  if (sysctls !== undefined) return { reason: 'SysctlForbidden', message: sysctls };
  const { metadata, spec } = pod;
  if ((metadata.labels?.[OS_LABEL] ?? OS) !== OS) {
    const message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label";
    return { reason: 'PodOSSelectorNodeLabelDoesNotMatch', message };
  }
  if ((spec.os?.name ?? OS) !== OS) {
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
  }
  return undefined;
}

function mismatchesOf(pod: Pod, { others, node, wasAdmitted }: AdmissionInputs): readonly Refusal[] {
  const { nodeName, tolerations } = pod.spec;
  const found: Refusal[] = [];
  if (!wasAdmitted && !matchesRequiredNodeAffinity(pod, node)) {
    found.push(failure('NodeAffinity', "node(s) didn't match Pod's node affinity/selector"));
  }
  if (nodeName && nodeName !== node.metadata.name) {
    found.push(failure('NodeName', "node(s) didn't match the requested node name"));
  }
  if (portsTaken(pod, others)) {
    found.push(failure('NodePorts', "node(s) didn't have free ports for the requested pod ports"));
  }
  const ending = node.spec.taints?.filter(({ effect }) => effect === 'NoExecute');
  if (!wasAdmitted && !isStatic(pod) && untoleratedTaint(ending, tolerations)) {
    found.push(failure('TaintToleration', "node(s) had taints that the pod didn't tolerate"));
  }
  return found;
}

function portsTaken(pod: Pod, others: readonly Pod[]): boolean {
  const wanted = hostPortsOf(pod);
  if (wanted.length === 0) return false;
  const taken = new HostPorts();
  for (const port of others.flatMap(hostPortsOf)) taken.add(port);
  return wanted.some((port) => taken.conflicts(port));
}

/** A critical pod is refused only where the others could not make room for it even by ending. */
function makeRoom(pod: Pod, others: readonly Pod[], shortages: readonly Shortage[]): Admission {
  const preempt = podsToPreempt(pod, others, shortages);
  if (preempt) return { preempt };
  const lacking = shortages.map(({ resource, requested, used, capacity }) => {
    return `(res: ${resource}, q: ${requested - (capacity - used)}), `;
  });
  const why = `preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [${lacking.join('')}]`;
  const message = `Unexpected error while attempting to recover from admission failure: ${why}`;
  return { refusal: { reason: 'UnexpectedAdmissionError', message } };
}

function outOf({ resource, requested, used, capacity }: Shortage): Refusal {
  const amounts = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${resource}`, message: `Node didn't have enough resource: ${resource}, ${amounts}` };
}

function failure(predicate: string, why: string): Refusal {
  return { reason: predicate, message: `Predicate ${predicate} failed: ${why}` };
}
