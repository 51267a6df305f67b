// IPv4 addresses and ranges as numbers.

/** The address as an unsigned 32-bit number. Throws RangeError for what is no IPv4 address. */
export function parseIpv4(text: string): number {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) throw new RangeError(`${JSON.stringify(text)} is no IPv4 address`);
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** A range in CIDR notation: its first address and how many there are. Throws RangeError. */
export function parseCidr(text: string): { readonly first: number; readonly size: number } {
  const [address = '', bits = ''] = text.split('/');
  const length = Number(bits);
  if (!/^\d+$/.test(bits) || length > 32) throw new RangeError(`${JSON.stringify(text)} is no IPv4 range`);
  const size = 2 ** (32 - length);
  return { first: Math.floor(parseIpv4(address) / size) * size, size };
}

/** The address of the service `kubernetes`: the first of the range that is not the network itself. */
export function firstServiceAddress(serviceCidr: string): string {
  return formatIpv4(parseCidr(serviceCidr).first + 1);
}
