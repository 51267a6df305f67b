// How far the resize of a pod has come, as conditions and events tell it. Upstream: the end of SyncPod in pkg/kubelet.

import type { PodEvents } from '../pod-parts.ts';
import type { PodRecord } from '../pod-record.ts';
import type { RuntimePod } from '../runtime-pod.ts';
import { resizable, sameRequirements } from './allocation.ts';
import type { Allocations } from './allocations.ts';
import { hasResizes, planResize } from './plan-resize.ts';
import { resizeCompleted, resizeFailed } from './resize-messages.ts';

interface Deps {
  readonly allocations: Pick<Allocations, 'actuated' | 'actuate'>;
  readonly events: PodEvents;
}

/** Also of a resize that a former agent has begun. */
export function beginResize({ pod, resize }: PodRecord): void {
  resize.inProgress ??= { generation: pod.metadata.generation ?? 0, error: undefined };
}

export function failResize({ events }: Deps, { pod, resize }: PodRecord, why: string): void {
  if (resize.inProgress?.error !== why) events.pod(pod, 'Warning', 'ResizeError', resizeFailed(pod, why));
  resize.inProgress = { generation: pod.metadata.generation ?? 0, error: why };
}

/** Whether something is left to be done, by what runs now. */
export function followResize({ allocations, events }: Deps, { pod, resize }: PodRecord, runtime: RuntimePod): boolean {
  const { uid } = pod.metadata;
  const actuated = allocations.actuated(uid);
  if (hasResizes(planResize(pod, runtime, actuated))) return true;
  for (const { name, resources } of resizable(pod.spec)) {
    // To the kernel it may be the same although it is written down as something else.
    const known = actuated.containers[name];
    if (known && !sameRequirements(known, resources)) allocations.actuate(uid, name, resources);
  }
  if (resize.inProgress) events.pod(pod, 'Normal', 'ResizeCompleted', resizeCompleted(pod));
  resize.inProgress = undefined;
  return false;
}
