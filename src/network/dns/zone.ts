// What the cluster's DNS knows: the names of services and pods, as the specification of Kubernetes' DNS-based service
// discovery (version 1.1.0) has them. Pure lookups in what the informers hold.

import type { Service } from '../../api/core/service.ts';
import type { Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';

export type DnsRecord =
  | { readonly type: 'A' | 'AAAA'; readonly name: string; readonly address: string }
  | AliasRecord
  | { readonly type: 'PTR'; readonly name: string; readonly target: string }
  | {
      readonly type: 'SRV';
      readonly name: string;
      readonly target: string;
      readonly port: number;
      readonly weight: number;
    }
  | { readonly type: 'TXT'; readonly name: string; readonly text: string };

export interface AliasRecord {
  readonly type: 'CNAME';
  readonly name: string;
  readonly target: string;
}

/** What a question comes to. Names that exist without a record of the type asked for are `found` with no answers. */
export type Lookup =
  | { readonly result: 'found'; readonly answers: readonly DnsRecord[]; readonly additional: readonly DnsRecord[] }
  | { readonly result: 'missing' }
  /** Not a name of the cluster: somebody else knows. */
  | { readonly result: 'elsewhere' };

export interface ZoneSource {
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, service: string): readonly EndpointSlice[];
  /** Whether there is any service in the namespace. */
  hasServices(namespace: string): boolean;
  /** The services with the cluster IP, and the endpoints with the address: for reverse lookups. */
  servicesAt(ip: string): readonly Service[];
  endpointsAt(ip: string): readonly { readonly slice: EndpointSlice; readonly endpoint: Endpoint }[];
}

type QueryType = 'A' | 'AAAA' | 'SRV' | 'CNAME' | 'PTR' | 'TXT' | 'NS' | 'SOA' | 'ANY' | (string & {});

const MISSING: Lookup = { result: 'missing' };

/** Answers a question. `name` without a dot at its end, in any case; `domain` is `cluster.local`. */
export function lookup(source: ZoneSource, domain: string, name: string, type: QueryType): Lookup {
  const lower = name.toLowerCase();
  if (lower.endsWith('.in-addr.arpa')) return reverse(source, domain, lower, type);
  if (lower === domain) return found([]);
  if (!lower.endsWith(`.${domain}`)) return { result: 'elsewhere' };
  const labels = lower.slice(0, -domain.length - 1).split('.');
  const kind = labels.pop();
  if (kind === 'dns-version' && labels.length === 0) {
    return found(type === 'TXT' ? [{ type: 'TXT', name: lower, text: '1.1.0' }] : []);
  }
  if (kind === 'svc') return serviceName(source, domain, lower, labels, type);
  if (kind === 'pod') return podName(lower, labels, type);
  return MISSING;
}

/** `[[_port._protocol | endpoint].]service.namespace` */
function serviceName(
  source: ZoneSource,
  domain: string,
  name: string,
  labels: readonly string[],
  type: QueryType,
): Lookup {
  if (labels.length === 0) return found([]);
  const [namespace = '', serviceLabel, ...rest] = labels.toReversed();
  if (serviceLabel === undefined) return source.hasServices(namespace) ? found([]) : MISSING;
  const service = source.service(namespace, serviceLabel);
  if (!service) return MISSING;
  const base = `${serviceLabel}.${namespace}.svc.${domain}`;
  if (service.spec.type === 'ExternalName') {
    if (rest.length > 0) return MISSING;
    return found([{ type: 'CNAME', name, target: service.spec.externalName ?? '' }]);
  }
  const srv = rest.length === 2 ? portOf(rest) : undefined;
  if (srv) return portRecords(source, service, base, name, srv, type);
  if (service.spec.clusterIP !== 'None' && rest.length === 0) {
    const ips = service.spec.clusterIPs ?? [service.spec.clusterIP ?? ''];
    return found(addressRecords(name, ips, type));
  }
  return endpointNames(source, service, name, rest, type);
}

/** The endpoints of a headless service, or one by its own label (which CoreDNS has for every service). */
function endpointNames(
  source: ZoneSource,
  service: Service,
  name: string,
  rest: readonly string[],
  type: QueryType,
): Lookup {
  const endpoints = publishedEndpoints(source, service);
  if (rest.length > 1) return MISSING;
  const [hostname] = rest;
  const chosen = hostname === undefined ? endpoints : endpoints.filter(({ host }) => host === hostname);
  if (chosen.length === 0) return MISSING;
  return found(addressRecords(name, [...new Set(chosen.map(({ ip }) => ip))], type));
}

