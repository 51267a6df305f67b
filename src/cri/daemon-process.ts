// A process that outlives the one that started it: detached, its output in a file, found again by a pid file that says
// exactly which process is meant. No other process is ever taken for it or killed in its place.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, sleep } from '../base/clock.ts';
import { readIfThere, throwUnlessAbsent } from './if-there.ts';
import { isRunning, type ProcessIdentity, processAt } from './process-table.ts';

const LOG_LIMIT_BYTES = 16 * 1024 * 1024;
const POLL_MS = 20;
const KILL_TIMEOUT_MS = 5000;

/**
 * Starts the command and notes in the pid file which process it is. Its output is appended to the log file, which
 * becomes LOGFILE.1 first where it is long. Throws where the command cannot be run; what the command does is not waited
 * for.
 */
export async function startDaemon(
  command: readonly [string, ...string[]],
  { pidFile, logFile }: { readonly pidFile: string; readonly logFile: string },
): Promise<ProcessIdentity> {
  await mkdir(dirname(logFile), { recursive: true });
  const logSize = await stat(logFile).then(({ size }) => size, throwUnlessAbsent);
  if (logSize !== undefined && logSize > LOG_LIMIT_BYTES) await rename(logFile, `${logFile}.1`);
  await using log = await open(logFile, 'a');
  const [program, ...args] = command;
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log.fd, log.fd], cwd: '/' });
  await once(child, 'spawn');
  child.unref();
  const identity = child.pid === undefined ? undefined : await processAt(child.pid);
  if (!identity) throw new Error(`${program} ended at once; its output is in ${logFile}`);
  await writePidFile(pidFile, identity);
  return identity;
}

/** The process that the pid file means, if it still runs. */
export async function findDaemon(pidFile: string): Promise<ProcessIdentity | undefined> {
  const text = await readIfThere(pidFile);
  const identity = text === undefined ? undefined : parsePidFile(text);
  return identity && (await isRunning(identity)) ? identity : undefined;
}

/** Asks the process to end, and kills it where it has not after the timeout. Throws where even that does not end it. */
export async function stopProcess(
  { clock }: { readonly clock: Clock },
  identity: ProcessIdentity,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  if (!(await sendSignal(identity, 'SIGTERM')) || (await hasEnded({ clock }, identity, { timeoutMs, signal }))) return;
  await sendSignal(identity, 'SIGKILL');
  if (await hasEnded({ clock }, identity, { timeoutMs: KILL_TIMEOUT_MS, signal })) return;
  throw new Error(`process ${identity.pid} does not end`);
}

/** Sends the signal if the very process still runs; says whether it did. */
export async function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isRunning(identity))) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function hasEnded(
  { clock }: { readonly clock: Clock },
  identity: ProcessIdentity,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  const deadline = clock.elapsed() + timeoutMs;
  while (await isRunning(identity)) {
    if (clock.elapsed() >= deadline) return false;
    await sleep(clock, POLL_MS, signal);
  }
  return true;
}

/** Written beside and then moved into place, so that a reader never sees half of it. */
export async function writePidFile(pidFile: string, { pid, startTicks, bootId }: ProcessIdentity): Promise<void> {
  await mkdir(dirname(pidFile), { recursive: true });
  await writeFile(`${pidFile}.new`, `${pid} ${startTicks} ${bootId}\n`);
  await rename(`${pidFile}.new`, pidFile);
}

export async function removePidFile(pidFile: string): Promise<void> {
  await rm(pidFile, { force: true });
}

function parsePidFile(text: string): ProcessIdentity | undefined {
  const [, pid, startTicks, bootId] = /^(\d+) (\d+) (\S+)\n$/.exec(text) ?? [];
  return bootId === undefined ? undefined : { pid: Number(pid), startTicks: Number(startTicks), bootId };
}
