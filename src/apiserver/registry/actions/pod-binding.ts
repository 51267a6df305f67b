// pods/binding: puts a pod on a node, once. Upstream: BindingREST in k8s.io/kubernetes/pkg/registry/core/pod/storage.

import type { Binding } from '../../../api/core/binding.ts';
import type { Pod } from '../../../api/core/pod.ts';
import type { PodCondition } from '../../../api/core/pod-status.ts';
import { type FieldError, fieldError } from '../../../api/field-error.ts';
import type { Draft } from '../../../api/schema.ts';
import { conflict, invalid } from '../../../api/status-error.ts';
import { formatTime } from '../../../api/time.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Action } from '../handlers.ts';

export function podBinding({ clock }: { readonly clock: Clock }): Action {
  return async ({ ref, body, update }) => {
    const { metadata, target } = body as unknown as Binding;
    const errors = targetErrors(target);
    if (errors.length > 0) throw invalid({ group: '', kind: 'Binding' }, ref.name, errors);
    await update((draft) => {
      const pod = draft as unknown as Draft<Pod>;
      const fault = preconditionFault(pod, metadata);
      if (fault) throw conflict({ group: '', resource: 'pods' }, ref.name, fault);
      const obstacle = bindingFault(pod, ref.name);
      if (obstacle) throw conflict({ group: '', resource: 'pods/binding' }, ref.name, obstacle);
      pod.spec.nodeName = target.name ?? '';
      if (metadata?.annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...metadata.annotations };
      // It has arrived: nobody needs to keep a place for it any more (KEP 5278).
      delete pod.status.nominatedNodeName;
      setScheduled(pod, clock.now());
    });
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  };
}

function targetErrors({ kind, name }: Binding['target']): FieldError[] {
  const errors: FieldError[] = [];
  if (kind && kind !== 'Node') errors.push(fieldError.notSupported('target.kind', kind, ['Node', '<empty>']));
  if (!name) errors.push(fieldError.required('target.name'));
  return errors;
}

/** Why the pod is not the one that the binding was made for. */
function preconditionFault({ metadata }: Draft<Pod>, wanted: Binding['metadata'] | undefined): string | undefined {
  if (wanted?.uid && wanted.uid !== metadata.uid) {
    return `Precondition failed: UID in precondition: ${wanted.uid}, UID in object meta: ${metadata.uid}`;
  }
  if (wanted?.resourceVersion && wanted.resourceVersion !== metadata.resourceVersion) {
    const { resourceVersion } = wanted;
    return `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`;
  }
  return undefined;
}

/** Why the pod cannot be put on a node now. */
function bindingFault({ metadata, spec }: Draft<Pod>, name: string): string | undefined {
  if (metadata.deletionTimestamp) return `pod ${name} is being deleted, cannot be assigned to a host`;
  if (spec.nodeName) return `pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`;
  if (spec.schedulingGates?.length) return `pod ${name} has non-empty .spec.schedulingGates`;
  return undefined;
}

/** A condition that said why it could not be scheduled gives way to the one that says it is. */
function setScheduled({ metadata, status }: Draft<Pod>, nowMs: number): void {
  const conditions = status.conditions ?? [];
  const scheduled: Draft<PodCondition> = {
    type: 'PodScheduled',
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: formatTime(nowMs),
  };
  const index = conditions.findIndex(({ type }) => type === scheduled.type);
  status.conditions = index === -1 ? [...conditions, scheduled] : conditions.with(index, scheduled);
}
