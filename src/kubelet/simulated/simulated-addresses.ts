// Addresses for nodes and pods that are nowhere: unique in the cluster, from a range that real networks leave alone.

import { ipv4Number, ipv4Range, ipv4Text } from '../../base/ipv4-range.ts';

/** 100.64.0.0/10, the shared address space: 16,128 nodes with 256 addresses each, and the last /16 for the nodes. */
const POD_RANGE_START = ipv4Number('100.64.0.0');
const NODE_RANGE_START = ipv4Number('100.127.0.0');
const ADDRESSES_PER_NODE = 256;
export const MAX_SIMULATED_NODES = (NODE_RANGE_START - POD_RANGE_START) / ADDRESSES_PER_NODE;

export function podCidrOf(index: number): string {
  return `${ipv4Text(POD_RANGE_START + index * ADDRESSES_PER_NODE)}/24`;
}

export function nodeAddressOf(index: number): string {
  return ipv4Text(NODE_RANGE_START + index);
}

/** The addresses of one node's pods. The first two of the range and the last are the network's own. */
export class PodAddresses {
  readonly #start: number;
  readonly #byPod = new Map<string, string>();
  readonly #taken = new Set<string>();
  #next = 2;

  /** `cidr`: an IPv4 network of 24 bits. */
  constructor(cidr: string) {
    this.#start = ipv4Range(cidr).first;
  }

  /** The pod's address: the one it has (`current`, as its status says) or a free one. Throws when there is none. */
  assign(uid: string, current: string | undefined): string {
    const known = this.#byPod.get(uid);
    if (known !== undefined) return known;
    const address = current !== undefined && this.#owns(current) && !this.#taken.has(current) ? current : this.#free();
    this.#byPod.set(uid, address);
    this.#taken.add(address);
    return address;
  }

  release(uid: string): void {
    const address = this.#byPod.get(uid);
    if (address === undefined) return;
    this.#byPod.delete(uid);
    this.#taken.delete(address);
  }

  #owns(address: string): boolean {
    const offset = ipv4Number(address) - this.#start;
    return offset >= 2 && offset < ADDRESSES_PER_NODE - 1;
  }

  /** Goes round, so that an address that was just given back is not used again at once. */
  #free(): string {
    for (let tried = 2; tried < ADDRESSES_PER_NODE - 1; tried++) {
      const address = ipv4Text(this.#start + this.#next);
      this.#next = this.#next + 1 < ADDRESSES_PER_NODE - 1 ? this.#next + 1 : 2;
      if (!this.#taken.has(address)) return address;
    }
    throw new Error(`no pod address is left in ${ipv4Text(this.#start)}/24`);
  }
}
