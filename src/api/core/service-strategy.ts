// What updaters of services need not repeat and what goes away with a change of type: addresses and ports that were
// allocated stay unless they are asked to change, and fields that a type has no use for are dropped unless they are
// written anew. Upstream: pkg/registry/core/service.

import type { Draft } from '../schema.ts';
import type { Service, ServiceSpec } from './service.ts';
import { isExternallyAccessible, needsClusterIP, needsHealthCheckNodePort, needsNodePorts } from './service-rules.ts';

export function prepareServiceForCreate({ spec }: Draft<Service>): void {
  // Clients that know of one address only.
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
}

export function prepareServiceForUpdate(service: Draft<Service>, previous: Service): void {
  keepAllocated(service.spec, previous.spec);
  alignClusterIPs(service.spec, previous.spec);
  releaseSecondFamily(service.spec, previous.spec);
  dropUnused(service.spec, previous.spec);
  if (service.spec.type !== 'LoadBalancer') service.status = { ...service.status, loadBalancer: {} };
}

/** Who sends a manifest without addresses and ports means those that the service has. */
function keepAllocated(spec: Draft<ServiceSpec>, previous: ServiceSpec): void {
  if (needsClusterIP(previous) && needsClusterIP(spec)) {
    if (previous.clusterIP) spec.clusterIP ||= previous.clusterIP;
    if (!spec.clusterIPs?.length && previous.clusterIPs) spec.clusterIPs = [...previous.clusterIPs];
  }
  if (needsNodePorts(previous) && needsNodePorts(spec)) keepNodePorts(spec, previous);
  if (needsHealthCheckNodePort(previous) && needsHealthCheckNodePort(spec) && previous.healthCheckNodePort) {
    spec.healthCheckNodePort ||= previous.healthCheckNodePort;
  }
}

/** Ports are the same by name, whatever else changes about them; a number that stays in use is not given twice. */
function keepNodePorts(spec: Draft<ServiceSpec>, previous: ServiceSpec): void {
  const wanted = new Set(spec.ports?.map(({ nodePort }) => nodePort));
  const byName = new Map(previous.ports?.map(({ name = '', nodePort }) => [name, nodePort]));
  for (const port of spec.ports ?? []) {
    const before = byName.get(port.name ?? '');
    if (!port.nodePort && before && !wanted.has(before)) port.nodePort = before;
  }
}

/** `clusterIP` is the first of `clusterIPs`: what an older client writes to the one alone goes for both. */
function alignClusterIPs(spec: Draft<ServiceSpec>, previous: ServiceSpec): void {
  const before = previous.clusterIP ?? '';
  const now = spec.clusterIP ?? '';
  if (before === now) {
    if (previous.clusterIPs?.length && !spec.clusterIPs?.length) spec.clusterIPs = [...previous.clusterIPs];
    return;
  }
  if (!sameList(previous.clusterIPs, spec.clusterIPs)) return;
  if (before !== '' && now === '') delete spec.clusterIPs;
  else spec.clusterIPs = [now];
}

/** Who only sets the policy to a single family means the first one. */
function releaseSecondFamily(spec: Draft<ServiceSpec>, previous: ServiceSpec): void {
  if (!needsClusterIP(previous) || !needsClusterIP(spec)) return;
  if (spec.ipFamilyPolicy !== 'SingleStack' || previous.ipFamilyPolicy === 'SingleStack') return;
  if (spec.clusterIPs && spec.clusterIPs.length > 1 && sameList(spec.clusterIPs, previous.clusterIPs)) {
    spec.clusterIPs = spec.clusterIPs.slice(0, 1);
  }
  if (spec.ipFamilies && spec.ipFamilies.length > 1 && sameList(spec.ipFamilies, previous.ipFamilies)) {
    spec.ipFamilies = spec.ipFamilies.slice(0, 1);
  }
}

function dropUnused(spec: Draft<ServiceSpec>, previous: ServiceSpec): void {
  if (needsClusterIP(previous) && !needsClusterIP(spec)) {
    if (spec.clusterIP === previous.clusterIP && sameList(spec.clusterIPs, previous.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (sameList(spec.ipFamilies, previous.ipFamilies)) delete spec.ipFamilies;
    if (spec.ipFamilyPolicy === previous.ipFamilyPolicy) delete spec.ipFamilyPolicy;
  }
  if (needsNodePorts(previous) && !needsNodePorts(spec) && sameNodePorts(spec, previous)) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheckNodePort(previous) && !needsHealthCheckNodePort(spec)) {
    if (spec.healthCheckNodePort === previous.healthCheckNodePort) delete spec.healthCheckNodePort;
  }
  if (previous.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === previous.allocateLoadBalancerNodePorts) {
      delete spec.allocateLoadBalancerNodePorts;
    }
    if (spec.loadBalancerClass === previous.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (isExternallyAccessible(previous) && !isExternallyAccessible(spec)) {
    if (spec.externalTrafficPolicy === previous.externalTrafficPolicy) delete spec.externalTrafficPolicy;
  }
}

function sameList(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** The same set of numbers, in whatever order. */
function sameNodePorts(spec: ServiceSpec, previous: ServiceSpec): boolean {
  const numbers = ({ ports }: ServiceSpec) => new Set(ports?.flatMap(({ nodePort }) => nodePort || []));
  return numbers(spec).symmetricDifference(numbers(previous)).size === 0;
}
