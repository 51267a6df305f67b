// Mounts on this machine, through mount(8) and umount(8).

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Mounter {
  isMountPoint(path: string): Promise<boolean>;
  /** As mount(2) takes it. Paths in overlay options are absolute. */
  mount(path: string, mount: MountSource): Promise<void>;
  /** Without a size it may hold half of the machine's memory. */
  mountTmpfs(path: string, options: { readonly sizeBytes?: number }): Promise<void>;
  /** Whatever is mounted at the path, and below it, is unmounted; nothing happens when nothing is. */
  unmount(path: string): Promise<void>;
}

export interface MountSource {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export const systemMounter: Mounter = {
  async isMountPoint(path) {
    return (await mountPoints()).includes(path);
  },
  async mount(path, mount) {
    const { type, source, options, workingDir } = withShortLayers(mount);
    const kind = type === 'bind' || type === '' ? [] : ['-t', type];
    await run('mount', [...kind, '-o', options.join(','), source, path], { cwd: workingDir });
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

const LOWER = 'lowerdir=';

/**
 * The kernel takes no more than a page of options, which the full paths of a few dozen layers exceed: they are named from the
 * directory that they have in common. Exported for its test.
 */
export function withShortLayers(mount: MountSource): MountSource & { readonly workingDir: string } {
  const lower = mount.options.find((option) => option.startsWith(LOWER));
  const layers = lower?.slice(LOWER.length).split(':') ?? [];
  const workingDir = commonDirectory(layers);
  if (lower === undefined || workingDir === '/') return { ...mount, workingDir: '/' };
  const short = layers.map((layer) => relative(workingDir, layer)).join(':');
  return { ...mount, workingDir, options: mount.options.map((option) => (option === lower ? LOWER + short : option)) };
}

function commonDirectory(paths: readonly string[]): string {
  const [first, ...others] = paths;
  let directory = first === undefined ? '/' : dirname(first);
  while (!others.every((path) => path.startsWith(`${directory}/`)) && directory !== '/') directory = dirname(directory);
  return directory;
}

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
