// The host ports in use on a node. Two pods collide on a port and protocol if either wants every address, or both want
// the same. Upstream: fwk.HostPortInfo.

import type { Pod } from './pod.ts';

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const EVERY_ADDRESS = '0.0.0.0';

/** The host ports that a pod's containers take; sidecars count, init containers that end do not. */
export function hostPortsOf(pod: Pod): readonly HostPort[] {
  const ports: HostPort[] = [];
  const sidecars = pod.spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const { hostPort, hostIP, protocol } of container.ports ?? []) {
      if (hostPort) ports.push({ ip: hostIP || EVERY_ADDRESS, protocol: protocol ?? 'TCP', port: hostPort });
    }
  }
  return ports;
}

export class HostPorts {
  /** Addresses by port and protocol; one entry for each holder. */
  readonly #addresses: Map<string, readonly string[]>;

  constructor(from?: HostPorts) {
    this.#addresses = new Map(from ? from.#addresses : []);
  }

  get size(): number {
    return this.#addresses.size;
  }

  add(port: HostPort): void {
    this.#addresses.set(keyOf(port), [...(this.#addresses.get(keyOf(port)) ?? []), port.ip]);
  }

  remove(port: HostPort): void {
    const addresses = this.#addresses.get(keyOf(port)) ?? [];
    const at = addresses.indexOf(port.ip);
    if (at < 0) return;
    if (addresses.length === 1) this.#addresses.delete(keyOf(port));
    else this.#addresses.set(keyOf(port), addresses.toSpliced(at, 1));
  }

  conflicts(port: HostPort): boolean {
    const addresses = this.#addresses.get(keyOf(port));
    if (!addresses) return false;
    return port.ip === EVERY_ADDRESS || addresses.includes(EVERY_ADDRESS) || addresses.includes(port.ip);
  }
}

function keyOf({ protocol, port }: HostPort): string {
  return `${protocol}/${port}`;
}
