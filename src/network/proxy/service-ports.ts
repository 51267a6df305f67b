// What the proxy has to do for each port of each Service: which addresses lead to it and which endpoints serve it. Pure.
// Upstream: pkg/proxy (servicechangetracker, topology.go, KEP-1669 for endpoints that are terminating).

import type { Service } from '../../api/core/service.ts';
import type { Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { parseIp } from '../../base/ip-address.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface Target {
  readonly ip: string;
  readonly port: number;
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
  /** Who serves, wherever they are. */
  readonly everywhere: readonly Target[];
  /** Who serves on this node. */
  readonly here: readonly Target[];
  /** Traffic to the cluster IP goes to this node's endpoints alone. */
  readonly internalLocal: boolean;
  /** So does traffic from outside of the cluster, which keeps its source address. */
  readonly externalLocal: boolean;
}

/** The ports of one Service as IPv4 sees them; none for headless and ExternalName Services. */
export function servicePorts(
  service: Service,
  slices: readonly EndpointSlice[],
  nodeName: string,
): readonly ServicePort[] {
  const { spec, metadata, status } = service;
  const clusterIps = (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter(isIpv4);
  if (spec.type === 'ExternalName' || clusterIps.length === 0) return [];
  const balancerIps = (status.loadBalancer.ingress ?? [])
    .filter(({ ipMode }) => ipMode !== 'Proxy')
    .flatMap(({ ip }) => (ip ? [ip] : []));
  return (spec.ports ?? []).map((port) => {
    const protocol = port.protocol ?? 'TCP';
    const candidates = candidatesOf(slices, port.name ?? '', protocol, nodeName);
    return {
      key: `${metadata.namespace}/${metadata.name}:${port.name ?? ''}`,
      protocol: protocol.toLowerCase() as Protocol,
      port: port.port,
      clusterIps,
      externalIps: [...new Set([...(spec.externalIPs ?? []), ...balancerIps])].filter(isIpv4),
      nodePort: port.nodePort || undefined,
      affinitySeconds:
        spec.sessionAffinity === 'ClientIP'
          ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800)
          : undefined,
      everywhere: usable(candidates),
      here: usable(candidates.filter(({ local }) => local)),
      internalLocal: spec.internalTrafficPolicy === 'Local',
      externalLocal: spec.externalTrafficPolicy === 'Local',
    };
  });
}

interface Candidate extends Target {
  /** On this node. */
  readonly local: boolean;
  readonly ready: boolean;
  readonly serving: boolean;
}

/** The endpoints that are ready; when none is, those that still serve while they terminate. */
function usable(candidates: readonly Candidate[]): readonly Target[] {
  const ready = candidates.filter((candidate) => candidate.ready);
  const chosen = ready.length > 0 ? ready : candidates.filter((candidate) => candidate.serving);
  return chosen.map(({ ip, port }) => ({ ip, port }));
}

/** Each address and port once, in an order that does not depend on that of slices; ready wins where two slices differ. */
function candidatesOf(
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
    if (port?.port === undefined || port.port === null) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const [ip] = endpoint.addresses ?? [];
      if (ip === undefined || !isIpv4(ip)) continue;
      const key = `${ip}:${port.port}`;
      if (byAddress.get(key)?.ready) continue;
      byAddress.set(key, { ip, port: port.port, local: endpoint.nodeName === nodeName, ...conditionsOf(endpoint) });
    }
  }
  return [...byAddress.values()].sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port));
}

/** What is not said counts as ready and serving. An endpoint serves as a stand-in only while it terminates. */
function conditionsOf({ conditions }: Endpoint): { readonly ready: boolean; readonly serving: boolean } {
  const ready = conditions.ready !== false;
  return { ready, serving: ready || (conditions.terminating === true && conditions.serving !== false) };
}

function isIpv4(address: string): boolean {
  return parseIp(address)?.family === 'IPv4' && !address.includes(':');
}
