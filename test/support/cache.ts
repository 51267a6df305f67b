// What tests fetch once and keep: directories below .cache at the project's root, which git ignores.

import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../../.cache');

/**
 * The directory of this name in the cache, filled first if it is not there. It is filled beside and then moved into
 * place, so it is whole or not there, also when two test files want it at once.
 */
export async function cachedDirectory(name: string, fill: (directory: string) => Promise<void>): Promise<string> {
  const path = join(root, name);
  if (await exists(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const beside = await mkdtemp(`${path}.new-`);
  try {
    await fill(beside);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    if (!(await exists(path))) throw error; // Otherwise somebody else was faster.
  }
  return path;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
