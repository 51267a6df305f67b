// Divides an IPv4 range into blocks of one size and remembers who has which. Pure.

export class CidrPool {
  readonly #firstAddress: number;
  readonly #blockBits: number;
  readonly #prefixLength: number;
  readonly #size: number;
  readonly #owners = new Map<number, string>();
  /** Where the search for a free block goes on: one that was given back is not used again at once. */
  #next = 0;

  /** `cidr` is `10.244.0.0/16`; blocks are /`prefixLength`. Throws `RangeError` if that cannot be. */
  constructor(cidr: string, prefixLength: number) {
    const [address = '', prefix = ''] = cidr.split('/');
    const rangeLength = Number(prefix);
    if (!(rangeLength >= 8 && rangeLength <= prefixLength && prefixLength <= 30)) {
      throw new RangeError(`${cidr} cannot be divided into blocks of /${prefixLength}`);
    }
    this.#blockBits = 32 - prefixLength;
    this.#prefixLength = prefixLength;
    this.#size = 2 ** (prefixLength - rangeLength);
    this.#firstAddress = Math.floor(addressToNumber(address) / 2 ** (32 - rangeLength)) * 2 ** (32 - rangeLength);
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
    for (let tried = 0; tried < this.#size; tried++) {
      const index = (this.#next + tried) % this.#size;
      if (this.#owners.has(index)) continue;
      this.#owners.set(index, owner);
      this.#next = (index + 1) % this.#size;
      return this.#cidrOf(index);
    }
    return undefined;
  }

  /** Gives back everything the owner has. */
  release(owner: string): void {
    for (const [index, current] of this.#owners) if (current === owner) this.#owners.delete(index);
  }

  #indexOf(cidr: string): number | undefined {
    const [address = '', prefix = ''] = cidr.split('/');
    const offset = addressToNumber(address) - this.#firstAddress;
    const index = Math.floor(offset / 2 ** this.#blockBits);
    return Number(prefix) === this.#prefixLength && index >= 0 && index < this.#size ? index : undefined;
  }

  #cidrOf(index: number): string {
    const address = this.#firstAddress + index * 2 ** this.#blockBits;
    const bytes = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
    return `${bytes.join('.')}/${this.#prefixLength}`;
  }
}

function addressToNumber(address: string): number {
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !(byte >= 0 && byte <= 255))) return Number.NaN;
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}
