// The rules of the cluster addresses of services and of their families, and of how they may change. Upstream:
// ValidateServiceClusterIPsRelatedFields and ValidateServiceUpdate in pkg/apis/core/validation.

import { parseIp } from '../../base/ip-address.ts';
import { checkIp, isDualStack } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { Service, ServiceSpec } from './service.ts';
import { needsClusterIP, needsHealthCheckNodePort } from './service-rules.ts';

const SPEC = Path.of('spec');
const IPS = SPEC.child('clusterIPs');
const FAMILIES = SPEC.child('ipFamilies');
const POLICY = SPEC.child('ipFamilyPolicy');
const ONCE_SET = 'may not change once set';

export function isHeadlessList(clusterIPs: readonly string[] | undefined): boolean {
  return clusterIPs?.length === 1 && clusterIPs[0] === 'None';
}

/** `known` are the addresses that the service has had so far. */
export function checkClusterIPs(spec: ServiceSpec, known: readonly string[], errors: FieldError[]): void {
  if (!needsClusterIP(spec)) return;
  const { clusterIP = '', clusterIPs = [], ipFamilies = [] } = spec;
  const [first] = clusterIPs;
  if (clusterIP === '') {
    if (first !== undefined) {
      errors.push(fieldError.invalid(IPS, clusterIPs, 'must be empty when `clusterIP` is not specified'));
    }
  } else if (first === undefined) errors.push(fieldError.required(IPS));
  else if (first !== clusterIP) {
    errors.push(fieldError.invalid(IPS, clusterIPs, 'first value must match `clusterIP`'));
  }
  for (const [index, family] of ipFamilies.entries()) {
    if (ipFamilies.indexOf(family) < index) errors.push(fieldError.duplicate(FAMILIES.index(index), family));
  }
  if (!areAddresses(clusterIPs, known, errors)) return;
  if (clusterIPs.length > 1 && !isDualStack(clusterIPs)) {
    errors.push(fieldError.invalid(IPS, clusterIPs, 'may specify no more than one IP for each IP family'));
  }
  for (const [index, family] of ipFamilies.entries()) {
    const ip = clusterIPs[index];
    if (ip === undefined || isHeadlessList(clusterIPs) || parseIp(ip)?.family === family) continue;
    const why = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(fieldError.invalid(IPS.index(index), ip, why));
  }
}

function areAddresses(clusterIPs: readonly string[], known: readonly string[], errors: FieldError[]): boolean {
  let areFine = true;
  for (const [index, ip] of clusterIPs.entries()) {
    if (index > 0 || ip !== 'None') areFine = checkIp(ip, IPS.index(index), errors, known) && areFine;
    else if (clusterIPs.length > 1) {
      errors.push(fieldError.invalid(IPS, clusterIPs, "'None' must be the first and only value"));
      areFine = false;
    }
  }
  if (clusterIPs.length > 2) errors.push(fieldError.invalid(IPS, clusterIPs, 'may only hold up to 2 values'));
  return areFine;
}

/** Clients and name servers keep the addresses of a service: the first stays, a second one may come and go. */
export function validateServiceUpdate({ spec }: Service, { spec: previous }: Service): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (needsClusterIP(spec) && needsClusterIP(previous)) {
    const isHeadless = isHeadlessList(spec.clusterIPs);
    const wasHeadless = isHeadlessList(previous.clusterIPs);
    if (!isHeadless || !wasHeadless) checkIpsUpdate(spec, previous, errors);
    // Families that are left out are settled along with the addresses.
    if (!isHeadless && !wasHeadless && spec.ipFamilies?.length) checkFamiliesUpdate(spec, previous, errors);
  }
  if (spec.type === 'LoadBalancer' && previous.type === 'LoadBalancer') {
    if (spec.loadBalancerClass !== previous.loadBalancerClass) {
      errors.push(fieldError.invalid(SPEC.child('loadBalancerClass'), spec.loadBalancerClass, ONCE_SET));
    }
  }
  if (needsHealthCheckNodePort(spec) && needsHealthCheckNodePort(previous)) {
    if ((spec.healthCheckNodePort ?? 0) !== (previous.healthCheckNodePort ?? 0)) {
      errors.push(fieldError.forbidden(SPEC.child('healthCheckNodePort'), 'field is immutable'));
    }
  }
  return errors;
}

function checkIpsUpdate(spec: ServiceSpec, { clusterIPs: before = [] }: ServiceSpec, errors: FieldError[]): void {
  const { clusterIPs: ips = [] } = spec;
  if (before.length > 0 && ips.length === 0) {
    errors.push(fieldError.invalid(IPS.index(0), ips, 'primary clusterIP can not be unset'));
    return;
  }
  const kept = ips.length === before.length ? before : before.slice(0, 1);
  for (const [index, ip] of kept.entries()) {
    if (ips[index] !== ip) errors.push(fieldError.invalid(IPS.index(index), ips, ONCE_SET));
  }
  if (ips.length < before.length) checkRelease(spec, 'clusterIP', errors);
}

function checkFamiliesUpdate(spec: ServiceSpec, { ipFamilies: before = [] }: ServiceSpec, errors: FieldError[]): void {
  const { ipFamilies: families = [] } = spec;
  const kept = families.length === before.length ? before : before.slice(0, 1);
  for (const [index, family] of kept.entries()) {
    if (families[index] !== family) errors.push(fieldError.invalid(FAMILIES.index(0), families, ONCE_SET));
  }
  if (families.length < before.length) checkRelease(spec, 'ipFamily', errors);
}

function checkRelease({ ipFamilyPolicy }: ServiceSpec, what: string, errors: FieldError[]): void {
  if (ipFamilyPolicy === 'SingleStack') return;
  const why = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  errors.push(fieldError.invalid(POLICY, ipFamilyPolicy, why));
}
