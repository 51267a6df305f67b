// What the proxy has to do for each port of each Service: which addresses lead to it and which endpoints serve it. Pure.
// Upstream: pkg/proxy (servicechangetracker, topology.go, KEP-1669 for endpoints that are terminating).

import type { Service } from '../../api/core/service.ts';
import type { Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface Target {
  readonly ip: string;
  readonly port: number;
  /** On this node. */
  readonly local: boolean;
}

export interface ServicePort {
  /** `namespace/name:port` */
  readonly key: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly clusterIps: readonly string[];
  /** External IPs and addresses of a load balancer. */
  readonly externalIps: readonly string[];
  readonly nodePort: number | undefined;
  /** Keeps a client on its endpoint for so many seconds. */
  readonly affinitySeconds: number | undefined;
  /** Who serves traffic from within the cluster, and from outside. */
  readonly internal: readonly Target[];
  readonly external: readonly Target[];
  /** Only endpoints of this node serve it: a node without one must drop, and the client's address is kept. */
  readonly externalLocal: boolean;
  readonly internalLocal: boolean;
}

/** The ports of one Service as IPv4 sees them; none for headless and ExternalName Services. */
export function servicePorts(
  service: Service,
  slices: readonly EndpointSlice[],
  nodeName: string,
): readonly ServicePort[] {
  const { spec, metadata } = service;
  const clusterIps = (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter(isIpv4);
  if (spec.type === 'ExternalName' || clusterIps.length === 0) return [];
  const balancerIps = (service.status.loadBalancer.ingress ?? [])
    .filter(({ ipMode }) => ipMode !== 'Proxy')
    .flatMap(({ ip }) => (ip ? [ip] : []));
  return (spec.ports ?? []).map((port) => {
    const targets = targetsOf(slices, port.name ?? '', port.protocol ?? 'TCP', nodeName);
    const internalLocal = spec.internalTrafficPolicy === 'Local';
    const externalLocal = spec.externalTrafficPolicy === 'Local';
    return {
      key: `${metadata.namespace}/${metadata.name}:${port.name ?? ''}`,
      protocol: (port.protocol ?? 'TCP').toLowerCase() as Protocol,
      port: port.port,
      clusterIps,
      externalIps: [...(spec.externalIPs ?? []), ...balancerIps].filter(isIpv4),
      nodePort: port.nodePort || undefined,
      affinitySeconds:
        spec.sessionAffinity === 'ClientIP'
          ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800)
          : undefined,
      internal: usable(targets, internalLocal),
      external: usable(targets, externalLocal),
      internalLocal,
      externalLocal,
    };
  });
}

interface Candidate extends Target {
  readonly ready: boolean;
  readonly serving: boolean;
}

/** The endpoints that are ready; when none is, those that still serve while they terminate. */
function usable(candidates: readonly Candidate[], onlyLocal: boolean): readonly Target[] {
  const near = onlyLocal ? candidates.filter(({ local }) => local) : candidates;
  const ready = near.filter((candidate) => candidate.ready);
  const chosen = ready.length > 0 ? ready : near.filter((candidate) => candidate.serving);
  return chosen.map(({ ip, port, local }) => ({ ip, port, local }));
}

function targetsOf(
  slices: readonly EndpointSlice[],
  portName: string,
  protocol: string,
  nodeName: string,
): readonly Candidate[] {
  const byAddress = new Map<string, Candidate>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    const port = slice.ports?.find(
      (other) => (other.name ?? '') === portName && (other.protocol ?? 'TCP') === protocol,
    );
    if (port?.port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const [ip] = endpoint.addresses ?? [];
      if (ip === undefined) continue;
      byAddress.set(`${ip}:${port.port}`, {
        ip,
        port: port.port,
        local: endpoint.nodeName === nodeName,
        ...conditionsOf(endpoint),
      });
    }
  }
  return [...byAddress.values()].sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port));
}

/** What is not said counts as ready and serving. */
function conditionsOf(endpoint: Endpoint): { readonly ready: boolean; readonly serving: boolean } {
  const { ready, serving } = endpoint.conditions;
  return { ready: ready !== false, serving: serving ?? ready !== false };
}

function isIpv4(address: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(address);
}
