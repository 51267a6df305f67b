// Where requests to the proxy subresources go: the pod, node or service that a name means, and the port it may say. Pure.
// Upstream: ResourceLocation in pkg/registry/core/{pod,node,service}, apimachinery/pkg/util/net/port_split.go.

import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Service } from '../../api/core/service.ts';
import type { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import { containsIp, parseCidr, parseIp } from '../../base/ip-address.ts';
import type { Random } from '../../base/random.ts';
import type { NamedTarget } from './connector.ts';
import { agentAddress } from './node-agent.ts';

export interface ProxyLocation {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** A number, or a name that nobody listens on; `''` for the scheme's own. */
  readonly port: string;
  /** Whom the request says it is for, where that is not the host and port: one server may speak for several nodes. */
  readonly name?: string;
}

/** Throws StatusError `BadRequest` for a pod that has no address that may be reached this way. */
export function podLocation({ spec, status }: Pod, { scheme, port }: NamedTarget): ProxyLocation {
  const host = status.podIPs?.[0]?.ip ?? status.podIP ?? '';
  checkAddress(host);
  const first = spec.containers.find(({ ports = [] }) => ports.length > 0)?.ports?.[0]?.containerPort;
  return { scheme: scheme || 'http', host, port: port || (first === undefined ? '' : String(first)) };
}

/** The node's agent where no port is said, or the agent's own; anything else that listens there otherwise. */
export function nodeLocation(node: Node, { scheme, port }: NamedTarget): ProxyLocation & { readonly agent: boolean } {
  const host = node.status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';
  if (host === '') throw badRequest(`no preferred addresses found; known addresses: []`);
  const agent = agentAddress(node);
  if (agent && (port === '' || port === String(agent.port))) {
    return { scheme: 'https', host: agent.host, port: String(agent.port), name: agent.name, agent: true };
  }
  if (port === '') throw badRequest(`node ${node.metadata.name} has no agent that could be reached`);
  checkAddress(host);
  return { scheme: scheme || 'http', host, port, agent: false };
}

export interface ServiceBackends {
  readonly slices: readonly EndpointSlice[];
  /** The pod of that name in the service's namespace. */
  pod(name: string): Pod | undefined;
  readonly random: Random;
}

/**
 * One of the service's ready endpoints. Only pods of the service's own namespace count: whoever writes endpoints must
 * not reach elsewhere by the API server. Throws StatusError `ServiceUnavailable` when there is none.
 */
export function serviceLocation(
  service: Service,
  { scheme, port, given }: NamedTarget,
  { slices, pod, random }: ServiceBackends,
): ProxyLocation {
  const portName = portNameOf(service, port);
  const candidates = slices.flatMap((slice) => {
    const number = (slice.ports ?? []).find(({ name }) => (name ?? '') === portName)?.port;
    if (number === undefined) return [];
    return (slice.endpoints ?? [])
      .filter(({ conditions, targetRef }) => conditions.ready !== false && targetRef?.kind === 'Pod')
      .filter(({ targetRef }) => targetRef?.namespace === service.metadata.namespace)
      .flatMap(({ addresses, targetRef }) => addresses.map((host) => ({ host, number, pod: targetRef?.name ?? '' })));
  });
  const start = Math.floor(random.next() * candidates.length);
  for (let tried = 0; tried < candidates.length; tried++) {
    const { host, number, pod: name } = candidates[(start + tried) % candidates.length]!;
    const isItsOwn = pod(name)?.status.podIPs?.some(({ ip }) => ip === host) ?? false;
    if (isItsOwn) return { scheme: scheme || 'http', host, port: String(number) };
  }
  throw new StatusError('ServiceUnavailable', `no endpoints available for service ${JSON.stringify(given)}`);
}

/** Endpoints know the ports of a service by name. */
function portNameOf({ metadata, spec }: Service, port: string): string {
  if (!/^\d+$/.test(port)) return port;
  const found = (spec.ports ?? []).find((candidate) => candidate.port === Number(port));
  if (found) return found.name ?? '';
  const name = JSON.stringify(metadata.name);
  throw new StatusError('ServiceUnavailable', `no service port ${port} found for service ${name}`);
}

/** Not the API server's own machine, nor what is only meant for the machine's own link. Upstream: IsProxyableIP. */
function checkAddress(host: string): void {
  const ip = parseIp(host);
  if (!ip || ip.bits === 0n || OWN.some((network) => containsIp(network, ip))) throw badRequest('address not allowed');
}

const OWN = ['127.0.0.0/8', '::1/128', '169.254.0.0/16', 'fe80::/10', '224.0.0.0/24', 'ff02::/16'].map(
  (text) => parseCidr(text)!,
);
