// The rules of a pod's status. Upstream: ValidatePodStatusUpdate in pkg/apis/core/validation.

import {
  checkFaults,
  checkIp,
  checkLabel,
  checkOneOf,
  checkQualifiedName,
  checkSubdomain,
  isDualStack,
} from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { userOrGroupId } from '../names.ts';
import { immutable } from '../object-validation.ts';
import type { Container } from './container.ts';
import { canRestartAll, restartsAfter } from './container-restart.ts';
import type { ContainerStatus, LinuxContainerUser, ResourceStatus } from './container-status.ts';
import type { Pod } from './pod.ts';
import { checkPodAnnotations, checkPodAnnotationsUpdate } from './pod-annotations-validation.ts';
import type { PodSpec } from './pod-spec.ts';
import type { PodExtendedResourceClaimStatus, PodStatus } from './pod-status.ts';

const STATUS = Path.of('status');
const METADATA = Path.of('metadata');

export function validatePodStatusUpdate(pod: Pod, previous: Pod): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { spec, status } = pod;
  const before = previous.status;
  const annotations = pod.metadata.annotations ?? {};
  const annotationsAt = METADATA.child('annotations');
  checkPodAnnotationsUpdate(annotations, previous.metadata.annotations ?? {}, annotationsAt, errors);
  checkPodAnnotations(annotations, spec, annotationsAt, errors);
  checkConditions(status.conditions ?? [], errors);
  checkNomination(pod, previous, errors);
  checkGeneration(status.observedGeneration, STATUS, errors);
  errors.push(...immutable(STATUS.child('qosClass'), status.qosClass, before.qosClass));
  checkStatesUpdate(pod, previous, errors);
  checkClaims(pod, errors);
  if (status.extendedResourceClaimStatus) checkExtendedClaim(status.extendedResourceClaimStatus, spec, errors);
  checkAddresses(status, before, errors);
  for (const field of STATUS_LISTS) checkUsers(status[field] ?? [], spec, STATUS.child(field), errors);
  checkHealth(status.containerStatuses ?? [], spec.containers ?? [], STATUS.child('containerStatuses'), errors);
  const initAt = STATUS.child('initContainerStatuses');
  checkHealth(status.initContainerStatuses ?? [], spec.initContainers ?? [], initAt, errors);
  refuseHealth(status.ephemeralContainerStatuses ?? [], STATUS.child('ephemeralContainerStatuses'), errors);
  return errors;
}

const STATUS_LISTS = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;
const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized']);

function checkConditions(conditions: NonNullable<PodStatus['conditions']>, errors: FieldError[]): void {
  for (const [index, { type, observedGeneration }] of conditions.entries()) {
    const at = STATUS.child('conditions').index(index);
    checkGeneration(observedGeneration, at, errors);
    if (!SYSTEM_CONDITIONS.has(type)) checkQualifiedName(type, at.child('Type'), errors);
  }
}

function checkGeneration(observedGeneration = 0, at: Path, errors: FieldError[]): void {
  if (observedGeneration >= 0) return;
  const why = 'must be a non-negative integer';
  errors.push(fieldError.invalid(at.child('observedGeneration'), observedGeneration, why));
}

/** A place is kept for a pod until it is there. Upstream: KEP-5278. */
function checkNomination({ status: { nominatedNodeName: name } }: Pod, previous: Pod, errors: FieldError[]): void {
  if (!name || name === previous.status.nominatedNodeName) return;
  const at = STATUS.child('nominatedNodeName');
  checkSubdomain(name, at, errors);
  if (!previous.spec.nodeName) return;
  errors.push(fieldError.forbidden(at, 'may not be set on pods that are already bound to a node'));
}

