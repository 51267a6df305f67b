// What the processes of a control group have used, out of the kernel's files of either version. Upstream: cadvisor, and
// pkg/kubelet/stats/cri_stats_provider.go.

import { join } from 'node:path';
import { readIfThere } from '../../cri/if-there.ts';

export interface CgroupUsage {
  readonly cpuNanoSeconds: number;
  readonly usageBytes: number;
  /** What cannot be taken back: all but the pages of files that were not used lately. */
  readonly workingSetBytes: number;
  readonly rssBytes: number;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
  /** Absent where swap is not accounted for. */
  readonly swapBytes?: number;
  readonly processes: number;
}

/** `path` is below `root`, where the kernel's groups are mounted. Undefined when there is no such group. */
export async function readCgroupUsage(
  root: string,
  path: string,
  { unified }: { readonly unified: boolean },
): Promise<CgroupUsage | undefined> {
  return unified ? readV2(join(root, path)) : readV1(root, path);
}

async function readV2(directory: string): Promise<CgroupUsage | undefined> {
  const read = (file: string) => readIfThere(join(directory, file));
  const [cpu, memory, stat, swap, pids] = await Promise.all([
    read('cpu.stat'),
    read('memory.current'),
    read('memory.stat'),
    read('memory.swap.current'),
    read('pids.current'),
  ]);
  if (cpu === undefined || memory === undefined || stat === undefined) return undefined;
  const counts = keyedNumbers(stat);
  return {
    cpuNanoSeconds: keyedNumbers(cpu)('usage_usec') * 1000,
    ...memoryOf(Number(memory), counts('inactive_file')),
    rssBytes: counts('anon'),
    pageFaults: counts('pgfault'),
    majorPageFaults: counts('pgmajfault'),
    ...(swap === undefined ? {} : { swapBytes: Number(swap) }),
    processes: Number(pids ?? 0),
  };
}

/** Version 1 has a hierarchy for each controller, and counts what is in the groups below under names of their own. */
async function readV1(root: string, path: string): Promise<CgroupUsage | undefined> {
  const read = (controller: string, file: string) => readIfThere(join(root, controller, path, file));
  const [cpu, memory, stat, pids] = await Promise.all([
    read('cpuacct', 'cpuacct.usage'),
    read('memory', 'memory.usage_in_bytes'),
    read('memory', 'memory.stat'),
    read('pids', 'pids.current'),
  ]);
  if (cpu === undefined || memory === undefined || stat === undefined) return undefined;
  const counts = keyedNumbers(stat);
  return {
    cpuNanoSeconds: Number(cpu),
    ...memoryOf(Number(memory), counts('total_inactive_file')),
    rssBytes: counts('total_rss'),
    pageFaults: counts('total_pgfault'),
    majorPageFaults: counts('total_pgmajfault'),
    ...(/^total_swap /m.test(stat) ? { swapBytes: counts('total_swap') } : {}),
    processes: Number(pids ?? 0),
  };
}

function memoryOf(usageBytes: number, inactiveBytes: number) {
  return { usageBytes, workingSetBytes: Math.max(0, usageBytes - inactiveBytes) };
}

/** Lines of a name and a number. What is not there is 0. */
function keyedNumbers(text: string): (name: string) => number {
  const numbers = new Map(
    text.split('\n').map((line): [string, number] => {
      const [name = '', value = '0'] = line.split(' ');
      return [name, Number(value)];
    }),
  );
  return (name) => numbers.get(name) ?? 0;
}
