// Service ports and host ports as nftables: chains for each, and map elements that lead to them by address. The rules are
// data here; how one set of them becomes another in one transaction is nft-script.ts. Pure. Upstream: pkg/proxy/nftables,
// with DNAT by one map in place of a chain for each endpoint.

import { createHash } from 'node:crypto';
import type { ServicePort, Target } from './service-ports.ts';

/** Everything in the table that depends on Services and pods. */
export interface Rules {
  /** Chains with their rules. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Sets that chains refer to, with their definitions, which never change under one name. */
  readonly sets: ReadonlyMap<string, string>;
  /** By map or set: elements, with what they map to (nothing in a set). */
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export interface TableOptions {
  readonly table: string;
  /** Addresses of all pods, on whatever node. */
  readonly podCidr: string;
}

export interface HostPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostPort: number;
  /** Undefined: every address of the node. */
  readonly hostIp: string | undefined;
  readonly podIp: string;
  readonly containerPort: number;
}

/** Marks a connection whose source is to become the node's address, so that answers come back this way. */
const MASQUERADE_MARK = '0x4000';
const MARK = `meta mark set meta mark | ${MASQUERADE_MARK}`;

const SERVICE_IPS = 'service_ips';
const NODE_PORTS = 'node_ports';
const HOST_PORTS = 'host_ports';
const HOST_PORTS_ANY = 'host_ports_any';
const REFUSED_IPS = 'refused_ips';
const REFUSED_PORTS = 'refused_ports';
const HAIRPIN = 'hairpin';

/**
 * The part of the table that does not change: hooks, maps, masquerading. Replaces a table that may be there. While it is
 * replaced its rules may find its sets empty already: none takes it for an answer that something is not in a set.
 */
export function baseScript({ table, podCidr }: TableOptions): string {
  const destination = 'ip daddr . meta l4proto . th dport';
  const port = 'meta l4proto . th dport';
  // Nothing is to be had at the loopback addresses: answers to packets that leave from there would not come back.
  const toNode = 'ip daddr != 127.0.0.0/8 fib daddr type local';
  return `add table ip ${table}
delete table ip ${table}
table ip ${table} {
  map ${SERVICE_IPS} { type ipv4_addr . inet_proto . inet_service : verdict; }
  map ${NODE_PORTS} { type inet_proto . inet_service : verdict; }
  map ${HOST_PORTS} { type ipv4_addr . inet_proto . inet_service : verdict; }
  map ${HOST_PORTS_ANY} { type inet_proto . inet_service : verdict; }
  map ${REFUSED_IPS} { type ipv4_addr . inet_proto . inet_service : verdict; }
  map ${REFUSED_PORTS} { type inet_proto . inet_service : verdict; }
  set ${HAIRPIN} { type ipv4_addr . ipv4_addr; }
  chain services {
    ${destination} vmap @${SERVICE_IPS}
    ${toNode} ${destination} vmap @${HOST_PORTS}
    ${toNode} ${port} vmap @${HOST_PORTS_ANY}
    ${toNode} ${port} vmap @${NODE_PORTS}
  }
  chain prerouting { type nat hook prerouting priority dstnat; policy accept; jump services; }
  chain output_nat { type nat hook output priority -100; policy accept; jump services; }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ct status dnat ip saddr . ip daddr @${HAIRPIN} masquerade fully-random
    meta mark & ${MASQUERADE_MARK} == ${MASQUERADE_MARK} masquerade fully-random
    ip saddr ${podCidr} ip daddr != ${podCidr} ip daddr != 224.0.0.0/4 fib saddr type != local masquerade fully-random
  }
  chain refuse { reject; }
  chain refuse_unserved {
    ct state new ${destination} vmap @${REFUSED_IPS}
    ct state new ${toNode} ${port} vmap @${REFUSED_PORTS}
  }
  chain input_filter { type filter hook input priority filter; policy accept; jump refuse_unserved; }
  chain forward_filter { type filter hook forward priority filter; policy accept; jump refuse_unserved; }
  chain output_filter { type filter hook output priority filter; policy accept; jump refuse_unserved; }
}
`;
}

/** The rules of all ports. Where two claim the same address and port the first one keeps it. */
export function renderRules(ports: readonly ServicePort[], hostPorts: readonly HostPort[], podCidr: string): Rules {
  const rules = new RuleSet();
  for (const port of ports) renderService(rules, port, podCidr);
  for (const port of hostPorts) renderHostPort(rules, port);
  return rules;
}

export const NO_RULES: Rules = { chains: new Map(), sets: new Map(), elements: new Map() };

function renderHostPort(rules: RuleSet, { protocol, hostPort, hostIp, podIp, containerPort }: HostPort): void {
  const chain = `host_${idOf(`${hostIp}/${protocol}/${hostPort}`)}`;
  const element = `${protocol} . ${hostPort}`;
  const isTaken = !(hostIp === undefined
    ? rules.element(HOST_PORTS_ANY, element, `goto ${chain}`)
    : rules.element(HOST_PORTS, `${hostIp} . ${element}`, `goto ${chain}`));
  if (isTaken) return;
  rules.chain(chain, [`meta l4proto ${protocol} dnat to ${podIp}:${containerPort}`]);
  rules.element(HAIRPIN, `${podIp} . ${podIp}`, '');
}

