// The processes of this machine as /proc shows them, and which of them is the one that was started: a number alone is
// given to another process sooner or later, so a process is its number, its start and the machine's boot.

import { readdir, readFile } from 'node:fs/promises';
import { readIfThere } from './if-there.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the machine's boot and the process's start. */
  readonly startTicks: number;
  readonly bootId: string;
}

export interface ProcessInfo extends ProcessIdentity {
  readonly parentPid: number;
  readonly commandLine: readonly string[];
}

/** The process with this number now; undefined where there is none, or only what is left of one that has ended. */
export async function processAt(pid: number): Promise<ProcessInfo | undefined> {
  const [stat, commandLine, bootId] = await Promise.all([
    readIfThere(`/proc/${pid}/stat`),
    readIfThere(`/proc/${pid}/cmdline`),
    readBootId(),
  ]);
  if (stat === undefined || commandLine === undefined) return undefined;
  const { state, parentPid, startTicks } = parseStat(stat);
  if (state === 'Z' || state === 'X') return undefined;
  return { pid, parentPid, startTicks, bootId, commandLine: commandLine.split('\0').slice(0, -1) };
}

/** All processes; those that end meanwhile are left out. */
export async function listProcesses(): Promise<ProcessInfo[]> {
  const names = await readdir('/proc');
  const processes = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((name) => processAt(Number(name))),
  );
  return processes.filter((process) => process !== undefined);
}

/** Whether the very process still runs. */
export async function isRunning({ pid, startTicks, bootId }: ProcessIdentity): Promise<boolean> {
  const now = await processAt(pid);
  return now !== undefined && now.startTicks === startTicks && now.bootId === bootId;
}

/** The cgroups the process is in, as paths below their hierarchies' roots; none where it is gone. */
export async function cgroupsOf(pid: number): Promise<readonly string[]> {
  const text = (await readIfThere(`/proc/${pid}/cgroup`)) ?? '';
  return text.split('\n').flatMap((line) => {
    const [, path] = /^\d+:[^:]*:(.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [path];
  });
}

/** State, parent and start out of the text of /proc/PID/stat. The program's name in it may hold blanks and brackets. */
export function parseStat(stat: string): { state: string; parentPid: number; startTicks: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', parentPid: Number(fields[1]), startTicks: Number(fields[19]) };
}

async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
