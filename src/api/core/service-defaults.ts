// The defaults of services that depend on other fields; the rest stands in the declaration, and addresses are the
// allocator's. Upstream: SetDefaults_Service in pkg/apis/core/v1.

import type { Draft } from '../schema.ts';
import type { Service } from './service.ts';
import { isExternallyAccessible } from './service-rules.ts';

/** Three hours. */
const SESSION_AFFINITY_TIMEOUT_SECONDS = 10800;

export function defaultService({ spec, status }: Draft<Service>): void {
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP') {
    const timeoutSeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? SESSION_AFFINITY_TIMEOUT_SECONDS;
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds } };
  }
  for (const port of spec.ports ?? []) port.targetPort ||= port.port;
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster';
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') {
    spec.allocateLoadBalancerNodePorts ??= true;
    for (const ingress of status.loadBalancer.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
  }
}