/** What has ended for good does not come back. */
function checkStatesUpdate({ status }: Pod, previous: Pod, errors: FieldError[]): void {
  const { spec } = previous;
  for (const field of STATUS_LISTS) {
    if (field !== 'ephemeralContainerStatuses' && canRestartAll(spec)) continue;
    for (const [index, before] of (previous.status[field] ?? []).entries()) {
      const { terminated } = before.state;
      if (!terminated || mayComeBack(field, before.name, terminated.exitCode, spec)) continue;
      const isBack = status[field]?.some(({ name, state }) => name === before.name && !state.terminated);
      if (!isBack) continue;
      const why = 'may not be transitioned to non-terminated state';
      errors.push(fieldError.forbidden(STATUS.child(field).index(index).child('state'), why));
    }
  }
}

/** Of a container that the pod does not have there is nothing that says so. */
function mayComeBack(field: (typeof STATUS_LISTS)[number], name: string, exitCode: number, spec: PodSpec): boolean {
  if (field === 'ephemeralContainerStatuses') return false;
  const containers = field === 'containerStatuses' ? spec.containers : spec.initContainers;
  const container = containers?.find((one) => one.name === name);
  return container !== undefined && restartsAfter(spec, container, exitCode);
}

function checkClaims({ spec, status }: Pod, errors: FieldError[]): void {
  const known = new Set(spec.resourceClaims?.map(({ name }) => name));
  const names = new Set<string>();
  for (const [index, { name, resourceClaimName }] of (status.resourceClaimStatuses ?? []).entries()) {
    const at = STATUS.child('resourceClaimStatuses').index(index).child('name');
    if (!known.has(name)) {
      errors.push(fieldError.invalid(at, name, 'must match the name of an entry in `spec.resourceClaims`'));
    }
    if (names.has(name)) errors.push(fieldError.duplicate(at, name));
    names.add(name);
    if (resourceClaimName !== undefined) checkSubdomain(resourceClaimName, at, errors);
  }
}

/** Claims that the scheduler has made for resources of devices. Upstream: KEP-5004. */
function checkExtendedClaim(
  { requestMappings, resourceClaimName }: PodExtendedResourceClaimStatus,
  { initContainers = [], containers }: PodSpec,
  errors: FieldError[],
): void {
  const at = STATUS.child('extendedResourceClaimStatus');
  const mappingsAt = at.child('requestMappings');
  if (!requestMappings?.length)
    errors.push(fieldError.required(mappingsAt, 'at least one request mapping is required'));
  const byName = new Map([...initContainers, ...(containers ?? [])].map((container) => [container.name, container]));
  const seen = new Set<string>();
  for (const [index, mapping] of (requestMappings ?? []).entries()) {
    const path = mappingsAt.index(index);
    const { containerName, resourceName, requestName } = mapping;
    const container = byName.get(containerName);
    if (!container) errors.push(fieldError.invalid(path.child('containerName'), containerName, NO_CONTAINER));
    else if (container.resources.requests?.[resourceName] === undefined) {
      errors.push(fieldError.invalid(path.child('resourceName'), resourceName, NO_REQUEST));
    }
    checkLabel(requestName, at.child('requestName'), errors);
    const key = `${containerName}/${resourceName}/${requestName}`;
    for (const field of seen.has(key) ? MAPPING_FIELDS : []) {
      errors.push(fieldError.duplicate(path.child(field), mapping[field]));
    }
    seen.add(key);
  }
  if (resourceClaimName) checkSubdomain(resourceClaimName, at.child('resourceClaimName'), errors);
  else errors.push(fieldError.required(at.child('resourceClaimName')));
}

const MAPPING_FIELDS = ['containerName', 'resourceName', 'requestName'] as const;
const NO_CONTAINER = 'must match the name of an entry in spec.initContainers.name or spec.containers.name';
const NO_REQUEST =
  'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests';

/** Addresses that were there before may stay, however they are written. */
function checkAddresses(
  { podIPs = [], hostIP = '', hostIPs = [] }: PodStatus,
  before: PodStatus,
  errors: FieldError[],
) {
  const [firstHost] = hostIPs;
  const hostAt = STATUS.child('hostIPs');
  if (firstHost && firstHost.ip !== hostIP) {
    errors.push(fieldError.invalid(hostAt.index(0).child('ip'), firstHost.ip, 'must be equal to `hostIP`'));
  }
  checkAddressList(podIPs, before.podIPs, STATUS.child('podIPs'), errors);
  checkAddressList(hostIPs, before.hostIPs, hostAt, errors);
}

