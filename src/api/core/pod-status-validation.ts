// The rules of a pod's status. Upstream: ValidatePodStatusUpdate in pkg/apis/core/validation.

import { checkFaults, checkIp, checkOneOf, checkQualifiedName, checkSubdomain, isDualStack } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { userOrGroupId } from '../names.ts';
import { immutable } from '../object-validation.ts';
import type { Container } from './container.ts';
import type { ContainerStatus, LinuxContainerUser, ResourceStatus } from './container-status.ts';
import type { Pod } from './pod.ts';
import { checkPodAnnotations, checkPodAnnotationsUpdate } from './pod-annotations-validation.ts';
import type { PodSpec } from './pod-spec.ts';
import { isSidecar } from './sidecar.ts';

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
  if (status.nominatedNodeName && status.nominatedNodeName !== before.nominatedNodeName) {
    checkSubdomain(status.nominatedNodeName, STATUS.child('nominatedNodeName'), errors);
  }
  errors.push(...immutable(STATUS.child('qosClass'), status.qosClass, before.qosClass));
  checkStatesUpdate(pod, previous, errors);
  checkClaims(pod, errors);
  checkAddresses(status, errors);
  for (const field of STATUS_LISTS) checkUsers(status[field] ?? [], spec, STATUS.child(field), errors);
  checkHealth(status.containerStatuses ?? [], spec.containers ?? [], STATUS.child('containerStatuses'), errors);
  const initAt = STATUS.child('initContainerStatuses');
  checkHealth(status.initContainerStatuses ?? [], spec.initContainers ?? [], initAt, errors);
  refuseHealth(status.ephemeralContainerStatuses ?? [], STATUS.child('ephemeralContainerStatuses'), errors);
  return errors;
}

const STATUS_LISTS = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;
const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized']);

function checkConditions(conditions: readonly { readonly type: string }[], errors: FieldError[]): void {
  for (const [index, { type }] of conditions.entries()) {
    if (SYSTEM_CONDITIONS.has(type)) continue;
    checkQualifiedName(type, METADATA.child('conditions').index(index).child('Type'), errors);
  }
}

/** What has ended for good does not come back. */
function checkStatesUpdate({ status }: Pod, previous: Pod, errors: FieldError[]): void {
  const { restartPolicy } = previous.spec;
  const sidecars = new Set((previous.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  for (const field of STATUS_LISTS) {
    const policy = field === 'ephemeralContainerStatuses' ? 'Never' : restartPolicy;
    if (policy === 'Always') continue;
    for (const [index, before] of (previous.status[field] ?? []).entries()) {
      const { terminated } = before.state;
      if (!terminated || (terminated.exitCode !== 0 && policy === 'OnFailure')) continue;
      if (field === 'initContainerStatuses' && sidecars.has(before.name)) continue;
      const isBack = status[field]?.some(({ name, state }) => name === before.name && !state.terminated);
      if (!isBack) continue;
      const why = 'may not be transitioned to non-terminated state';
      errors.push(fieldError.forbidden(STATUS.child(field).index(index).child('state'), why));
    }
  }
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

function checkAddresses({ podIPs = [], hostIP = '', hostIPs = [] }: Pod['status'], errors: FieldError[]): void {
  const [firstHost] = hostIPs;
  const hostAt = STATUS.child('hostIPs');
  if (firstHost && firstHost.ip !== hostIP) {
    errors.push(fieldError.invalid(hostAt.index(0).child('ip'), firstHost.ip, 'must be equal to `hostIP`'));
  }
  checkAddressList(podIPs, STATUS.child('podIPs'), errors);
  checkAddressList(hostIPs, hostAt, errors);
}

function checkAddressList(addresses: readonly { readonly ip: string }[], at: Path, errors: FieldError[]): void {
  const ips = addresses.map(({ ip }) => ip);
  for (const [index, ip] of ips.entries()) checkIp(ip, at.index(index), errors);
  if (ips.length < 2) return;
  if (ips.length > 2 || !isDualStack(ips)) {
    errors.push(fieldError.invalid(at, addresses, 'may specify no more than one IP for each IP family'));
  }
  for (const [index, ip] of ips.entries()) {
    if (ips.indexOf(ip) < index) errors.push(fieldError.duplicate(at.index(index), addresses[index]));
  }
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
