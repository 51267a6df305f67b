// Priority: the number behind a pod's priority class, and at most one class that is the default. Upstream:
// k8s.io/kubernetes/plugin/pkg/admission/priority.

import { Pod } from '../../api/core/pod.ts';
import type { PreemptionPolicy } from '../../api/core/pod-spec.ts';
import type { AnyObject } from '../../api/kind.ts';
import { PriorityClass } from '../../api/scheduling/priority-class.ts';
import type { Draft } from '../../api/schema.ts';
import { isStatusError } from '../../api/status-error.ts';
import type { Client } from '../../client/client.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { refusal } from './refusal.ts';

/** The two classes that every cluster has, above anything a user may define. */
export const SYSTEM_PRIORITY_CLASSES = [
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
    preemptionPolicy: 'PreemptLowerPriority',
  },
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
    preemptionPolicy: 'PreemptLowerPriority',
  },
] as const;

/** Makes those of them that are missing. Upstream: the hook scheduling/bootstrap-system-priority-classes. */
export async function ensureSystemPriorityClasses(
  { client }: { readonly client: Client },
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const existing = (await client.list(PriorityClass, { signal })).items.map(({ metadata }) => metadata.name);
  for (const priorityClass of SYSTEM_PRIORITY_CLASSES) {
    if (existing.includes(priorityClass.metadata.name)) continue;
    try {
      await client.create(PriorityClass, priorityClass, { signal });
    } catch (error) {
      // Another server was faster.
      if (!isStatusError(error, 'AlreadyExists')) throw error;
    }
  }
}

export function priority({ objects }: { readonly objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'Priority',
    mutate(request) {
      if (request.kind !== Pod || request.subresource !== '' || !request.object) return;
      const { spec } = request.object as unknown as Draft<Pod>;
      if (request.operation === 'CREATE') resolvePriority(objects, request, spec);
      else if (request.operation === 'UPDATE') keepPriority(spec, request.oldObject);
    },
    validate(request) {
      const { kind, operation, subresource, object } = request;
      if (kind !== PriorityClass || subresource !== '' || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
      const { metadata, globalDefault } = object as unknown as Draft<PriorityClass>;
      const other = globalDefault ? defaultClass(objects) : undefined;
      if (!other || (operation === 'UPDATE' && other.metadata.name === metadata.name)) return;
      const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`;
      throw refusal(request, why);
    },
  };
}

function resolvePriority(objects: ObjectReader, request: AdmissionRequest, spec: Draft<Pod>['spec']): void {
  const { priorityClassName } = spec;
  const priorityClass = priorityClassName
    ? objects.get(PriorityClass, { name: priorityClassName })
    : defaultClass(objects);
  if (priorityClassName && !priorityClass) {
    throw refusal(request, `no PriorityClass with name ${priorityClassName} was found`);
  }
  if (priorityClass) spec.priorityClassName = priorityClass.metadata.name;
  const value = priorityClass?.value ?? 0;
  const policy: PreemptionPolicy = priorityClass?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (spec.priority !== undefined && spec.priority !== value) {
    throw refusal(request, mismatch('integer value of priority', spec.priority, value));
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw refusal(request, mismatch('string value of PreemptionPolicy', spec.preemptionPolicy, policy));
  }
  spec.priority = value;
  spec.preemptionPolicy = policy;
}

function mismatch(what: string, given: unknown, computed: unknown): string {
  return (
    `the ${what} (${given}) must not be provided in pod spec; ` +
    `priority admission controller computed ${computed} from the given PriorityClass name`
  );
}

/** A client that writes back a pod without what was filled in here means to leave it as it is. */
function keepPriority(spec: Draft<Pod>['spec'], oldObject: AnyObject | undefined): void {
  const { priority, preemptionPolicy } = (oldObject as unknown as Pod).spec;
  if (spec.priority === undefined && priority !== undefined) spec.priority = priority;
  if (spec.preemptionPolicy === undefined && preemptionPolicy !== undefined) spec.preemptionPolicy = preemptionPolicy;
}

/** Should there be several after all, the one of the lowest value. */
function defaultClass(objects: ObjectReader): PriorityClass | undefined {
  return objects
    .list(PriorityClass)
    .filter(({ globalDefault }) => globalDefault)
    .reduce<PriorityClass | undefined>(
      (lowest, each) => (lowest && lowest.value <= each.value ? lowest : each),
      undefined,
    );
}
