// The status of a pod, worked out from its spec, what the runtime holds and what the probes found: pure. Its phase is
// pod-phase.ts, its conditions pod-conditions.ts, its containers container-status.ts. Upstream: generateAPIPodStatus in
// pkg/kubelet/kubelet_pods.go, TerminatePod in pkg/kubelet/status.

import type { Container } from '../api/core/container.ts';
import type { ResourceRequirements } from '../api/core/container-resources.ts';
import type { ContainerStatus } from '../api/core/container-status.ts';
import type { Pod } from '../api/core/pod.ts';
import { specifiedResources } from '../api/core/pod-resources.ts';
import type { PodStatus } from '../api/core/pod-status.ts';
import { formatTime } from '../api/time.ts';
import {
  type ContainerRole,
  type ContainerView,
  containerStatus,
  endedUnseen,
  withBriefMessages,
} from './container-status.ts';
import { type ConditionInputs, podConditions } from './pod-conditions.ts';
import { type PodPhase, podPhase } from './pod-phase.ts';
import { hasBegunMain, hasUsableSandbox } from './pod-plan.ts';
import type { PodEnding } from './pod-record.ts';
import { qosClass } from './qos.ts';
import type { RuntimePod } from './runtime-pod.ts';

/** What else the status depends on. */
export interface StatusInputs {
  readonly hostIp: string;
  /** The status that is in the API now: transition times and what has been lost by the runtime are kept from it. */
  readonly previous: PodStatus;
  readonly nowMs: number;
  readonly view: ContainerView;
  /** The pod has been told to end and all its containers have. */
  readonly ended: boolean;
  /** The agent itself ends the pod (deadline, eviction): what it says of that once no container runs any more. */
  readonly verdict: PodEnding | undefined;
  readonly qosClass: 'Guaranteed' | 'Burstable' | 'BestEffort';
  /** Where the node resizes pods in place. */
  readonly resize?: ConditionInputs['resize'];
  /** What the pod's group is limited to, where that is known not to be what it asks for as a whole. */
  readonly resources?: ResourceRequirements | undefined;
}

/** The whole status as it should stand in the API. */
export function podStatus(pod: Pod, runtime: RuntimePod, given: StatusInputs): PodStatus {
  // A terminal phase says that the pod's work is over, which holds only when nothing runs any more (KEP-3329).
  const isAlive = runtime.containers.some(({ state }) => state === 'running');
  const inputs = isAlive ? { ...given, verdict: undefined } : given;
  const { previous, hostIp } = inputs;
  const { init, main, ephemeral } = containerStatuses(pod, runtime, inputs);
  const phase = phaseOf(pod, runtime, inputs, init, main);
  const brief = (status: ContainerStatus) => withBriefMessages(status, [...init, ...main, ...ephemeral].length);
  const ips = pod.spec.hostNetwork === true ? [hostIp] : podIps(runtime, previous);
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: podConditions(pod, {
      ...{ phase, init, main, previous, nowMs: inputs.nowMs },
      sandboxReady: hasUsableSandbox(pod, runtime),
      resize: inputs.resize,
      disruption: given.verdict?.disruption ? given.verdict.message : undefined,
    }),
    ...reasonOf(phase, inputs),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    ...(previous.startTime === undefined ? { startTime: formatTime(inputs.nowMs) } : { startTime: previous.startTime }),
    ...(init.length > 0 ? { initContainerStatuses: init.map(brief) } : {}),
    containerStatuses: main.map(brief).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral.map(brief) } : {}),
    qosClass: inputs.qosClass,
    ...wholeResources(pod, inputs.resources),
  };
}

/** Of a pod that says what it has as a whole (KEP-5419). */
function wholeResources(
  { spec }: Pod,
  inEffect: ResourceRequirements | undefined,
): Pick<PodStatus, 'allocatedResources' | 'resources'> {
  if (!spec.resources) return {};
  return { allocatedResources: specifiedResources(spec, 'requests'), resources: inEffect ?? spec.resources };
}

/** The status of a pod that the node has turned away: nothing has been made of it, and nothing will be. */
export function rejectedStatus(
  pod: Pod,
  { verdict, previous, nowMs }: Pick<StatusInputs, 'previous' | 'nowMs'> & { readonly verdict: PodEnding },
): PodStatus {
  const { generation } = pod.metadata;
  return {
    ...previous,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    reason: verdict.reason,
    message: verdict.message,
    phase: 'Failed',
    qosClass: qosClass(pod),
    startTime: previous.startTime ?? formatTime(nowMs),
  };
}

interface Statuses {
  readonly init: readonly ContainerStatus[];
  readonly main: readonly ContainerStatus[];
  readonly ephemeral: readonly ContainerStatus[];
}

function containerStatuses(pod: Pod, runtime: RuntimePod, { view, previous, ended }: StatusInputs): Statuses {
  const of = (containers: readonly Container[], role: ContainerRole, before: readonly ContainerStatus[] = []) =>
    containers.map((container) => {
      const old = before.find(({ name }) => name === container.name);
      return containerStatus(pod, container, runtime, { view, previous: old, role });
    });
  const init = of(pod.spec.initContainers ?? [], 'init', previous.initContainerStatuses);
  const main = of(pod.spec.containers, 'main', previous.containerStatuses);
  const ephemeral = of(pod.spec.ephemeralContainers ?? [], 'ephemeral', previous.ephemeralContainerStatuses);
  if (!ended) return { init, main, ephemeral };
  // What was never begun keeps waiting: it did not end, it never was.
  const begun = init.map(hasBegun).lastIndexOf(true);
  const initialized = main.some(hasBegun) || init.every(hasPassed);
  return {
    init: init.map((status, index) => (initialized || index <= begun ? endedUnseen(status) : status)),
    main: initialized ? main.map(endedUnseen) : main,
    ephemeral,
  };
}

function hasBegun({ state, lastState }: ContainerStatus): boolean {
  return !state?.waiting || lastState?.terminated !== undefined;
}

function hasPassed({ state, started }: ContainerStatus): boolean {
  return state?.terminated?.exitCode === 0 || started === true;
}

/** A pod that has succeeded or failed never leaves that phase. */
function phaseOf(
  pod: Pod,
  runtime: RuntimePod,
  { previous, verdict, ended }: StatusInputs,
  init: readonly ContainerStatus[],
  main: readonly ContainerStatus[],
): PodPhase {
  if (previous.phase === 'Succeeded' || previous.phase === 'Failed') return previous.phase;
  if (verdict) return 'Failed';
  return podPhase(pod, { init, main, begunMain: hasBegunMain(pod, runtime), ended });
}

/** Reason and message belong to the phase: they stay with it, whoever has set them. */
function reasonOf(phase: PodPhase, { verdict, previous }: StatusInputs): Pick<PodStatus, 'reason' | 'message'> {
  if (verdict) return { reason: verdict.reason, message: verdict.message };
  if (phase !== previous.phase) return {};
  const { reason, message } = previous;
  return { ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
}

/** The address that a pod had stays in its status after its sandbox is gone. */
function podIps({ sandboxes: [sandbox] }: RuntimePod, previous: PodStatus): readonly string[] {
  if (sandbox && sandbox.ips.length > 0) return sandbox.ips;
  return (previous.podIPs ?? []).flatMap(({ ip }) => (ip ? [ip] : []));
}
