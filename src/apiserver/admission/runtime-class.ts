// RuntimeClass: pods of a class that exists only, with the overhead of the class, on the nodes that it is for. Upstream:
// k8s.io/kubernetes/plugin/pkg/admission/runtimeclass.

import { Pod } from '../../api/core/pod.ts';
import { RuntimeClass } from '../../api/node/runtime-class.ts';
import { sameResources } from '../../api/resource-list.ts';
import type { Draft } from '../../api/schema.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { mergeTolerations } from './merge-tolerations.ts';
import { refusal } from './refusal.ts';

const OTHER_OVERHEAD = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
const OWN_OVERHEAD = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';

export function runtimeClass({ objects }: { readonly objects: ObjectReader }): AdmissionPlugin {
  const isHandled = ({ kind, operation, subresource }: AdmissionRequest) =>
    kind === Pod && subresource === '' && operation === 'CREATE';
  return {
    name: 'RuntimeClass',
    mutate(request) {
      if (!isHandled(request)) return;
      const { spec } = request.object as unknown as Draft<Pod>;
      const found = classOf(objects, request, spec);
      if (found?.overhead) setOverhead(request, spec, found.overhead.podFixed);
      if (found?.scheduling) restrictNodes(request, spec, found.scheduling);
    },
    validate(request) {
      if (!isHandled(request)) return;
      const { spec } = request.object as unknown as Draft<Pod>;
      const found = classOf(objects, request, spec);
      if (found?.overhead) {
        if (!sameResources(found.overhead.podFixed, spec.overhead)) throw refusal(request, OTHER_OVERHEAD);
      } else if (spec.overhead !== undefined) throw refusal(request, OWN_OVERHEAD);
    },
  };
}

function classOf(objects: ObjectReader, request: AdmissionRequest, spec: Draft<Pod>['spec']): RuntimeClass | undefined {
  const { runtimeClassName: name } = spec;
  if (name === undefined) return undefined;
  const found = objects.get(RuntimeClass, { name });
  if (!found) throw refusal(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  return found;
}

function setOverhead(
  request: AdmissionRequest,
  spec: Draft<Pod>['spec'],
  overhead: Readonly<Record<string, string>> | undefined,
): void {
  if (spec.overhead !== undefined && !sameResources(overhead, spec.overhead)) throw refusal(request, OTHER_OVERHEAD);
  if (overhead) spec.overhead = { ...overhead };
}

function restrictNodes(
  request: AdmissionRequest,
  spec: Draft<Pod>['spec'],
  { nodeSelector = {}, tolerations = [] }: NonNullable<RuntimeClass['scheduling']>,
): void {
  for (const [key, value] of Object.entries(nodeSelector)) {
    const own = spec.nodeSelector?.[key];
    if (own === undefined || own === value) continue;
    const ours = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}`;
    throw refusal(request, `conflict: ${ours}; pod.spec.nodeSelector[${key}] = ${own}`);
  }
  if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  const merged = mergeTolerations(spec.tolerations ?? [], tolerations);
  if (merged.length > 0) spec.tolerations = merged.map((toleration) => ({ ...toleration }));
}
