// The quality-of-service class of a pod. The API server writes it into the status when the pod is made.

import type { Pod } from '../api/core/pod.ts';
import { qosClassOf } from '../api/core/pod-qos.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

export function qosClass(pod: Pod): QosClass {
  return pod.status.qosClass ?? qosClassOf(pod.spec);
}
