// Takes away control groups with all that are below them, in every hierarchy of the kernel's.

import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, sleep } from '../base/clock.ts';
import { listIfThere, readIfThere, throwUnlessAbsent } from '../cri/if-there.ts';

const POLL_MS = 20;

/** Groups go from the innermost outwards. Throws where one has processes in it. */
export async function removeTree(path: string): Promise<void> {
  for (const name of await groupsIn(path)) await removeTree(join(path, name));
  await rmdir(path).catch(throwUnlessAbsent);
}

/**
 * Ends what is left in the groups and takes them away: a process that was killed, by this or by others, may take a moment
 * to be gone, and its group is busy for as long. Throws when that takes longer than it should.
 */
export async function killTree(
  { clock }: { readonly clock: Clock },
  path: string,
  { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
): Promise<void> {
  const deadline = clock.elapsed() + timeoutMs;
  for (;;) {
    try {
      return await removeTree(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || clock.elapsed() >= deadline) throw error;
    }
    for (const pid of await processesIn(path)) kill(pid);
    await sleep(clock, POLL_MS);
  }
}

async function groupsIn(path: string): Promise<readonly string[]> {
  return (await listIfThere(path)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function processesIn(path: string): Promise<readonly number[]> {
  const own = ((await readIfThere(join(path, 'cgroup.procs'))) ?? '').split('\n').filter((line) => line !== '');
  const below = await Promise.all((await groupsIn(path)).map((name) => processesIn(join(path, name))));
  return [...own.map(Number), ...below.flat()];
}

function kill(pid: number): void {
  try {
    if (pid > 0) process.kill(pid, 'SIGKILL'); // 0 stands for one that this namespace does not see.
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // It has ended by itself.
  }
}
