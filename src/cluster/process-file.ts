// The processes of a cluster as files: each component writes who it is, so that others find it, and no other program
// that has been given the same pid since is ever taken for it.

import { readFileSync, rmSync } from 'node:fs';
import { writeWhole } from './write-whole.ts';

interface ProcessRecord {
  readonly pid: number;
  /** Clock ticks since boot at which the process started, from /proc; absent where there is no /proc. */
  readonly startTicks: string | undefined;
}

/** Writes the calling process's record. */
export function writeProcessFile(path: string, pid = process.pid): void {
  const record: ProcessRecord = { pid, startTicks: startTicksOf(pid) };
  writeWhole(path, JSON.stringify(record));
}

/** The pid of the process that the file tells of, if that very process is still alive. */
export function livePid(path: string): number | undefined {
  const record = readRecord(path);
  if (!record || !isAlive(record.pid)) return undefined;
  const ticks = startTicksOf(record.pid);
  return ticks === record.startTicks ? record.pid : undefined;
}

export function removeProcessFile(path: string): void {
  rmSync(path, { force: true });
}

/** Whether a process is there and is not a zombie that nobody has waited for. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false; // No such process; every process of ours belongs to us, so "not permitted" is another's.
  }
  return statOf(pid)?.state !== 'Z';
}

function readRecord(path: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessRecord;
  } catch {
    return undefined; // Absent, or written by a process that did not get to the end: it tells of nobody.
  }
}

function startTicksOf(pid: number): string | undefined {
  return statOf(pid)?.startTicks;
}

/** Field 3 (state) and 22 (start time) of /proc/PID/stat; the name in parentheses may hold spaces. See proc(5). */
function statOf(pid: number): { state: string; startTicks: string } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // Gone, or no /proc on this system.
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
}
