// How much directories hold, counted by du(1): a process of its own, so that many files keep nothing else waiting.

import { execFile } from 'node:child_process';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { throwUnlessAbsent } from '../../cri/if-there.ts';

export interface DiskUsage {
  readonly usedBytes: number;
  readonly inodesUsed: number;
}

/** A count that takes longer is given up. */
const LIMIT_MS = 60_000;
const BYTES_PER_BLOCK = 512;

/** Of each directory, in their order; undefined for one that is not there. What is mounted below them does not count. */
export async function treeUsage(
  directories: readonly string[],
  signal: AbortSignal,
): Promise<readonly (DiskUsage | undefined)[]> {
  const bytes = await count(['--block-size=1'], directories, signal);
  const inodes = await count(['--inodes'], directories, signal);
  return directories.map((directory) => {
    const usedBytes = bytes.get(directory);
    return usedBytes === undefined ? undefined : { usedBytes, inodesUsed: inodes.get(directory) ?? 0 };
  });
}

/** Files come and go meanwhile: what du says of the others counts all the same. */
function count(
  options: readonly string[],
  directories: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<string, number>>();
  const command = ['--summarize', '--one-file-system', '--null', ...options, '--', ...directories];
  execFile('du', command, { signal, timeout: LIMIT_MS }, (error, stdout) => {
    if (error && typeof error.code !== 'number') return reject(error);
    const lines = stdout.split('\0').filter((line) => line !== '');
    resolve(
      new Map(
        lines.map((line): [string, number] => {
          const [amount = '0', ...path] = line.split('\t');
          return [path.join('\t'), Number(amount)];
        }),
      ),
    );
  });
  return promise;
}

/** Of the files of one directory, which are few; undefined when there is no such directory. */
export async function directoryUsage(directory: string): Promise<DiskUsage | undefined> {
  const names = await readdir(directory).catch(throwUnlessAbsent);
  if (!names) return undefined;
  const files = await Promise.all(names.map((name) => lstat(join(directory, name)).catch(throwUnlessAbsent)));
  const present = files.filter((file) => file !== undefined);
  return {
    usedBytes: present.reduce((sum, { blocks }) => sum + blocks * BYTES_PER_BLOCK, 0),
    inodesUsed: present.length,
  };
}
