// Which UDP flows the kernel has to forget when the rules change. A flow that goes on is translated as it was at first,
// whatever the rules say now: to an endpoint that is gone, or to nobody if there was none. Pure. Upstream:
// pkg/proxy/conntrack.

import type { ServicePort } from './service-ports.ts';

/** Flows of clients to an address and port (either may be any), of which those that were translated to a target. */
export interface UdpFlow {
  readonly address: string | undefined;
  readonly port: number;
  /** Undefined: those that were not translated at all, and all others. */
  readonly target: string | undefined;
}

export function lostUdpFlows(before: readonly ServicePort[], after: readonly ServicePort[]): readonly UdpFlow[] {
  const old = flowsOf(before);
  const now = flowsOf(after);
  const lost: UdpFlow[] = [];
  for (const [key, { address, port }] of new Map([...old, ...now])) {
    const had = old.get(key)?.targets ?? new Set<string>();
    const has = now.get(key)?.targets ?? new Set<string>();
    // Whoever asked before anybody served goes on being sent nowhere.
    if (had.size === 0 && has.size > 0) lost.push({ address, port, target: undefined });
    for (const target of had) if (!has.has(target)) lost.push({ address, port, target });
  }
  return lost;
}

interface Place {
  readonly address: string | undefined;
  readonly port: number;
  readonly targets: ReadonlySet<string>;
}

/** By address and port, where packets may go to. */
function flowsOf(ports: readonly ServicePort[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const { protocol, port, clusterIps, externalIps, nodePort, everywhere, here } of ports) {
    if (protocol !== 'udp') continue;
    const targets = new Set([...everywhere, ...here].map(({ ip }) => ip));
    for (const address of [...clusterIps, ...externalIps]) places.set(`${address}:${port}`, { address, port, targets });
    if (nodePort !== undefined) places.set(`:${nodePort}`, { address: undefined, port: nodePort, targets });
  }
  return places;
}
