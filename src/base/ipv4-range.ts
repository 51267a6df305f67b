// IPv4 addresses as plain numbers, for who hands them out one after another. Reading and telling apart addresses of both
// families is ip-address.ts's.

import { formatIp, type IpAddress, parseCidr, parseIp } from './ip-address.ts';

/** The address as an unsigned 32-bit number. Throws RangeError for what is no IPv4 address. */
export function ipv4Number(text: string): number {
  const number = numberOf(parseIp(text));
  if (number === undefined) throw new RangeError(`${JSON.stringify(text)} is no IPv4 address`);
  return number;
}

export function ipv4Text(number: number): string {
  return formatIp({ family: 'IPv4', bits: BigInt(number) });
}

export interface Ipv4Range {
  readonly first: number;
  /** How many addresses there are. */
  readonly size: number;
  /** How many bits from the left all of them share. */
  readonly prefix: number;
}

/** A range in CIDR notation; bits behind the prefix may be set. Throws RangeError for what is no IPv4 range. */
export function ipv4Range(text: string): Ipv4Range {
  const network = parseCidr(text);
  const address = numberOf(network?.address);
  if (!network || address === undefined) throw new RangeError(`${JSON.stringify(text)} is no IPv4 range`);
  const size = 2 ** (32 - network.prefix);
  return { first: Math.floor(address / size) * size, size, prefix: network.prefix };
}

function numberOf(address: IpAddress | undefined): number | undefined {
  return address?.family === 'IPv4' ? Number(address.bits) : undefined;
}
