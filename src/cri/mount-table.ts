// What is mounted in this mount namespace, and how it is unmounted.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface MountPoint {
  readonly path: string;
  readonly fileSystem: string;
}

/** Mounts may lie on one another, and each pass takes one layer off. */
const MAX_PASSES = 16;
/** So that the command line stays short enough. */
const PATHS_PER_CALL = 200;

/** All mounts, in the order in which they were made. */
export async function listMounts(): Promise<MountPoint[]> {
  return parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** The text of /proc/PID/mountinfo, as proc_pid_mountinfo(5) describes it. */
export function parseMountInfo(text: string): MountPoint[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const fields = line.split(' ');
      const separator = fields.indexOf('-', 6);
      return { path: unescaped(fields[4] ?? ''), fileSystem: fields[separator + 1] ?? '' };
    });
}

/** The paths among the mounts that lie below one of the directories. */
export function mountsBelow(mounts: readonly MountPoint[], directories: readonly string[]): string[] {
  return mounts
    .map(({ path }) => path)
    .filter((path) => directories.some((directory) => path.startsWith(`${directory}/`)));
}

/**
 * Unmounts all that is mounted below the directories, the last mounted first; what is in use is taken out of
 * the tree at once and let go of when its users end. Throws where something stays mounted.
 */
export async function unmountBelow(directories: readonly string[]): Promise<void> {
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const paths = mountsBelow(await listMounts(), directories).reverse();
    if (paths.length === 0) return;
    for (let at = 0; at < paths.length; at += PATHS_PER_CALL) {
      // One that fails is met again in the next pass, where its failure is final if it is the last.
      await run('umount', ['--lazy', '--', ...paths.slice(at, at + PATHS_PER_CALL)]).catch(() => {});
    }
  }
  const left = mountsBelow(await listMounts(), directories);
  if (left.length > 0) throw new Error(`still mounted: ${left.join(', ')}`);
}

/** Blanks and the like are written as a backslash and three octal digits. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_match, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
