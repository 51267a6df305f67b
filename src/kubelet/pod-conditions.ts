// The conditions of a pod that its node keeps: pure. Upstream: pkg/kubelet/status/generate.go.

import type { ContainerStatus } from '../api/core/container-status.ts';
import type { Pod } from '../api/core/pod.ts';
import type { PodCondition, PodStatus } from '../api/core/pod-status.ts';
import { isSidecar } from '../api/core/sidecar.ts';
import { formatTime } from '../api/time.ts';
import type { PodPhase } from './pod-phase.ts';

export interface ConditionInputs {
  readonly phase: PodPhase;
  readonly init: readonly ContainerStatus[];
  readonly main: readonly ContainerStatus[];
  /** There is a sandbox with a network that containers can be started in. */
  readonly sandboxReady: boolean;
  /** Transition times are kept from it, and others' conditions: readiness gates, disruptions. */
  readonly previous: PodStatus;
  readonly nowMs: number;
  readonly resize?:
    | {
        readonly pending:
          | { readonly reason: string; readonly message: string; readonly generation: number }
          | undefined;
        readonly inProgress: { readonly generation: number; readonly error: string | undefined } | undefined;
      }
    | undefined;
  /** The node itself ends the pod, through no fault of the pod's: what it says of that. */
  readonly disruption?: string | undefined;
}

const RESIZE_PENDING = 'PodResizePending';
const RESIZE_IN_PROGRESS = 'PodResizeInProgress';
/** Conditions that nobody but the node keeps, and that it takes away. */
export const PASSING_CONDITIONS: ReadonlySet<string> = new Set([RESIZE_PENDING, RESIZE_IN_PROGRESS]);

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
  /** Of the pod's version that it is about, where that is not the newest. */
  readonly generation?: number;
}

/** Others' conditions as they are, then the node's own. */
export function podConditions(pod: Pod, inputs: ConditionInputs): readonly PodCondition[] {
  const before = inputs.previous.conditions ?? [];
  const ready = containersReady(pod, inputs);
  const own: readonly (readonly [string, Verdict])[] = [
    ['PodReadyToStartContainers', { status: inputs.sandboxReady ? 'True' : 'False' }],
    ['Initialized', initialized(pod, inputs)],
    ['Ready', ready.status === 'True' ? gatesReady(pod, before) : ready],
    ['ContainersReady', ready],
    ['PodScheduled', { status: 'True' }],
    ...resizing(inputs.resize),
    ...disrupted(inputs),
  ];
  const ownTypes = new Set(own.map(([type]) => type));
  return [
    ...before.filter(({ type }) => !ownTypes.has(type) && !PASSING_CONDITIONS.has(type)),
    ...own.map(([type, verdict]) => condition(type, verdict, pod, before, inputs.nowMs)),
  ];
}

/** KEP-1287. Neither of them is there where all is as it should be. */
function resizing(resize: ConditionInputs['resize']): readonly (readonly [string, Verdict])[] {
  const { pending, inProgress } = resize ?? {};
  const error = inProgress?.error === undefined ? {} : { reason: 'Error', message: inProgress.error };
  return [
    ...(pending ? ([[RESIZE_PENDING, { status: 'True', ...pending }]] as const) : []),
    ...(inProgress
      ? ([[RESIZE_IN_PROGRESS, { status: 'True', generation: inProgress.generation, ...error }]] as const)
      : []),
  ];
}

function disrupted({ disruption }: ConditionInputs): readonly (readonly [string, Verdict])[] {
  if (disruption === undefined) return [];
  return [['DisruptionTarget', { status: 'True', reason: 'TerminationByKubelet', message: disruption }]];
}

function containersReady(pod: Pod, { phase, init, main }: ConditionInputs): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const counted = [...init.filter(({ name }) => sidecars.has(name)), ...main];
  const unready = counted.filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return { status: 'True' };
  const message = `containers with unready status: [${unready.join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotReady', message };
}

function initialized(pod: Pod, { phase, init, main }: ConditionInputs): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  // Sidecars that are started anew do not undo an initialization that has been.
  if (main.some(({ state }) => state?.running || state?.terminated)) return { status: 'True' };
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const incomplete = init.filter(({ name, started, ready }) => (sidecars.has(name) ? started !== true : !ready));
  if (incomplete.length === 0) return { status: 'True' };
  const message = `containers with incomplete status: [${incomplete.map(({ name }) => name).join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotInitialized', message };
}

/** Readiness gates are conditions that others set on the pod (KEP-580). */
function gatesReady(pod: Pod, conditions: readonly PodCondition[]): Verdict {
  const unmet: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const found = conditions.find(({ type }) => type === conditionType);
    if (!found) unmet.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (found.status !== 'True') {
      unmet.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`);
    }
  }
  if (unmet.length === 0) return { status: 'True' };
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: unmet.join(', ') };
}

function condition(
  type: string,
  verdict: Verdict,
  { metadata }: Pod,
  before: readonly PodCondition[],
  nowMs: number,
): PodCondition {
  const old = before.find((other) => other.type === type);
  const generation = verdict.generation ?? metadata.generation;
  const since = old?.status === verdict.status ? old.lastTransitionTime : formatTime(nowMs);
  return {
    type,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: verdict.status,
    lastProbeTime: null,
    lastTransitionTime: since ?? null,
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    ...(verdict.message === undefined ? {} : { message: verdict.message }),
  };
}
