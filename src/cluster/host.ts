// What the cluster needs to know of the machine it runs on.

import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';

/** Whether containers can run here: Linux, and root. Otherwise nodes are simulated. */
export function canRunContainers(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/** The name of this machine's node: its host name, if that is a valid node name (an RFC 1123 subdomain). */
export function hostNodeName(name = hostname()): string {
  const lower = name.toLowerCase();
  return isNodeName(lower) ? lower : 'node';
}

/** Whether a node can have that name: an RFC 1123 subdomain, of no more than what is a label's value too. */
export function isNodeName(name: string): boolean {
  return /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name) && name.length <= 63;
}

/**
 * The IPv4 address that others reach this machine at: of the interface with the default route, else of the first
 * interface that is not loopback, else 127.0.0.1.
 */
export function hostAddress(): string {
  const interfaces = networkInterfaces();
  const names = [defaultRouteInterface(), ...Object.keys(interfaces)];
  for (const name of names) {
    const address = name && interfaces[name]?.find(({ family, internal }) => family === 'IPv4' && !internal);
    if (address) return address.address;
  }
  return '127.0.0.1';
}

/** The interface of the route to 0.0.0.0/0 with the lowest metric, from /proc/net/route. */
function defaultRouteInterface(): string | undefined {
  let table: string;
  try {
    table = readFileSync('/proc/net/route', 'utf8');
  } catch {
    return undefined; // Not Linux.
  }
  const routes = table
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000');
  routes.sort((a, b) => Number(a[6]) - Number(b[6]));
  return routes[0]?.[0];
}
