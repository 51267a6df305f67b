// The rules of a pod's spec, for pods and for templates. Label selectors, most enumerations and required names are
// checked for all kinds alike. Upstream: ValidatePodSpec in pkg/apis/core/validation.

import { checkIp, checkLabel, checkOneOf, checkQualifiedName, checkRange, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { validateLabels } from '../label-selector.ts';
import { compareQuantities } from '../quantity.ts';
import { checkAffinity, checkTolerations, checkTopologySpread } from './affinity-validation.ts';
import { checkFileKeyVolumes } from './container-env-validation.ts';
import { containersWithPaths } from './container-paths.ts';
import { checkContainers, checkEphemeralContainers, checkInitContainers } from './container-validation.ts';
import { checkDnsConfig } from './pod-dns-validation.ts';
import { aggregateContainers } from './pod-resources.ts';
import type { PodResourceClaim, PodSpec } from './pod-spec.ts';
import { isHugePages } from './resource-names.ts';
import { checkContainerResources, checkPodLevelResources } from './resource-validation.ts';
import { checkPodSecurityContext } from './security-context-validation.ts';
import { checkVolumes } from './volume-validation.ts';
import { checkHostProcesses, checkOperatingSystem } from './windows-validation.ts';

/** `podName` is the pod's, and absent for a template: some rules are for pods alone. */
export function checkPodSpec(spec: PodSpec, podName: string | undefined, at: Path, errors: FieldError[]): void {
  checkParts(spec, podName, at, errors);
  checkNames(spec, at, errors);
  checkPolicies(spec, at, errors);
  checkHost(spec, podName !== undefined, at, errors);
  if (spec.affinity) checkAffinity(spec.affinity, at.child('affinity'), errors);
  checkTolerations(spec.tolerations ?? [], at.child('tolerations'), errors);
  checkTopologySpread(spec.topologySpreadConstraints ?? [], at.child('topologySpreadConstraints'), errors);
  errors.push(...validateLabels(spec.nodeSelector, at.child('nodeSelector')));
  checkDnsConfig(spec, at.child('dnsConfig'), errors);
  checkGates(spec, at, errors);
  checkHostProcesses(spec, at, errors);
  checkOperatingSystem(spec, at, errors);
  checkFileKeyVolumes(spec, at, errors);
}

function checkParts(spec: PodSpec, podName: string | undefined, at: Path, errors: FieldError[]): void {
  const { containers, initContainers = [], ephemeralContainers = [], resourceClaims = [] } = spec;
  const context = {
    volumes: checkVolumes(spec.volumes ?? [], podName, at.child('volumes'), errors),
    claimNames: new Set(resourceClaims.map(({ name }) => name).filter((name) => name !== '')),
    gracePeriodSeconds: spec.terminationGracePeriodSeconds,
    restartPolicy: spec.restartPolicy,
    hostUsers: spec.hostUsers !== false,
  };
  const regular = containers ?? [];
  checkClaims(resourceClaims, at.child('resourceClaims'), errors);
  checkContainers(regular, context, at.child('containers'), errors);
  checkInitContainers(initContainers, regular, context, at.child('initContainers'), errors);
  const others = [...regular, ...initContainers];
  checkEphemeralContainers(ephemeralContainers, others, context, at.child('ephemeralContainers'), errors);
  checkResourcesOfPod(spec, at.child('resources'), errors);
  if (spec.overhead) {
    checkContainerResources({ limits: spec.overhead }, new Set(), at.child('overhead'), errors);
  }
}

function checkClaims(claims: readonly PodResourceClaim[], at: Path, errors: FieldError[]): void {
  const names = new Set<string>();
  for (const [index, claim] of claims.entries()) {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    const path = at.index(index);
    if (name === '') errors.push(fieldError.required(path.child('name')));
    else if (names.has(name)) errors.push(fieldError.duplicate(path.child('name'), name));
    else checkLabel(name, path.child('name'), errors);
    names.add(name);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      const why = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.push(fieldError.invalid(path, claim, why));
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      const why = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
      errors.push(fieldError.invalid(path, claim, why));
    }
    for (const [field, value] of Object.entries({ resourceClaimName, resourceClaimTemplateName })) {
      if (value !== undefined) checkSubdomain(value, path.child(field), errors);
    }
  }
}

/** A pod as a whole asks for what its containers ask for together at least, and none of them gets more than the pod. */
function checkResourcesOfPod(spec: PodSpec, at: Path, errors: FieldError[]): void {
  const { resources } = spec;
  if (!resources) return;
  if (spec.os?.name === 'windows') {
    errors.push(fieldError.forbidden(at, 'may not be set for a windows pod'));
    return;
  }
  checkPodLevelResources(resources, at, errors);
  for (const which of ['requests', 'limits'] as const) {
    for (const [name, together] of Object.entries(aggregateContainers(spec, which))) {
      const own = resources[which]?.[name];
      if (own === undefined || compareQuantities(together, own) <= 0) continue;
      if (which === 'limits' && !isHugePages(name)) continue; // Containers may share what they do not keep.
      const why = `must be greater than or equal to aggregate container ${which} of ${together}`;
      errors.push(fieldError.invalid(at.child(which).key(name), own, why));
    }
  }
  for (const [index, container] of (spec.containers ?? []).entries()) {
    for (const [name, limit] of Object.entries(container.resources.limits ?? {})) {
      const own = resources.limits?.[name];
      if (own === undefined || compareQuantities(limit, own) <= 0) continue;
      const path = at.child('containers').index(index).key(name).child('limits');
      errors.push(fieldError.invalid(path, limit, `must be less than or equal to pod limits of ${own}`));
    }
  }
}

