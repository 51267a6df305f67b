// What is used on the whole machine, out of the files in /proc, which are the same for both versions of control groups.

import { readFile, statfs } from 'node:fs/promises';
import type { FilesystemFigures, InterfaceFigures, MemoryFigures, NetworkFigures, SwapFigures } from './figures.ts';

/** The kernel counts CPU time for programs in hundredths of a second, whatever its own ticks are. */
const NANOSECONDS_PER_TICK = 1e7;

export interface MachineUsage {
  readonly startedMs: number;
  readonly cpuNanoSeconds: number;
  readonly memory: MemoryFigures;
  readonly swap: SwapFigures;
}

/** `proc` is where the kernel's files are: `/proc`. */
export async function readMachineUsage(proc: string, nowMs: number): Promise<MachineUsage> {
  const [stat, meminfo, vmstat] = await Promise.all(
    ['stat', 'meminfo', 'vmstat'].map((file) => readFile(`${proc}/${file}`, 'utf8')),
  );
  return {
    startedMs: Number(/^btime (\d+)$/m.exec(stat ?? '')?.[1] ?? 0) * 1000,
    cpuNanoSeconds: usedTicks(stat ?? '') * NANOSECONDS_PER_TICK,
    ...memoryOf(meminfo ?? '', vmstat ?? '', nowMs),
  };
}

/** `cpu user nice system idle iowait irq softirq steal guest …`: all but idle and waiting; guests are among the users. */
function usedTicks(stat: string): number {
  const [user = 0, nice = 0, system = 0, _idle, _iowait, irq = 0, softirq = 0, steal = 0] = (
    /^cpu +(.*)$/m.exec(stat)?.[1] ?? ''
  )
    .split(' ')
    .map(Number);
  return user + nice + system + irq + softirq + steal;
}

function memoryOf(
  meminfo: string,
  vmstat: string,
  atMs: number,
): { readonly memory: MemoryFigures; readonly swap: SwapFigures } {
  const bytes = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0) * 1024;
  const count = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(vmstat)?.[1] ?? 0);
  const total = bytes('MemTotal');
  const usageBytes = total - bytes('MemFree');
  const workingSetBytes = Math.max(0, usageBytes - bytes('Inactive\\(file\\)'));
  return {
    memory: {
      atMs,
      availableBytes: total - workingSetBytes,
      usageBytes,
      workingSetBytes,
      rssBytes: bytes('AnonPages'),
      pageFaults: count('pgfault'),
      majorPageFaults: count('pgmajfault'),
    },
    swap: { atMs, availableBytes: bytes('SwapFree'), usageBytes: bytes('SwapTotal') - bytes('SwapFree') },
  };
}

export async function readNetworkUsage(proc: string, nowMs: number): Promise<NetworkFigures> {
  const [devices, routes] = await Promise.all([
    readFile(`${proc}/net/dev`, 'utf8'),
    readFile(`${proc}/net/route`, 'utf8'),
  ]);
  const interfaces = devices.split('\n').flatMap(interfaceOf);
  // Columns: interface, destination, …; the destination of the route that leads out is 0.
  const leadsOut = /^(\S+)\s+00000000\s/m.exec(routes)?.[1];
  return { atMs: nowMs, defaultInterface: interfaces.find(({ name }) => name === leadsOut), interfaces };
}

/** `name: bytes packets errors drop fifo frame compressed multicast`, and the same of what was sent. */
function interfaceOf(line: string): readonly InterfaceFigures[] {
  const [, name, counts] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? [];
  if (name === undefined || counts === undefined || name === 'lo') return [];
  const [rxBytes = 0, , rxErrors = 0, , , , , , txBytes = 0, , txErrors = 0] = counts.split(/\s+/).map(Number);
  return [{ name, rxBytes, rxErrors, txBytes, txErrors }];
}

/** Of the file system that the directory is on. */
export async function readFilesystemUsage(directory: string, nowMs: number): Promise<FilesystemFigures> {
  const { blocks, bfree, bavail, bsize, files, ffree } = await statfs(directory);
  return {
    atMs: nowMs,
    availableBytes: bavail * bsize,
    capacityBytes: blocks * bsize,
    usedBytes: (blocks - bfree) * bsize,
    inodes: files,
    inodesFree: ffree,
    inodesUsed: files - ffree,
  };
}

export async function readProcessUsage(
  proc: string,
  nowMs: number,
): Promise<{ readonly atMs: number; readonly most: number; readonly current: number }> {
  const [most, loadavg] = await Promise.all([
    readFile(`${proc}/sys/kernel/pid_max`, 'utf8'),
    readFile(`${proc}/loadavg`, 'utf8'),
  ]);
  return { atMs: nowMs, most: Number(most), current: Number(/\/(\d+) /.exec(loadavg)?.[1] ?? 0) };
}