function renderService(rules: RuleSet, port: ServicePort, podCidr: string): void {
  const id = idOf(`${port.key}/${port.protocol}`);
  const all = balance(rules, `svc_${id}`, port, port.everywhere);
  const needsHere = port.internalLocal || port.externalLocal;
  const here = needsHere ? balance(rules, `local_${id}`, port, port.here) : undefined;
  // Who is served at all is refused no more, only let wait: the endpoints are on other nodes.
  const unserved = all ? 'drop' : 'goto refuse';

  const inner = port.internalLocal ? here : all;
  if (inner) {
    // What comes from outside of the cluster could not find its way back from a pod.
    const fromOutside = `ip saddr != ${podCidr} fib saddr type != local`;
    rules.chain(`inner_${id}`, [`${fromOutside} ${MARK}`, `goto ${inner}`]);
  }
  for (const ip of port.clusterIps) {
    const element = `${ip} . ${port.protocol} . ${port.port}`;
    if (inner) rules.element(SERVICE_IPS, element, `goto inner_${id}`);
    else rules.element(REFUSED_IPS, element, unserved);
  }

  if (port.externalIps.length === 0 && port.nodePort === undefined) return;
  if (all) rules.chain(`outer_${id}`, outerRules(port, all, here, podCidr));
  const isRefused = port.externalLocal ? !here : !all;
  const lead = (map: string, refusedMap: string, element: string) => {
    if (all) rules.element(map, element, `goto outer_${id}`);
    if (isRefused) rules.element(refusedMap, element, unserved);
  };
  for (const ip of port.externalIps) lead(SERVICE_IPS, REFUSED_IPS, `${ip} . ${port.protocol} . ${port.port}`);
  if (port.nodePort !== undefined) lead(NODE_PORTS, REFUSED_PORTS, `${port.protocol} . ${port.nodePort}`);
}

/**
 * Traffic to a node port or an external address. With a local policy the source stays what it is, and only this node's
 * endpoints serve; but what comes from within the cluster goes to all of them. What falls through meets the filter.
 */
function outerRules(
  { externalLocal }: ServicePort,
  all: string,
  here: string | undefined,
  podCidr: string,
): readonly string[] {
  if (!externalLocal) return [MARK, `goto ${all}`];
  return [
    `ip saddr ${podCidr} goto ${all}`,
    `fib saddr type local ${MARK} goto ${all}`,
    ...(here ? [`goto ${here}`] : []),
  ];
}

/** The chain that spreads connections over the targets. */
function balance(rules: RuleSet, chain: string, port: ServicePort, targets: readonly Target[]): string | undefined {
  if (targets.length === 0) return undefined;
  for (const { ip } of targets) rules.element(HAIRPIN, `${ip} . ${ip}`, '');
  const protocol = `meta l4proto ${port.protocol}`;
  if (port.affinitySeconds === undefined) {
    rules.chain(chain, [dnat(protocol, targets)]);
    return chain;
  }
  const affine: string[] = [];
  const endpoints = targets.map((target) => {
    // A client is kept on its endpoint by whatever address it comes: all chains of the port share the memory of it.
    const id = idOf(`${port.key}/${port.protocol}/${target.ip}:${target.port}/${port.affinitySeconds}`);
    rules.set(`affinity_${id}`, `type ipv4_addr; flags dynamic,timeout; timeout ${port.affinitySeconds}s;`);
    rules.chain(`endpoint_${id}`, [
      `update @affinity_${id} { ip saddr }`,
      `${protocol} dnat to ${target.ip}:${target.port}`,
    ]);
    affine.push(`ip saddr @affinity_${id} goto endpoint_${id}`);
    return `endpoint_${id}`;
  });
  const verdicts = endpoints.map((endpoint, index) => `${index} : goto ${endpoint}`).join(', ');
  rules.chain(chain, [...affine, `numgen random mod ${endpoints.length} vmap { ${verdicts} }`]);
  return chain;
}

function dnat(protocol: string, targets: readonly Target[]): string {
  const [only] = targets;
  if (targets.length === 1 && only) return `${protocol} dnat to ${only.ip}:${only.port}`;
  const choices = targets.map(({ ip, port }, index) => `${index} : ${ip} . ${port}`).join(', ');
  return `${protocol} dnat ip addr . port to numgen random mod ${targets.length} map { ${choices} }`;
}

class RuleSet implements Rules {
  readonly chains = new Map<string, readonly string[]>();
  readonly sets = new Map<string, string>();
  readonly elements = new Map<string, Map<string, string>>();

  chain(name: string, rules: readonly string[]): void {
    this.chains.set(name, rules);
  }

  set(name: string, definition: string): void {
    this.sets.set(name, definition);
  }

  /** Whether the element was free. */
  element(map: string, key: string, value: string): boolean {
    const elements = this.elements.get(map) ?? new Map<string, string>();
    this.elements.set(map, elements);
    if (elements.has(key)) return false;
    elements.set(key, value);
    return true;
  }
}

/** Names in nftables are short and of few characters. */
function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