function checkNames(spec: PodSpec, at: Path, errors: FieldError[]): void {
  for (const field of ['serviceAccountName', 'nodeName', 'priorityClassName'] as const) {
    const name = spec[field];
    if (name) checkSubdomain(name, at.child(field), errors);
  }
  if (spec.runtimeClassName !== undefined) checkSubdomain(spec.runtimeClassName, at.child('runtimeClassName'), errors);
  if (spec.hostname) checkLabel(spec.hostname, at.child('hostname'), errors);
  if (spec.subdomain) checkLabel(spec.subdomain, at.child('subdomain'), errors);
  if (spec.hostnameOverride !== undefined) checkHostnameOverride(spec, at.child('hostnameOverride'), errors);
  for (const [index, { ip, hostnames = [] }] of (spec.hostAliases ?? []).entries()) {
    const path = at.child('hostAliases').index(index);
    checkIp(ip, path.child('ip'), errors);
    for (const [i, name] of hostnames.entries()) checkSubdomain(name, path.child('hostnames').index(i), errors);
  }
}

/** What Linux takes as a host name. */
const MAX_HOSTNAME_BYTES = 64;

/** Upstream: KEP-4762. */
function checkHostnameOverride(spec: PodSpec, at: Path, errors: FieldError[]): void {
  const name = spec.hostnameOverride ?? '';
  checkSubdomain(name, at, errors);
  if (name.length > MAX_HOSTNAME_BYTES) errors.push(fieldError.tooLong(at, MAX_HOSTNAME_BYTES));
  if (spec.hostNetwork) errors.push(fieldError.forbidden(at, 'may not be specified when hostNetwork is true'));
  if (spec.setHostnameAsFQDN) {
    errors.push(fieldError.forbidden(at, 'may not be specified when setHostnameAsFQDN is true'));
  }
}

const MAX_INT32 = 2147483647;

function checkPolicies(spec: PodSpec, at: Path, errors: FieldError[]): void {
  const { restartPolicy = '', dnsPolicy = '', activeDeadlineSeconds } = spec;
  const preemptionPolicy: string | undefined = spec.preemptionPolicy;
  checkOneOf(restartPolicy, ['Always', 'OnFailure', 'Never'], at.child('restartPolicy'), errors);
  const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
  checkOneOf(dnsPolicy, dnsPolicies, at.child('dnsPolicy'), errors);
  if (preemptionPolicy !== undefined) {
    const path = at.child('preemptionPolicy');
    if (preemptionPolicy === '') errors.push(fieldError.required(path));
    else checkOneOf(preemptionPolicy, ['PreemptLowerPriority', 'Never'], path, errors);
  }
  if (activeDeadlineSeconds !== undefined) {
    checkRange(activeDeadlineSeconds, 1, MAX_INT32, at.child('activeDeadlineSeconds'), errors);
  }
  if (spec.terminationGracePeriodSeconds === undefined) {
    errors.push(fieldError.required(at.child('terminationGracePeriodSeconds')));
  }
}

function checkHost(spec: PodSpec, isPod: boolean, at: Path, errors: FieldError[]): void {
  if (spec.securityContext) checkPodSecurityContext(spec.securityContext, spec, at.child('securityContext'), errors);
  if (spec.hostNetwork) {
    for (const [index, { ports = [] }] of (spec.containers ?? []).entries()) {
      for (const [portIndex, { hostPort = 0, containerPort }] of ports.entries()) {
        // A template may leave the port of the host to the pods.
        if (hostPort === containerPort || (hostPort === 0 && !isPod)) continue;
        const path = at.child('containers').index(index).child('ports').index(portIndex).child('hostPort');
        errors.push(fieldError.invalid(path, hostPort, 'must match `containerPort` when `hostNetwork` is true'));
      }
    }
  }
  if (spec.hostUsers !== false) return;
  // A user namespace of its own goes with no other namespace of the host.
  const why = 'when `hostUsers` is false';
  if (spec.hostNetwork) errors.push(fieldError.forbidden(at.child('hostNetwork'), why));
  if (spec.hostPID) errors.push(fieldError.forbidden(at.child('HostPID'), why));
  if (spec.hostIPC) errors.push(fieldError.forbidden(at.child('HostIPC'), why));
  for (const { container, path } of containersWithPaths(spec, at)) {
    // Whose they are cannot be mapped, as it is for files.
    if (container.volumeDevices?.length) errors.push(fieldError.forbidden(path.child('volumeDevices'), why));
  }
}

function checkGates({ readinessGates = [], schedulingGates = [] }: PodSpec, at: Path, errors: FieldError[]): void {
  for (const [index, { conditionType }] of readinessGates.entries()) {
    checkQualifiedName(conditionType, at.child('readinessGates').index(index).child('conditionType'), errors);
  }
  const names = new Set<string>();
  for (const [index, { name }] of schedulingGates.entries()) {
    const path = at.child('schedulingGates').index(index);
    checkQualifiedName(name, path, errors);
    if (names.has(name)) errors.push(fieldError.duplicate(path, name));
    names.add(name);
  }
}
