// Routes in the kernel of this machine, or of the network namespace that the process is in, by `ip`.

import { execFile } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import type { Route } from './plan-routes.ts';

const run = promisify(execFile);

export interface RouteTable {
  /** The networks that the node is on, in CIDR notation. */
  networks(): readonly string[];
  /** The routes that were added here. */
  list(): Promise<readonly Route[]>;
  /** In place of one to the same destination that may be there. */
  add(route: Route): Promise<void>;
  remove(route: Route): Promise<void>;
}

/** Who has made a route is written in it: ours are told from those of others by this number (see ip-route(8)). */
const PROTOCOL = '84';

export const systemRoutes: RouteTable = {
  networks() {
    const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
    return addresses.flatMap(({ family, internal, cidr }) => (family === 'IPv4' && !internal && cidr ? [cidr] : []));
  },
  async list() {
    const { stdout } = await run('ip', ['-json', 'route', 'show', 'proto', PROTOCOL]);
    const routes = JSON.parse(stdout) as readonly { readonly dst: string; readonly gateway?: string }[];
    return routes.map(({ dst, gateway = '' }) => ({ destination: dst, gateway }));
  },
  async add({ destination, gateway }) {
    await run('ip', ['route', 'replace', destination, 'via', gateway, 'proto', PROTOCOL]);
  },
  async remove({ destination }) {
    await run('ip', ['route', 'delete', destination, 'proto', PROTOCOL]);
  },
};