/** `_http._tcp`: read from the end, as the labels are. */
function portOf([protocol = '', port = '']: readonly string[]):
  | { readonly port: string; readonly protocol: string }
  | undefined {
  if (!protocol.startsWith('_') || !port.startsWith('_')) return undefined;
  return { port: port.slice(1), protocol: protocol.slice(1) };
}

function portRecords(
  source: ZoneSource,
  service: Service,
  base: string,
  name: string,
  wanted: { readonly port: string; readonly protocol: string },
  type: QueryType,
): Lookup {
  const matches = (port: { readonly name?: string; readonly protocol?: string }) =>
    port.name === wanted.port && (port.protocol ?? 'TCP').toLowerCase() === wanted.protocol;
  if (service.spec.clusterIP !== 'None') {
    const ports = (service.spec.ports ?? []).filter(matches);
    if (ports.length === 0) return MISSING;
    if (type !== 'SRV' && type !== 'ANY') return found([]);
    const ips = service.spec.clusterIPs ?? [service.spec.clusterIP ?? ''];
    return found(
      ports.map(({ port }) => ({ type: 'SRV', name, target: base, port, weight: 100 })),
      addressRecords(base, ips, 'ANY'),
    );
  }
  const endpoints = publishedEndpoints(source, service).flatMap(({ slice, ip, host }) =>
    (slice.ports ?? [])
      .filter((port) => matches(port))
      .map(({ port }) => ({ ip, target: `${host}.${base}`, port: port ?? 0 })),
  );
  if (endpoints.length === 0) return MISSING;
  if (type !== 'SRV' && type !== 'ANY') return found([]);
  const weight = Math.max(1, Math.floor(100 / endpoints.length));
  return found(
    endpoints.map(({ target, port }) => ({ type: 'SRV', name, target, port, weight })),
    endpoints.flatMap(({ target, ip }) => addressRecords(target, [ip], 'ANY')),
  );
}

interface PublishedEndpoint {
  readonly slice: EndpointSlice;
  readonly ip: string;
  /** The endpoint's own label: its hostname, or its address with dashes. */
  readonly host: string;
}

function publishedEndpoints(source: ZoneSource, service: Service): readonly PublishedEndpoint[] {
  const { namespace, name } = service.metadata;
  const all = service.spec.publishNotReadyAddresses === true;
  return source
    .slices(namespace, name)
    .flatMap((slice) =>
      (slice.endpoints ?? [])
        .filter(({ conditions }) => all || conditions.ready !== false)
        .flatMap(({ addresses, hostname }) =>
          (addresses ?? []).map((ip) => ({ slice, ip, host: hostname || dashed(ip) })),
        ),
    );
}

/** `10-244-0-5.namespace` */
function podName(name: string, labels: readonly string[], type: QueryType): Lookup {
  const [namespace = '', address, ...rest] = labels.toReversed();
  if (namespace === '') return found([]);
  if (rest.length > 0) return MISSING;
  if (address === undefined) return found([]);
  const ip = /^\d+-\d+-\d+-\d+$/.test(address) ? address.replaceAll('-', '.') : undefined;
  return ip === undefined ? MISSING : found(addressRecords(name, [ip], type));
}

function reverse(source: ZoneSource, domain: string, name: string, type: QueryType): Lookup {
  const ip = name.slice(0, -'.in-addr.arpa'.length).split('.').reverse().join('.');
  const services = source.servicesAt(ip).map(({ metadata }) => `${metadata.name}.${metadata.namespace}.svc.${domain}`);
  const endpoints = source.endpointsAt(ip).flatMap(({ slice, endpoint }) => {
    const service = slice.metadata.labels?.['kubernetes.io/service-name'];
    return service ? [`${endpoint.hostname || dashed(ip)}.${service}.${slice.metadata.namespace}.svc.${domain}`] : [];
  });
  const targets = services.length > 0 ? services : endpoints;
  if (targets.length === 0) return { result: 'elsewhere' };
  return found(type === 'PTR' || type === 'ANY' ? targets.map((target) => ({ type: 'PTR', name, target })) : []);
}

function addressRecords(name: string, ips: readonly string[], type: QueryType): readonly DnsRecord[] {
  return ips.flatMap((address): readonly DnsRecord[] => {
    const own = address.includes(':') ? 'AAAA' : 'A';
    return type === own || type === 'ANY' ? [{ type: own, name, address }] : [];
  });
}

function dashed(ip: string): string {
  return ip.replace(/[.:]/g, '-');
}

function found(answers: readonly DnsRecord[], additional: readonly DnsRecord[] = []): Lookup {
  return { result: 'found', answers, additional };
}
