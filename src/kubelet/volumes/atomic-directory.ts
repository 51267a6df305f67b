// A directory of files whose contents change all at once: readers see the old set or the new one, never a mixture. Files
// are links through `..data` to a directory with a timestamp in its name, and the update is one rename of that link.
// Upstream: pkg/volume/util/atomic_writer.go; programs rely on this layout.

import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';

export interface ProjectedFile {
  readonly content: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
  /** Absent: root. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Relative paths (no `..`, not absolute) to files. */
export type ProjectedFiles = ReadonlyMap<string, ProjectedFile>;

const DATA = '..data';

/**
 * Makes the directory hold exactly these files. Resolves to whether anything changed. The directory must exist.
 * `stamp` names the new set; it must differ from the one in place. Throws RangeError for a path that leads elsewhere.
 */
export async function writeAtomically(directory: string, files: ProjectedFiles, stamp: string): Promise<boolean> {
  for (const path of files.keys()) checkPath(path);
  const current = await currentSet(directory);
  if (current !== undefined && (await holds(join(directory, current), files))) return false;

  const next = `..${stamp}`;
  const target = join(directory, next);
  await mkdir(target, { mode: 0o755 });
  for (const [path, file] of files) await writeOne(join(target, path), file);

  const temporaryLink = join(directory, '..data_tmp');
  await rm(temporaryLink, { force: true });
  await symlink(next, temporaryLink);
  await rename(temporaryLink, join(directory, DATA));

  await linkVisible(directory, files);
  await removeFormer(directory, next);
  return true;
}

/** Whether `writeAtomically` has made it hold something, be it an empty set. */
export async function isWritten(directory: string): Promise<boolean> {
  return (await currentSet(directory)) !== undefined;
}

function currentSet(directory: string): Promise<string | undefined> {
  return readlink(join(directory, DATA)).catch(() => undefined);
}

/** Throws RangeError for a path that would leave the directory or hide among its own names. */
function checkPath(path: string): void {
  const isOutside = isAbsolute(path) || path.split('/').includes('..');
  if (path === '' || isOutside || path.startsWith('..')) throw new RangeError(`invalid path of a file: ${path}`);
}

/** The set before, and what an agent that ended in the middle of it has left. */
async function removeFormer(directory: string, current: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith('..') || name === DATA || name === current) continue;
    await rm(join(directory, name), { recursive: true, force: true });
  }
}

async function writeOne(path: string, file: ProjectedFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await writeFile(path, file.content, { mode: file.mode, flag: 'wx' });
  await chmod(path, file.mode); // The mode given at creation is narrowed by the umask.
  if (file.uid !== undefined || file.gid !== undefined) await chown(path, file.uid ?? 0, file.gid ?? 0);
}

/** What users see: a link for each first path element, into `..data`. */
async function linkVisible(directory: string, files: ProjectedFiles): Promise<void> {
  const wanted = new Set([...files.keys()].map((path) => path.split('/')[0] ?? path));
  for (const name of await readdir(directory)) {
    if (name.startsWith('..') || wanted.has(name)) continue;
    await rm(join(directory, name), { recursive: true, force: true });
  }
  for (const name of wanted) {
    const there = await lstat(join(directory, name)).catch(() => undefined);
    if (!there) await symlink(join(DATA, name), join(directory, name));
  }
}

async function holds(directory: string, files: ProjectedFiles): Promise<boolean> {
  const found = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      found.set(relative(directory, path), path);
    }
  }
  if (found.size !== files.size) return false;
  for (const [path, file] of files) {
    const there = found.get(path);
    if (there === undefined || !Buffer.from(file.content).equals(await readFile(there))) return false;
    if (((await lstat(there)).mode & 0o7777) !== file.mode) return false;
  }
  return true;
}
