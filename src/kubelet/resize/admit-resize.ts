// Whether a pod can have what it now asks for: pure. Upstream: podResizesAdmitHandler in pkg/kubelet/allocation.

import type { Pod } from '../../api/core/pod.ts';
import { quantityMilliValue, quantityValue } from '../../api/quantity.ts';
import { type Admission, type AdmissionInputs, admitPod } from '../admission/admit-pod.ts';
import { isStatic } from '../admission/preemption.ts';
import { requestOf } from '../admission/room.ts';

/** `Infeasible` for good, or `Deferred` until others give back. */
export function admitResize(pod: Pod, inputs: Omit<AdmissionInputs, 'wasAdmitted'>): Admission {
  const infeasible = infeasibility(pod, inputs.node.status.allocatable ?? {});
  if (infeasible !== undefined) return { refusal: { reason: 'Infeasible', message: infeasible } };
  const admission = admitPod(pod, { ...inputs, wasAdmitted: true });
  if ('preempt' in admission) return admission;
  return { refusal: { reason: 'Deferred', message: admission.refusal.message } };
}

function infeasibility(pod: Pod, allocatable: Readonly<Record<string, string>>): string | undefined {
  if (isStatic(pod)) return 'In-place resize of static-pods is not supported';
  const tooMuch = (resource: string, requested: number, capacity: number) =>
    requested > capacity
      ? `Node didn't have enough capacity: ${resource}, requested: ${requested}, capacity: ${capacity}`
      : undefined;
  return (
    tooMuch('memory', requestOf(pod, 'memory'), quantityValue(allocatable['memory'] ?? '0')) ??
    tooMuch('cpu', requestOf(pod, 'cpu'), quantityMilliValue(allocatable['cpu'] ?? '0'))
  );
}
