// Which parts of a service go with which type. Validation, defaulting, the allocation of addresses and ports and the
// proxy share these. Upstream: pkg/api/service and pkg/registry/core/service.

import type { ServiceSpec } from './service.ts';

type Spec<K extends keyof ServiceSpec> = Pick<ServiceSpec, K>;

/** Has a cluster address, or `None` in its place. */
export function needsClusterIP({ type }: Spec<'type'>): boolean {
  return type !== 'ExternalName';
}

/** Has a port on every node for each of its ports. */
export function needsNodePorts({ type }: Spec<'type'>): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

/** Has node ports that are chosen for it, unless it names them. */
export function allocatesNodePorts({
  type,
  allocateLoadBalancerNodePorts,
}: Spec<'type' | 'allocateLoadBalancerNodePorts'>): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
}

/** Has a port on which a load balancer asks each node whether it has endpoints. */
export function needsHealthCheckNodePort({
  type,
  externalTrafficPolicy,
}: Spec<'type' | 'externalTrafficPolicy'>): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

export function isExternallyAccessible({ type, externalIPs }: Spec<'type' | 'externalIPs'>): boolean {
  return type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && Boolean(externalIPs?.length));
}

export function isHeadless({ clusterIP }: Spec<'clusterIP'>): boolean {
  return clusterIP === 'None';
}
