// Service ports and host ports as nftables: a chain for each, and map elements that lead to it by address. The rules are
// data here; two sets of them are compared into the one transaction that leads from the first to the second. Pure.
// Upstream: pkg/proxy/nftables, with DNAT by one map in place of a chain for each endpoint.

import { createHash } from 'node:crypto';
import type { ServicePort, Target } from './service-ports.ts';

/** Everything in the table that depends on Services and pods. */
export interface Rules {
  /** Chains with their rules. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Sets that chains refer to, with their definitions. */
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
  /** Absent: every address of the node. */
  readonly hostIp: string | undefined;
  readonly podIp: string;
  readonly containerPort: number;
}

/** Marks a connection whose source is to become the node's address, so that answers come back this way. */
const MASQUERADE_MARK = '0x4000';

const SERVICE_IPS = 'service_ips';
const NODE_PORTS = 'node_ports';
const HOST_PORTS = 'host_ports';
const REFUSED_IPS = 'refused_ips';
const REFUSED_PORTS = 'refused_ports';
const HAIRPIN = 'hairpin';

/** The part of the table that does not change: hooks, maps, masquerading. Replaces a table that may be there. */
export function baseScript({ table, podCidr }: TableOptions): string {
  return `add table ip ${table}
delete table ip ${table}
table ip ${table} {
  map ${SERVICE_IPS} { type ipv4_addr . inet_proto . inet_service : verdict; }
  map ${NODE_PORTS} { type inet_proto . inet_service : verdict; }
  map ${HOST_PORTS} { type ipv4_addr . inet_proto . inet_service : verdict; flags interval; }
  map ${REFUSED_IPS} { type ipv4_addr . inet_proto . inet_service : verdict; }
  map ${REFUSED_PORTS} { type inet_proto . inet_service : verdict; }
  set ${HAIRPIN} { type ipv4_addr . ipv4_addr; }
  chain services {
    ip daddr . meta l4proto . th dport vmap @${SERVICE_IPS}
    ip daddr != 127.0.0.0/8 fib daddr type local ip daddr . meta l4proto . th dport vmap @${HOST_PORTS}
    ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @${NODE_PORTS}
  }
  chain prerouting { type nat hook prerouting priority dstnat; policy accept; jump services; }
  chain output_nat { type nat hook output priority -100; policy accept; jump services; }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ct status dnat ip saddr . ip daddr @${HAIRPIN} masquerade fully-random
    meta mark & ${MASQUERADE_MARK} == ${MASQUERADE_MARK} masquerade fully-random
    ip saddr ${podCidr} ip daddr != { ${podCidr}, 224.0.0.0/4 } fib saddr type != local masquerade fully-random
  }
  chain refuse { reject; }
  chain refuse_unserved {
    ct state new ip daddr . meta l4proto . th dport vmap @${REFUSED_IPS}
    ct state new ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @${REFUSED_PORTS}
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
  for (const port of hostPorts) {
    const chain = `host_${idOf(`${port.hostIp}/${port.protocol}/${port.hostPort}`)}`;
    rules.chain(chain, [`meta l4proto ${port.protocol} dnat to ${port.podIp}:${port.containerPort}`]);
    rules.element(HOST_PORTS, `${port.hostIp ?? '0.0.0.0/0'} . ${port.protocol} . ${port.hostPort}`, `goto ${chain}`);
    rules.element(HAIRPIN, `${port.podIp} . ${port.podIp}`, '');
  }
  return rules;
}

function renderService(rules: RuleSet, port: ServicePort, podCidr: string): void {
  const id = idOf(`${port.key}/${port.protocol}`);
  const inner = balance(rules, `svc_${id}`, port, port.internal);
  // Traffic to a cluster address that comes from outside of the cluster could not find its way back.
  if (inner)
    rules.prepend(inner, `ip saddr != ${podCidr} fib saddr type != local meta mark set meta mark | ${MASQUERADE_MARK}`);
  const refusal = port.internalLocal ? 'drop' : 'goto refuse';
  for (const ip of port.clusterIps)
    lead(rules, SERVICE_IPS, REFUSED_IPS, `${ip} . ${port.protocol} . ${port.port}`, inner, refusal);

  if (port.externalIps.length === 0 && port.nodePort === undefined) return;
  const outer = external(rules, id, port);
  const outerRefusal = port.externalLocal ? 'drop' : 'goto refuse';
  for (const ip of port.externalIps)
    lead(rules, SERVICE_IPS, REFUSED_IPS, `${ip} . ${port.protocol} . ${port.port}`, outer, outerRefusal);
  if (port.nodePort !== undefined) {
    lead(rules, NODE_PORTS, REFUSED_PORTS, `${port.protocol} . ${port.nodePort}`, outer, outerRefusal);
  }
}

/** The chain for traffic from outside; undefined when nobody serves it. */
function external(rules: RuleSet, id: string, port: ServicePort): string | undefined {
  if (!port.externalLocal) {
    const chain = balance(rules, `svc_${id}`, port, port.external, `ext_target_${id}`);
    if (!chain) return undefined;
    rules.chain(`ext_${id}`, [`meta mark set meta mark | ${MASQUERADE_MARK}`, `goto ${chain}`]);
    return `ext_${id}`;
  }
  return balance(rules, `ext_${id}`, port, port.external);
}

/**
 * The chain that spreads connections over the targets. `otherName` is used where the chain of that name serves other
 * targets already.
 */
function balance(
  rules: RuleSet,
  name: string,
  port: ServicePort,
  targets: readonly Target[],
  otherName?: string,
): string | undefined {
  if (targets.length === 0) return undefined;
  const chain = otherName === undefined ? name : otherName;
  for (const { ip } of targets) rules.element(HAIRPIN, `${ip} . ${ip}`, '');
  const protocol = `meta l4proto ${port.protocol}`;
  if (port.affinitySeconds === undefined) {
    rules.chain(chain, [dnat(protocol, targets)]);
    return chain;
  }
  const lines: string[] = [];
  const chains: string[] = [];
  for (const target of targets) {
    const id = idOf(`${chain}/${target.ip}:${target.port}`);
    rules.set(`affinity_${id}`, `type ipv4_addr; flags dynamic,timeout; timeout ${port.affinitySeconds}s;`);
    rules.chain(`endpoint_${id}`, [
      `update @affinity_${id} { ip saddr }`,
      `${protocol} dnat to ${target.ip}:${target.port}`,
    ]);
    lines.push(`ip saddr @affinity_${id} goto endpoint_${id}`);
    chains.push(`endpoint_${id}`);
  }
  const verdicts = chains.map((endpoint, index) => `${index} : goto ${endpoint}`).join(', ');
  rules.chain(chain, [...lines, `numgen random mod ${chains.length} vmap { ${verdicts} }`]);
  return chain;
}

function dnat(protocol: string, targets: readonly Target[]): string {
  const [only] = targets;
  if (targets.length === 1 && only) return `${protocol} dnat to ${only.ip}:${only.port}`;
  const choices = targets.map(({ ip, port }, index) => `${index} : ${ip} . ${port}`).join(', ');
  return `${protocol} dnat ip addr . port to numgen random mod ${targets.length} map { ${choices} }`;
}

function lead(
  rules: RuleSet,
  map: string,
  refusedMap: string,
  element: string,
  chain: string | undefined,
  refusal: string,
): void {
  if (chain) rules.element(map, element, `goto ${chain}`);
  else rules.element(refusedMap, element, refusal);
}

/** The statements that lead from one set of rules to the other, in one transaction; empty when they are the same. */
export function diffScript(table: string, from: Rules, to: Rules): string {
  const lines: string[] = [];
  for (const [map, elements] of from.elements) {
    for (const [key, value] of elements) {
      if (to.elements.get(map)?.get(key) !== value) lines.push(`delete element ip ${table} ${map} { ${key} }`);
    }
  }
  for (const [name, definition] of to.sets) {
    if (from.sets.get(name) !== definition) lines.push(`add set ip ${table} ${name} { ${definition} }`);
  }
  const changed = [...to.chains].filter(([name, rules]) => !sameLines(from.chains.get(name), rules));
  for (const [name] of changed) {
    lines.push(`add chain ip ${table} ${name}`);
    if (from.chains.has(name)) lines.push(`flush chain ip ${table} ${name}`);
  }
  const gone = [...from.chains.keys()].filter((name) => !to.chains.has(name));
  for (const name of gone) lines.push(`flush chain ip ${table} ${name}`);
  for (const [name, rules] of changed) for (const rule of rules) lines.push(`add rule ip ${table} ${name} ${rule}`);
  for (const name of gone) lines.push(`delete chain ip ${table} ${name}`);
  for (const name of from.sets.keys()) if (!to.sets.has(name)) lines.push(`delete set ip ${table} ${name}`);
  for (const [map, elements] of to.elements) {
    for (const [key, value] of elements) {
      if (from.elements.get(map)?.get(key) === value) continue;
      lines.push(`add element ip ${table} ${map} { ${key}${value === '' ? '' : ` : ${value}`} }`);
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

export const NO_RULES: Rules = { chains: new Map(), sets: new Map(), elements: new Map() };

class RuleSet implements Rules {
  readonly chains = new Map<string, readonly string[]>();
  readonly sets = new Map<string, string>();
  readonly elements = new Map<string, Map<string, string>>();

  chain(name: string, rules: readonly string[]): void {
    this.chains.set(name, rules);
  }

  prepend(name: string, rule: string): void {
    this.chains.set(name, [rule, ...(this.chains.get(name) ?? [])]);
  }

  set(name: string, definition: string): void {
    this.sets.set(name, definition);
  }

  element(map: string, key: string, value: string): void {
    const elements = this.elements.get(map) ?? new Map<string, string>();
    if (!elements.has(key)) elements.set(key, value);
    this.elements.set(map, elements);
  }
}

function sameLines(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a?.length === b.length && a.every((line, index) => line === b[index]);
}

/** Names in nftables are short and of few characters. */
function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
