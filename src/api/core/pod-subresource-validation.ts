// What the subresources `ephemeralcontainers` and `resize` may change of a pod. Upstream: ValidatePodEphemeralContainersUpdate
// and ValidatePodResize in pkg/apis/core/validation.

import { changedFields } from '../changed-fields.ts';
import { deepEqual } from '../deep-equal.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { AnyObject } from '../kind.ts';
import type { ResourceList } from '../resource-list.ts';
import type { Container } from './container.ts';
import type { ResourceRequirements } from './container-resources.ts';
import type { Pod } from './pod.ts';
import { checkPodAnnotationsUpdate, MIRROR_POD_ANNOTATION } from './pod-annotations-validation.ts';
import { qosClassOf } from './pod-qos.ts';
import type { PodSpec } from './pod-spec.ts';
import { isSidecar } from './sidecar.ts';

const OBJECT = Path.of();
const SPEC = Path.of('spec');
const MAX_CHANGES_SHOWN = 10;

/** Ephemeral containers are added, and stay. */
export function validateEphemeralContainersUpdate(object: AnyObject, prior: AnyObject): readonly FieldError[] {
  const pod = object as unknown as Pod;
  const previous = prior as unknown as Pod;
  if (isMirror(previous)) return [fieldError.forbidden(OBJECT, 'static pods do not support ephemeral containers')];
  const errors: FieldError[] = [];
  const annotationsAt = Path.of('metadata', 'annotations');
  checkPodAnnotationsUpdate(pod.metadata.annotations ?? {}, previous.metadata.annotations ?? {}, annotationsAt, errors);
  const at = SPEC.child('ephemeralContainers');
  const containers = new Map(pod.spec.ephemeralContainers?.map((container) => [container.name, container]));
  for (const before of previous.spec.ephemeralContainers ?? []) {
    const container = containers.get(before.name);
    const which = `existing ephemeral containers ${JSON.stringify(before.name)}`;
    if (!container) errors.push(fieldError.forbidden(at, `${which} may not be removed\n`));
    else if (!deepEqual(container, before)) {
      const changes = changedFields(container, before, at.key(before.name), MAX_CHANGES_SHOWN);
      errors.push(fieldError.forbidden(at, `${which} may not be changed\n${changes.join('\n')}`));
    }
  }
  return errors;
}

/** Only processor time and memory change, and nothing of them goes away. Upstream: KEP-1287, KEP-5419. */
export function validateResize(object: AnyObject, prior: AnyObject): readonly FieldError[] {
  const pod = object as unknown as Pod;
  const previous = prior as unknown as Pod;
  if (isMirror(previous)) return [fieldError.forbidden(OBJECT, 'static pods cannot be resized')];
  if (previous.spec.os?.name === 'windows') return [fieldError.forbidden(OBJECT, 'windows pods cannot be resized')];
  const errors: FieldError[] = [];
  if ((previous.status.qosClass || qosClassOf(previous.spec)) !== qosClassOf(pod.spec)) {
    const why = 'Pod QOS Class may not change as a result of resizing';
    errors.push(fieldError.invalid(SPEC, pod.status.qosClass, why));
  }
  if (!canNodeResize(previous)) {
    errors.push(fieldError.forbidden(SPEC, 'Pod running on node without support for resize'));
  }
  checkPodLevel(pod.spec, previous.spec, errors);
  if (previous.status.nodeAllocatableResourceClaimStatuses?.length) {
    const why = 'pods with node allocatable resource claims cannot be resized';
    errors.push(fieldError.forbidden(SPEC, why));
  }
  if (checkOrder(pod.spec, previous.spec, errors)) checkContainers(pod.spec, previous.spec, errors);
  return errors;
}

function isMirror({ metadata }: Pod): boolean {
  return metadata.annotations?.[MIRROR_POD_ANNOTATION] !== undefined;
}

/** A node that cannot resize does not say which resources its containers have. */
function canNodeResize({ status }: Pod): boolean {
  const running = status.containerStatuses?.find(({ state }) => state.running);
  return running === undefined || running.resources !== undefined;
}

