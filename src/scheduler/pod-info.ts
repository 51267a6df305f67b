// A pod with what scheduling asks of it again and again, worked out once.

import { type HostPort, hostPortsOf } from '../api/core/host-ports.ts';
import type { Pod } from '../api/core/pod.ts';
import { type AffinityTerms, affinityTermsOf } from './affinity-term.ts';
import { nonZeroPodRequests, podRequests, type Resources } from './pod-resources.ts';

export interface PodInfo {
  readonly pod: Pod;
  readonly uid: string;
  readonly priority: number;
  readonly requests: Resources;
  readonly nonZeroRequests: { readonly milliCpu: number; readonly memory: number };
  readonly hostPorts: readonly HostPort[];
  /** Pod affinity and anti-affinity; absent when the pod has none. */
  readonly affinity: AffinityTerms | undefined;
}

export function podInfoOf(pod: Pod): PodInfo {
  return {
    pod,
    uid: pod.metadata.uid,
    priority: pod.spec.priority ?? 0,
    requests: podRequests(pod),
    nonZeroRequests: nonZeroPodRequests(pod),
    hostPorts: hostPortsOf(pod),
    affinity: affinityTermsOf(pod),
  };
}

/** The pod as it will be once it is bound. */
export function assumedOn(info: PodInfo, nodeName: string): PodInfo {
  return { ...info, pod: { ...info.pod, spec: { ...info.pod.spec, nodeName } } };
}

/** `namespace/name`, for people. */
export function podKey(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}
