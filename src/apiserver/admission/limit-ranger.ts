// LimitRanger: what a namespace says of single containers, pods and claims: what they ask for when they say nothing, and
// how little and how much they may ask for. Upstream: k8s.io/kubernetes/plugin/pkg/admission/limitranger.

import type { Container } from '../../api/core/container.ts';
import { LimitRange } from '../../api/core/limit-range.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import type { ResourceList } from '../../api/resource-list.ts';
import type { Draft } from '../../api/schema.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { claimFaults, podFaults } from './limit-faults.ts';
import { refusal } from './refusal.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';

export function limitRanger({ objects }: { readonly objects: ObjectReader }): AdmissionPlugin {
  const rangesFor = (request: AdmissionRequest) =>
    isLimited(request) ? objects.list(LimitRange, request.namespace).toSorted(byName) : [];
  return {
    name: 'LimitRanger',
    mutate(request) {
      if (request.kind !== Pod) return;
      for (const range of rangesFor(request)) giveDefaults(request.object as unknown as Draft<Pod>, range);
    },
    validate(request) {
      for (const { spec } of rangesFor(request)) {
        const limits = spec.limits ?? [];
        const found =
          request.kind === Pod
            ? podFaults(request.object as unknown as Pod, limits)
            : claimFaults(request.object as unknown as PersistentVolumeClaim, limits);
        const faults = [...new Set(found)];
        if (faults.length > 0) throw refusal(request, faults.length === 1 ? faults.join() : `[${faults.join(', ')}]`);
      }
    },
  };
}

/** Whether the request says what a container, a pod or a claim asks for. What is on its way out may ask for anything. */
function isLimited({ kind, operation, subresource, oldObject }: AdmissionRequest): boolean {
  if (oldObject?.metadata.deletionTimestamp !== undefined) return false;
  if (kind === Pod) {
    return subresource === '' ? operation === 'CREATE' : subresource === 'resize' && operation === 'UPDATE';
  }
  if (kind !== PersistentVolumeClaim || subresource !== '') return false;
  return operation === 'CREATE' || operation === 'UPDATE';
}

/** Completes what the containers ask for, and notes in an annotation what was set. */
function giveDefaults(pod: Draft<Pod>, { spec }: LimitRange): void {
  const items = (spec.limits ?? []).filter(({ type }) => type === 'Container');
  const defaults: Defaults = {
    requests: Object.assign({}, ...items.map(({ defaultRequest }) => defaultRequest)),
    limits: Object.assign({}, ...items.map((item) => item.default)),
  };
  const notes = [
    ...(pod.spec.containers ?? []).flatMap((container) => complete(container, defaults, 'container')),
    ...(pod.spec.initContainers ?? []).flatMap((container) => complete(container, defaults, 'init container')),
  ];
  if (notes.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}`,
  };
}

interface Defaults {
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

function complete(container: Draft<Container>, defaults: Defaults, called: string): string[] {
  return (['requests', 'limits'] as const).flatMap((which) => {
    const given = container.resources[which] ?? {};
    const missing = Object.keys(defaults[which]).filter((name) => given[name] === undefined);
    if (missing.length === 0) return [];
    container.resources = { ...container.resources, [which]: { ...defaults[which], ...given } };
    return [
      `${missing.toSorted().join(', ')} ${which === 'requests' ? 'request' : 'limit'} for ${called} ${container.name}`,
    ];
  });
}

function byName(a: LimitRange, b: LimitRange): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