function checkPodLevel({ resources }: PodSpec, { resources: previous }: PodSpec, errors: FieldError[]): void {
  const at = SPEC.child('resources');
  if (!hasAny(resources) && !hasAny(previous)) return;
  if (!resources) {
    errors.push(fieldError.forbidden(at, 'pod-level resources cannot be removed'));
    return;
  }
  for (const field of ['requests', 'limits'] as const) {
    if (!isAnyRemoved(resources[field], previous?.[field])) continue;
    errors.push(fieldError.forbidden(at.child(field), `pod-level resource ${field} cannot be removed`));
  }
  if (!isSameBesides(resources, previous)) {
    errors.push(fieldError.forbidden(SPEC, 'only cpu and memory resources are mutable at pod-level'));
  }
}

function checkOrder(spec: PodSpec, previous: PodSpec, errors: FieldError[]): boolean {
  const count = errors.length;
  for (const field of ['containers', 'initContainers'] as const) {
    const containers = spec[field] ?? [];
    const before = previous[field] ?? [];
    if (containers.length !== before.length) {
      errors.push(fieldError.forbidden(SPEC.child(field), `${field} may not be added or removed on resize`));
      continue;
    }
    for (const [index, { name }] of containers.entries()) {
      if (name === before[index]?.name) continue;
      const why = `${field} may not be renamed or reordered on resize`;
      errors.push(fieldError.forbidden(SPEC.child(field).index(index).child('name'), why));
    }
  }
  return errors.length === count;
}

function checkContainers(spec: PodSpec, previous: PodSpec, errors: FieldError[]): void {
  for (const field of ['initContainers', 'containers'] as const) {
    for (const [index, container] of (spec[field] ?? []).entries()) {
      const before = previous[field]?.[index];
      if (!before) continue;
      const at = SPEC.child(field).index(index);
      for (const which of ['requests', 'limits'] as const) {
        if (!isAnyRemoved(container.resources[which], before.resources[which])) continue;
        errors.push(fieldError.forbidden(at.child('resources', which), `resource ${which} cannot be removed`));
      }
      if (field === 'containers') {
        if (isOnlyResized(container, before)) continue;
        errors.push(fieldError.forbidden(SPEC, 'only cpu and memory resources are mutable'));
      } else checkInitContainer(container, before, at, errors);
    }
  }
}

function checkInitContainer(container: Container, previous: Container, at: Path, errors: FieldError[]): void {
  if (!isOnlyResized(container, previous)) {
    const why = 'only cpu and memory resources for init or sidecar containers are mutable';
    errors.push(fieldError.forbidden(at, why));
  }
  const wouldRestart = container.resizePolicy?.some(({ restartPolicy }) => restartPolicy === 'RestartContainer');
  if (!isSidecar(container) && wouldRestart && !deepEqual(container, previous)) {
    const why = 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized';
    errors.push(fieldError.forbidden(at, why));
  }
}

function isOnlyResized(container: Container, previous: Container): boolean {
  const { resources, ...rest } = container;
  const { resources: resourcesBefore, ...restBefore } = previous;
  return deepEqual(rest, restBefore) && isSameBesides(resources, resourcesBefore);
}

/** Whether two requirements differ in what can be resized, at most. */
function isSameBesides(resources: ResourceRequirements, previous: ResourceRequirements | undefined): boolean {
  return (['requests', 'limits'] as const).every((field) =>
    deepEqual(others(resources[field]), others(previous?.[field])),
  );
}

function others(list: ResourceList = {}): ResourceList {
  const { cpu: _, memory: __, ...rest } = list;
  return rest;
}

function isAnyRemoved(list: ResourceList = {}, previous: ResourceList = {}): boolean {
  return Object.keys(previous).some((name) => list[name] === undefined);
}

function hasAny(resources: ResourceRequirements | undefined): boolean {
  return Object.keys({ ...resources?.requests, ...resources?.limits }).length > 0;
}
