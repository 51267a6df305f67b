// The rules of services. Addresses and node ports are given after validation, so that a service that asks for none is
// fine. Upstream: ValidateService in pkg/apis/core/validation.

import { parseIp } from '../../base/ip-address.ts';
import {
  checkCidr,
  checkIp,
  checkLabel,
  checkNotSpecialIp,
  checkOneOf,
  checkPort,
  checkPortOrName,
  checkQualifiedName,
  checkSubdomain,
} from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { validateLabels } from '../label-selector.ts';
import type { LoadBalancerIngress, Service, ServicePort, ServiceSpec } from './service.ts';
import { checkClusterIPs, isHeadlessList } from './service-address-validation.ts';
import { isExternallyAccessible, needsHealthCheckNodePort } from './service-rules.ts';

const SPEC = Path.of('spec');
const LOAD_BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'";

export function validateService({ metadata, spec }: Service, previous?: Service): readonly FieldError[] {
  const errors: FieldError[] = [];
  const annotations = metadata.annotations ?? {};
  checkTopologyAnnotations(annotations, errors);
  checkType(spec, errors);
  checkPorts(spec, errors);
  errors.push(...validateLabels(spec.selector, SPEC.child('selector')));
  checkAffinity(spec, errors);
  checkClusterIPs(spec, previous?.spec.clusterIPs ?? [], errors);
  for (const [index, ip] of (spec.externalIPs ?? []).entries()) {
    const at = SPEC.child('externalIPs').index(index);
    if (checkIp(ip, at, errors, previous?.spec.externalIPs)) checkNotSpecialIp(ip, at, errors);
  }
  checkSourceRanges(spec, annotations, previous, errors);
  checkLoadBalancer(spec, errors);
  checkTraffic(spec, errors);
  return errors;
}

export function validateServiceStatusUpdate({ spec, status }: Service, previous: Service): readonly FieldError[] {
  const errors: FieldError[] = [];
  const known = (previous.status.loadBalancer.ingress ?? []).flatMap(({ ip }) => ip || []);
  const at = Path.of('status', 'loadBalancer', 'ingress');
  const ingress = status.loadBalancer.ingress ?? [];
  if (spec.type !== 'LoadBalancer' && ingress.length > 0) {
    return [fieldError.forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  for (const [index, one] of ingress.entries()) checkIngress(one, known, at.index(index), errors);
  return errors;
}

export const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';
export const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';

function checkTopologyAnnotations(annotations: Readonly<Record<string, string>>, errors: FieldError[]): void {
  const mode = annotations[TOPOLOGY_MODE];
  const hints = annotations[TOPOLOGY_HINTS];
  if (mode === undefined || hints === undefined || mode === hints) return;
  const at = Path.of('metadata', 'annotations').key(TOPOLOGY_MODE);
  errors.push(fieldError.invalid(at, mode, `must match annotations[${TOPOLOGY_HINTS}] when both are specified`));
}

function checkType(spec: ServiceSpec, errors: FieldError[]): void {
  const { type, ports = [], clusterIPs = [] } = spec;
  if (ports.length === 0 && !isHeadlessList(clusterIPs) && type !== 'ExternalName') {
    errors.push(fieldError.required(SPEC.child('ports')));
  }
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadlessList(clusterIPs)) {
    const why = `may not be set to 'None' for ${type} services`;
    errors.push(fieldError.invalid(SPEC.child('clusterIPs').index(0), clusterIPs[0], why));
  }
  if (type !== 'ExternalName') return;
  for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) {
    if (!spec[field]?.length) continue;
    errors.push(fieldError.forbidden(SPEC.child(field), 'may not be set for ExternalName services'));
  }
  // A dot at the end says that the name is whole.
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.push(fieldError.required(SPEC.child('externalName')));
  else checkSubdomain(name, SPEC.child('externalName'), errors);
}

function checkPorts({ ports = [], type }: ServiceSpec, errors: FieldError[]): void {
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const at = SPEC.child('ports').index(index);
    const { name, protocol, nodePort } = port;
    if (name) {
      checkLabel(name, at.child('name'), errors);
      if (names.has(name)) errors.push(fieldError.duplicate(at.child('name'), name));
      names.add(name);
    } else if (ports.length > 1) errors.push(fieldError.required(at.child('name')));
    checkServicePort(port, at, errors);
    if (numbers.has(`${protocol}/${port.port}`)) {
      errors.push(fieldError.duplicate(at, { protocol, port: port.port }));
    }
    numbers.add(`${protocol}/${port.port}`);
    if (!nodePort) continue;
    const nodePortAt = at.child('nodePort');
    if (type === 'ClusterIP') {
      errors.push(fieldError.forbidden(nodePortAt, "may not be used when `type` is 'ClusterIP'"));
    }
    if (nodePorts.has(`${protocol}/${nodePort}`)) errors.push(fieldError.duplicate(nodePortAt, nodePort));
    nodePorts.add(`${protocol}/${nodePort}`);
  }
}

function checkServicePort({ port, targetPort, appProtocol }: ServicePort, at: Path, errors: FieldError[]): void {
  checkPort(port, at.child('port'), errors);
  if (targetPort !== undefined) checkPortOrName(targetPort, at.child('targetPort'), errors);
  if (appProtocol !== undefined) checkQualifiedName(appProtocol, at.child('appProtocol'), errors);
}

