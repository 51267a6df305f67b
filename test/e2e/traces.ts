// What a cluster could leave on a machine: a picture of it, to compare with one taken before.

import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** By kind, one line each. */
export async function traces() {
  return {
    processes: await commandLines(),
    mounts: (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' ')[4] ?? ''),
    // The links of pods bear no name to know them by, but the routes to their addresses lead there.
    interfaces: (await readdir('/sys/class/net')).filter((name) => !name.startsWith('veth')),
    routes: (await run('ip', ['-4', 'route'])).stdout.split('\n'),
    rules: (await run('nft', ['list', 'tables'])).stdout.split('\n'),
    namespaces: await readdir('/run/netns').catch(() => []),
    cgroups: await cgroups('/sys/fs/cgroup', 4),
  };
}

async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) =>
      readFile(`/proc/${pid}/cmdline`, 'utf8').then(
        (text) => text.replaceAll('\0', ' '),
        () => '',
      ),
    ),
  );
  return lines.filter((line) => line !== '');
}

async function cgroups(directory: string, depth: number): Promise<string[]> {
  if (depth === 0) return [];
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => cgroups(`${directory}/${entry.name}`, depth - 1)),
  );
  return [`${directory}/`, ...below.flat()];
}

/** Whether a route is one to pods of a cluster: see `--pod-cidr` for the networks that are chosen from. */
export function isPodRoute(route: string): boolean {
  return /^10\.24[4-7]\./.test(route);
}
