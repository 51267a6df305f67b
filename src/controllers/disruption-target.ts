// The condition by which a pod's owner sees that it was disrupted and did not fail by itself. Upstream: KEP-3329.

import type { Pod } from '../api/core/pod.ts';
import type { PodPhase } from '../api/core/pod-status.ts';
import { formatTime } from '../api/time.ts';
import { podCondition } from './pod-state.ts';

/** A strategic merge patch of the pod's status; refused if another pod has the name by now. */
export function disruptionTarget(
  pod: Pod,
  { reason, message, phase }: { readonly reason: string; readonly message: string; readonly phase?: PodPhase },
  nowMs: number,
): unknown {
  const current = podCondition(pod, 'DisruptionTarget');
  const lastTransitionTime = current?.status === 'True' ? current.lastTransitionTime : formatTime(nowMs);
  const condition = { type: 'DisruptionTarget', status: 'True', reason, message, lastTransitionTime };
  return {
    metadata: { uid: pod.metadata.uid },
    status: { ...(phase === undefined ? {} : { phase }), conditions: [condition] },
  };
}
