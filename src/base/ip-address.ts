// IP addresses and networks (CIDR) as numbers: parsed, formatted and told apart. What may be done with them is for those
// who use them.

export type IpFamily = 'IPv4' | 'IPv6';

export interface IpAddress {
  readonly family: IpFamily;
  /** 32 bits for IPv4, 128 for IPv6. */
  readonly bits: bigint;
}

export interface IpNetwork {
  readonly address: IpAddress;
  /** How many bits from the left every address of the network shares. */
  readonly prefix: number;
}

const BITS: Readonly<Record<IpFamily, number>> = { IPv4: 32, IPv6: 128 };
const MAPPED_IPV4 = 0xffff_0000_0000n;

/** Nothing if the text is no address. An IPv4 address written as IPv6 (`::ffff:1.2.3.4`) is IPv4; zones are refused. */
export function parseIp(text: string): IpAddress | undefined {
  const bits = text.includes(':') ? ipv6Bits(text) : ipv4Bits(text);
  if (bits === undefined) return undefined;
  if (!text.includes(':')) return { family: 'IPv4', bits };
  if (bits >> 32n === MAPPED_IPV4 >> 32n) return { family: 'IPv4', bits: bits & 0xffff_ffffn };
  return { family: 'IPv6', bits };
}

/** `10.0.0.0/8`: nothing if the text is none. Bits behind the prefix may be set. */
export function parseCidr(text: string): IpNetwork | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const address = match && parseIp(match[1] ?? '');
  const prefix = Number(match?.[2]);
  return address && prefix <= BITS[address.family] ? { address, prefix } : undefined;
}

export function containsIp(network: IpNetwork, address: IpAddress): boolean {
  if (network.address.family !== address.family) return false;
  const shift = BigInt(BITS[address.family] - network.prefix);
  return network.address.bits >> shift === address.bits >> shift;
}

/** The address of a network itself: the bits behind the prefix are not set. */
export function networkOf({ address: { family, bits }, prefix }: IpNetwork): IpAddress {
  const shift = BigInt(BITS[family] - prefix);
  return { family, bits: (bits >> shift) << shift };
}

/** In canonical form (RFC 5952). */
export function formatIp({ family, bits }: IpAddress): string {
  if (family === 'IPv4') return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const [start, length] = longestZeros(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

/** Leading zeros are read as decimal, as Kubernetes has always read them. */
function ipv4Bits(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let bits = 0n;
  for (const part of parts) {
    if (!/^\d+$/.test(part) || part.length > 10 || Number(part) > 255) return undefined;
    bits = (bits << 8n) | BigInt(Number(part));
  }
  return bits;
}

function ipv6Bits(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half, index) => groupsOf(half, index === halves.length - 1) ?? [-1n]);
  const groups = [...head, ...tail];
  if (groups.includes(-1n)) return undefined;
  const missing = 8 - groups.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array<bigint>(missing).fill(0n), ...tail];
  return all.reduce((bits, group) => (bits << 16n) | group, 0n);
}

/** The groups of one side of `::`; the last may be an IPv4 address. */
function groupsOf(text: string, isLast: boolean): bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const embedded = isLast && index === parts.length - 1 ? ipv4Bits(part) : undefined;
      if (embedded === undefined) return undefined;
      groups.push(embedded >> 16n, embedded & 0xffffn);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(BigInt(`0x${part}`));
    }
  }
  return groups;
}

function longestZeros(groups: readonly string[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === '0') end++;
    if (end - start > best[1]) best = [start, end - start];
  }
  return best;
}