/** A day. */
const MAX_AFFINITY_SECONDS = 86400;

function checkAffinity({ sessionAffinity, sessionAffinityConfig: config }: ServiceSpec, errors: FieldError[]): void {
  const at = SPEC.child('sessionAffinityConfig');
  if (sessionAffinity === 'None' && config) {
    errors.push(fieldError.forbidden(at, 'must not be set when session affinity is None'));
  }
  if (sessionAffinity !== 'ClientIP') return;
  const seconds = config?.clientIP?.timeoutSeconds;
  const secondsAt = at.child('clientIP', 'timeoutSeconds');
  if (seconds === undefined) {
    const missing = !config ? at : !config.clientIP ? at.child('clientIP') : secondsAt;
    errors.push(fieldError.required(missing, 'when session affinity type is ClientIP'));
  } else if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS) {
    const why = `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`;
    errors.push(fieldError.invalid(secondsAt, seconds, why));
  }
}

const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** In the field or, of old, in an annotation; space around a range has always been fine. */
function checkSourceRanges(
  { type, loadBalancerSourceRanges = [] }: ServiceSpec,
  annotations: Readonly<Record<string, string>>,
  previous: Service | undefined,
  errors: FieldError[],
): void {
  const annotation = annotations[SOURCE_RANGES];
  const inField = loadBalancerSourceRanges.length > 0;
  if (!inField && annotation === undefined) return;
  const at = inField ? SPEC.child('LoadBalancerSourceRanges') : Path.of('metadata', 'annotations').key(SOURCE_RANGES);
  if (type !== 'LoadBalancer') errors.push(fieldError.forbidden(at, LOAD_BALANCER_ONLY));
  if (inField) {
    const known = rangesOf(previous?.spec.loadBalancerSourceRanges);
    for (const [index, range] of rangesOf(loadBalancerSourceRanges).entries()) {
      checkCidr(range, at.index(index), errors, known);
    }
  } else if (annotation?.trim()) {
    const known = rangesOf(previous?.metadata.annotations?.[SOURCE_RANGES]?.split(','));
    for (const range of rangesOf(annotation.split(','))) checkCidr(range, at, errors, known);
  }
}

function rangesOf(texts: readonly string[] = []): readonly string[] {
  return texts.map((text) => text.trim());
}

function checkLoadBalancer(spec: ServiceSpec, errors: FieldError[]): void {
  const { allocateLoadBalancerNodePorts: allocates, loadBalancerClass } = spec;
  if (spec.type === 'LoadBalancer') {
    if (allocates === undefined) errors.push(fieldError.required(Path.of('allocateLoadBalancerNodePorts')));
    if (loadBalancerClass !== undefined) {
      checkQualifiedName(loadBalancerClass, SPEC.child('loadBalancerClass'), errors);
    }
    return;
  }
  for (const [field, value] of Object.entries({ allocateLoadBalancerNodePorts: allocates, loadBalancerClass })) {
    if (value !== undefined) errors.push(fieldError.forbidden(SPEC.child(field), LOAD_BALANCER_ONLY));
  }
}

const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];

function checkTraffic(spec: ServiceSpec, errors: FieldError[]): void {
  const { externalTrafficPolicy, healthCheckNodePort, trafficDistribution, type } = spec;
  const policyAt = SPEC.child('externalTrafficPolicy');
  if (isExternallyAccessible(spec)) {
    if (!externalTrafficPolicy) errors.push(fieldError.required(policyAt));
  } else if (externalTrafficPolicy) {
    const why = 'may only be set for externally-accessible services';
    errors.push(fieldError.invalid(policyAt, externalTrafficPolicy, why));
  }
  if (healthCheckNodePort) {
    const at = SPEC.child('healthCheckNodePort');
    if (needsHealthCheckNodePort(spec)) checkPort(healthCheckNodePort, at, errors);
    else {
      const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
      errors.push(fieldError.invalid(at, healthCheckNodePort, why));
    }
  }
  if (spec.internalTrafficPolicy === undefined && type !== 'ExternalName') {
    errors.push(fieldError.required(SPEC.child('internalTrafficPolicy')));
  }
  if (trafficDistribution !== undefined) {
    checkOneOf(trafficDistribution, DISTRIBUTIONS, SPEC.child('trafficDistribution'), errors);
  }
}

function checkIngress(
  { ip, ipMode, hostname }: LoadBalancerIngress,
  known: readonly string[],
  at: Path,
  errors: FieldError[],
): void {
  const modeAt = at.child('ipMode');
  if (ip) checkIp(ip, at.child('ip'), errors, known);
  if (ip && ipMode === undefined) errors.push(fieldError.required(modeAt, 'must be specified when `ip` is set'));
  else if (!ip && ipMode !== undefined) {
    errors.push(fieldError.forbidden(modeAt, 'may not be specified when `ip` is not set'));
  } else if (ipMode !== undefined) checkOneOf(ipMode, ['Proxy', 'VIP'], modeAt, errors);
  if (!hostname) return;
  const hostnameAt = at.child('hostname');
  checkSubdomain(hostname, hostnameAt, errors);
  if (parseIp(hostname)) {
    errors.push(fieldError.invalid(hostnameAt, hostname, 'must be a DNS name, not an IP address'));
  }
}
