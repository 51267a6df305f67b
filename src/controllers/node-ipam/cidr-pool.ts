// Divides an IPv4 range into blocks of one size and remembers who has which. Pure.

import { type Ipv4Range, ipv4Range, ipv4Text } from '../../base/ipv4-range.ts';

export class CidrPool {
  readonly #range: Ipv4Range;
  readonly #prefixLength: number;
  readonly #blockSize: number;
  readonly #blocks: number;
  readonly #owners = new Map<number, string>();
  /** Where the search for a free block goes on: one that was given back is not used again at once. */
  #next = 0;

  /** `cidr` is `10.244.0.0/16`; blocks are /`prefixLength`. Throws `RangeError` if that cannot be. */
  constructor(cidr: string, prefixLength: number) {
    this.#range = ipv4Range(cidr);
    if (!(this.#range.prefix >= 8 && this.#range.prefix <= prefixLength && prefixLength <= 30)) {
      throw new RangeError(`${cidr} cannot be divided into blocks of /${prefixLength}`);
    }
    this.#prefixLength = prefixLength;
    this.#blockSize = 2 ** (32 - prefixLength);
    this.#blocks = this.#range.size / this.#blockSize;
  }

  /** Marks a block as the owner's; false if it is another's. A block outside of the range is nobody's concern. */
  occupy(cidr: string, owner: string): boolean {
    const index = this.#indexOf(cidr);
    if (index === undefined) return true;
    const current = this.#owners.get(index);
    if (current !== undefined && current !== owner) return false;
    this.#owners.set(index, owner);
    return true;
  }

  /** The block that the owner has, or a free one that is now its; undefined if there is none left. */
  allocate(owner: string): string | undefined {
    for (const [index, current] of this.#owners) if (current === owner) return this.#cidrOf(index);
    for (let tried = 0; tried < this.#blocks; tried++) {
      const index = (this.#next + tried) % this.#blocks;
      if (this.#owners.has(index)) continue;
      this.#owners.set(index, owner);
      this.#next = (index + 1) % this.#blocks;
      return this.#cidrOf(index);
    }
    return undefined;
  }

  /** Gives back everything the owner has. */
  release(owner: string): void {
    for (const [index, current] of this.#owners) if (current === owner) this.#owners.delete(index);
  }

  #indexOf(cidr: string): number | undefined {
    if (cidr.includes(':')) return undefined; // A node may have a range of IPv6, too.
    const { first, prefix } = ipv4Range(cidr);
    const index = (first - this.#range.first) / this.#blockSize;
    return prefix === this.#prefixLength && index >= 0 && index < this.#blocks ? index : undefined;
  }

  #cidrOf(index: number): string {
    return `${ipv4Text(this.#range.first + index * this.#blockSize)}/${this.#prefixLength}`;
  }
}
