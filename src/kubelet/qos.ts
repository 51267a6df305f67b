// The quality-of-service class of a pod. Upstream: pkg/apis/core/v1/helper/qos.

import type { Pod } from '../api/core/pod.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** The class the API server has worked out when the pod was made; every pod that comes from it has one. */
export function qosClass(pod: Pod): QosClass {
  return (pod.status.qosClass as QosClass | undefined) ?? 'BestEffort';
}