type Addresses = readonly { readonly ip: string }[];

function checkAddressList(addresses: Addresses, before: Addresses = [], at: Path, errors: FieldError[]): void {
  const ips = addresses.map(({ ip }) => ip);
  const known = before.map(({ ip }) => ip);
  for (const [index, ip] of ips.entries()) checkIp(ip, at.index(index), errors, known);
  if (ips.length < 2 || (ips.length === 2 && isDualStack(ips))) return;
  errors.push(fieldError.invalid(at, addresses, 'may specify no more than one IP for each IP family'));
}

function checkUsers(statuses: readonly ContainerStatus[], { os }: PodSpec, at: Path, errors: FieldError[]): void {
  for (const [index, { user }] of statuses.entries()) {
    if (!user?.linux) continue;
    const path = at.index(index).child('linux');
    if (os?.name === 'windows') errors.push(fieldError.forbidden(path, 'cannot be set for a windows pod'));
    else checkLinuxUser(user.linux, path, errors);
  }
}

function checkLinuxUser({ uid, gid, supplementalGroups = [] }: LinuxContainerUser, at: Path, errors: FieldError[]) {
  checkFaults(userOrGroupId(uid), uid, at.child('uid'), errors);
  checkFaults(userOrGroupId(gid), gid, at.child('gid'), errors);
  for (const [index, group] of supplementalGroups.entries()) {
    checkFaults(userOrGroupId(group), group, at.child('supplementalGroups').index(index), errors);
  }
}

/** The health of devices is told of what the container asked for. Upstream: KEP-4680. */
function checkHealth(
  statuses: readonly ContainerStatus[],
  containers: readonly Container[],
  at: Path,
  errors: FieldError[],
): void {
  for (const [index, { name, allocatedResourcesStatus = [] }] of statuses.entries()) {
    const container = containers.find((one) => one.name === name);
    for (const [resourceIndex, resource] of allocatedResourcesStatus.entries()) {
      const path = at.index(index).child('allocatedResourcesStatus').index(resourceIndex);
      if (container) checkHealthName(resource.name, container, path.child('name'), errors);
      checkDevices(resource, path.child('resources'), errors);
    }
  }
}

function checkHealthName(name: string, { resources }: Container, at: Path, errors: FieldError[]): void {
  if (name.startsWith('claim:')) {
    const claims = (resources.claims ?? []).map((claim) => [claim.name, claim.request].filter(Boolean).join('/'));
    if (claims.includes(name.slice('claim:'.length))) return;
    const why =
      "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";
    errors.push(fieldError.invalid(at, name, why));
  } else if (resources.requests?.[name] === undefined) {
    errors.push(fieldError.invalid(at, name, "must match one of the container's resource requests"));
  }
}

function checkDevices({ resources = [] }: ResourceStatus, at: Path, errors: FieldError[]): void {
  const ids = new Set<string>();
  for (const [index, { resourceID, health = '' }] of resources.entries()) {
    checkOneOf(health, ['Healthy', 'Unhealthy', 'Unknown'], at.index(index).child('health'), errors);
    if (ids.has(resourceID)) errors.push(fieldError.duplicate(at.index(index).child('resourceID'), resourceID));
    ids.add(resourceID);
  }
}

function refuseHealth(statuses: readonly ContainerStatus[], at: Path, errors: FieldError[]): void {
  for (const [index, { allocatedResourcesStatus }] of statuses.entries()) {
    if (!allocatedResourcesStatus?.length) continue;
    const path = at.index(index).child('allocatedResourcesStatus');
    errors.push(fieldError.forbidden(path, 'must not be specified in container status'));
  }
}
