// The limits of one control group, as the files of either version of the kernel's interface have them. Upstream:
// pkg/kubelet/cm/cgroup_v1_manager_linux.go and cgroup_v2_manager_linux.go.

import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from '../cri/if-there.ts';
import { MAX_SHARES, MIN_SHARES } from './resources.ts';

export interface CgroupLimits {
  /** CPU time when there is not enough for all: 1024 for a CPU. */
  readonly cpuShares: number;
  /** Microseconds in each period; 0 for no limit. */
  readonly cpuQuota: number;
  /** 0 for no limit. */
  readonly memoryBytes: number;
  /** Of huge pages, by the kernel's name of their size (`2MB`); a size that is not named stays as it is. */
  readonly hugePageBytes: Readonly<Record<string, number>>;
}

/** Where a group is: below `root`, in which version 1 has a directory for each controller. */
export interface CgroupPlace {
  readonly root: string;
  readonly path: string;
  readonly unified: boolean;
}

const PERIOD_MICROSECONDS = 100_000;
/** Version 1 says so for no limit, rounded to pages; no machine has as much. */
const V1_UNLIMITED_BYTES = 2 ** 62;

/** Writes those that are given. */
export async function writeLimits(place: CgroupPlace, limits: Partial<CgroupLimits>): Promise<void> {
  await (place.unified ? writeV2(place, limits) : writeV1(place, limits));
}

/** Huge pages are not read. Undefined where there is no such group. */
export async function readLimits(place: CgroupPlace): Promise<Omit<CgroupLimits, 'hugePageBytes'> | undefined> {
  return place.unified ? readV2(place) : readV1(place);
}

async function writeV1({ root, path }: CgroupPlace, limits: Partial<CgroupLimits>): Promise<void> {
  const { cpuShares, cpuQuota, memoryBytes, hugePageBytes } = limits;
  const write = (controller: string, file: string, value: number) =>
    writeFile(join(root, controller, path, file), String(value));
  if (cpuShares !== undefined) await write('cpu', 'cpu.shares', cpuShares);
  if (cpuQuota !== undefined) {
    await write('cpu', 'cpu.cfs_period_us', PERIOD_MICROSECONDS);
    await write('cpu', 'cpu.cfs_quota_us', cpuQuota === 0 ? -1 : cpuQuota);
  }
  if (memoryBytes !== undefined) await write('memory', 'memory.limit_in_bytes', memoryBytes === 0 ? -1 : memoryBytes);
  for (const [size, bytes] of Object.entries(hugePageBytes ?? {})) {
    await writeWhereCounted(join(root, 'hugetlb', path, `hugetlb.${size}.limit_in_bytes`), bytes);
  }
}

async function writeV2({ root, path }: CgroupPlace, limits: Partial<CgroupLimits>): Promise<void> {
  const { cpuShares, cpuQuota, memoryBytes, hugePageBytes } = limits;
  const write = (file: string, value: string) => writeFile(join(root, path, file), value);
  if (cpuShares !== undefined) await write('cpu.weight', String(weightOf(cpuShares)));
  if (cpuQuota !== undefined) await write('cpu.max', `${cpuQuota === 0 ? 'max' : cpuQuota} ${PERIOD_MICROSECONDS}`);
  if (memoryBytes !== undefined) await write('memory.max', memoryBytes === 0 ? 'max' : String(memoryBytes));
  for (const [size, bytes] of Object.entries(hugePageBytes ?? {})) {
    await writeWhereCounted(join(root, path, `hugetlb.${size}.max`), bytes);
  }
}

/** Not every kernel counts huge pages, and not everybody who does lets the node's groups have the controller. */
async function writeWhereCounted(path: string, bytes: number): Promise<void> {
  const isCounted = await access(path).then(
    () => true,
    () => false,
  );
  if (isCounted) await writeFile(path, String(bytes));
}

async function readV1({ root, path }: CgroupPlace) {
  const read = (controller: string, file: string) => readIfThere(join(root, controller, path, file));
  const [shares, quota, memory] = await Promise.all([
    read('cpu', 'cpu.shares'),
    read('cpu', 'cpu.cfs_quota_us'),
    read('memory', 'memory.limit_in_bytes'),
  ]);
  if (shares === undefined || quota === undefined || memory === undefined) return undefined;
  return {
    cpuShares: Number(shares),
    cpuQuota: Math.max(0, Number(quota)),
    memoryBytes: Number(memory) > V1_UNLIMITED_BYTES ? 0 : Number(memory),
  };
}

async function readV2({ root, path }: CgroupPlace) {
  const read = (file: string) => readIfThere(join(root, path, file));
  const [weight, max, memory] = await Promise.all([read('cpu.weight'), read('cpu.max'), read('memory.max')]);
  if (weight === undefined || max === undefined || memory === undefined) return undefined;
  const [quota = ''] = max.split(' ');
  return { cpuShares: sharesOf(Number(weight)), cpuQuota: numberOrNone(quota), memoryBytes: numberOrNone(memory) };
}

function numberOrNone(text: string): number {
  return text.trim() === 'max' ? 0 : Number(text);
}

/**
 * Shares (2 to 262144) as a weight (1 to 10000), so that the 1024 of a CPU is about the 100 that groups have by default.
 * The curve is the one of opencontainers/cgroups since runc 1.3.2.
 */
export function weightOf(shares: number): number {
  if (shares <= MIN_SHARES) return 1;
  if (shares >= MAX_SHARES) return 10_000;
  const exponent = Math.log2(shares);
  return Math.ceil(10 ** ((exponent * exponent + 125 * exponent) / 612 - 7 / 34));
}

/** The most shares that make the weight: what has become less by rounding is not told from it. */
export function sharesOf(weight: number): number {
  const exponent = (-125 + Math.sqrt(125 * 125 + 4 * 612 * (Math.log10(weight) + 7 / 34))) / 2;
  return Math.min(MAX_SHARES, Math.max(MIN_SHARES, Math.floor(2 ** exponent + 1e-6)));
}
