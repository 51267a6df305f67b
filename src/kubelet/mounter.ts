// Mounts on this machine, through mount(8) and umount(8).

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Mounter {
  isMountPoint(path: string): Promise<boolean>;
  /** Without a size it may hold half of the machine's memory. */
  mountTmpfs(path: string, options: { readonly sizeBytes?: number }): Promise<void>;
  /** Whatever is mounted at the path, and below it, is unmounted; nothing happens when nothing is. */
  unmount(path: string): Promise<void>;
}

export const systemMounter: Mounter = {
  async isMountPoint(path) {
    return (await mountPoints()).includes(path);
  },
  async mountTmpfs(path, { sizeBytes }) {
    const options = ['nosuid', 'nodev', ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`])];
    await run('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', path]);
  },
  async unmount(path) {
    const inside = (await mountPoints()).filter((point) => point === path || point.startsWith(`${path}/`));
    for (const point of inside.toReversed()) await run('umount', ['-l', point]);
  },
};

/** In the order in which they were mounted. Spaces and the like are escaped as octal in /proc/self/mountinfo. */
async function mountPoints(): Promise<readonly string[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
}
