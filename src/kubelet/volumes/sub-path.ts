// Sub paths of volumes. What lies in a volume may have been put there by a container, links that lead out of it too: a sub
// path is walked one step at a time and never leaves the volume. Upstream: k8s.io/mount-utils/subpath.

import { chmod, chown, lstat, mkdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';

/** The sub path names a place outside of its volume. */
export class SubPathError extends Error {
  override readonly name = 'SubPathError';
}

/**
 * The real path of the place in the volume. Directories that are missing on the way are made with the mode of the volume
 * itself, so that whoever may write to the volume may write to them. Throws SubPathError.
 */
export function openSubPath(root: string, subPath: string): Promise<string> {
  return walk(root, subPath, mkdirLike);
}

/** The same for what must be there: nothing is made. */
export function findSubPath(root: string, subPath: string): Promise<string> {
  return walk(root, subPath, async () => {});
}

async function walk(
  root: string,
  subPath: string,
  whenMissing: (volume: string, path: string) => Promise<void>,
): Promise<string> {
  const steps = subPath.split('/').filter((step) => step !== '' && step !== '.');
  if (isAbsolute(subPath)) throw new SubPathError(`error SubPath \`${subPath}\` must not be an absolute path`);
  if (steps.includes('..')) throw new SubPathError(`unable to provision SubPath \`${subPath}\`: must not contain '..'`);
  const volume = await realpath(root);
  let path = volume;
  for (const step of steps) {
    const next = join(path, step);
    const there = await lstat(next).catch(unlessMissing);
    if (!there) await whenMissing(volume, next);
    path = there?.isSymbolicLink() ? await realpath(next) : next;
    const way = relative(volume, path);
    if (way === '..' || way.startsWith('../') || isAbsolute(way)) throw leadsOut(subPath);
  }
  return path;
}

async function mkdirLike(volume: string, path: string): Promise<void> {
  const { mode, uid, gid } = await stat(volume);
  await mkdir(path);
  await chown(path, uid, gid);
  await chmod(path, mode & 0o7777);
}

function leadsOut(subPath: string): SubPathError {
  return new SubPathError(`subPath ${JSON.stringify(subPath)} leads out of the volume`);
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
