// Reads of files and directories that may not be there: their absence is an answer, every other failure is thrown.

import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** The file's text, or undefined where there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(throwUnlessAbsent);
}

/** What is in the directory; nothing where there is no such directory. */
export async function listIfThere(path: string): Promise<Dirent[]> {
  return (await readdir(path, { withFileTypes: true }).catch(throwUnlessAbsent)) ?? [];
}

/** The kernel's own directories, such as a cgroup's, go with ENODEV while they are read; a process's files with ESRCH. */
export function throwUnlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'ENODEV', 'ESRCH'].includes(error.code ?? '')) throw error;
}
