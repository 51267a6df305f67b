// What the machine shows of containers: their processes, and what the kernel holds these to and has counted of them,
// whichever version of its control groups there is. For tests that believe the kernel only.

import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../src/api/core/pod.ts';
import { cgroupsOf, listProcesses, type ProcessInfo } from '../../src/cri/process-table.ts';

const CGROUPS = '/sys/fs/cgroup';

/** All in groups that bear the name of a container or the uid of a pod, from the oldest on. */
export async function processesIn(id: string): Promise<readonly ProcessInfo[]> {
  const names = [id, id.replaceAll('-', '_')]; // The latter as systemd has it.
  const members = await Promise.all(
    (await listProcesses()).map(async (process) => {
      const paths = await cgroupsOf(process.pid);
      return paths.some((path) => names.some((name) => path.includes(name))) ? [process] : [];
    }),
  );
  return members.flat().sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
}

/** The one that the container was started as. */
export async function firstProcessOf({ metadata, status }: Pod, container = 'main'): Promise<ProcessInfo> {
  const { containerID = '' } = status.containerStatuses?.find(({ name }) => name === container) ?? {};
  const [first] = await processesIn(containerID.replace('containerd://', ''));
  assert.ok(first, `${metadata.name} has no process: ${containerID}`);
  return first;
}

/** Whether there is one hierarchy for all controllers: version 2. */
export async function isUnified(): Promise<boolean> {
  return access(join(CGROUPS, 'cgroup.controllers')).then(
    () => true,
    () => false,
  );
}

/** Bytes. */
export async function memoryLimitOf(pid: number): Promise<number> {
  return Number(await read(pid, 'memory', { v1: 'memory.limit_in_bytes', v2: 'memory.max' }));
}

/** Microseconds in each tenth of a second. */
export async function cpuQuotaOf(pid: number): Promise<number> {
  return Number((await read(pid, 'cpu', { v1: 'cpu.cfs_quota_us', v2: 'cpu.max' })).split(' ')[0]);
}

/** Nanoseconds. */
export async function cpuTimeOf(pid: number): Promise<number> {
  const text = await read(pid, 'cpuacct', { v1: 'cpuacct.usage', v2: 'cpu.stat' });
  return (await isUnified()) ? numberIn(text, 'usage_usec') * 1000 : Number(text);
}

/** How often it was held back, having had all of its quota. */
export async function throttledOf(pid: number): Promise<number> {
  return numberIn(await read(pid, 'cpu', { v1: 'cpu.stat', v2: 'cpu.stat' }), 'nr_throttled');
}

async function read(pid: number, controller: string, file: { readonly v1: string; readonly v2: string }) {
  const unified = await isUnified();
  const lines = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).split('\n').map((line) => line.split(':'));
  const [, , path = ''] =
    lines.find(([, controllers = '']) => controllers.split(',').includes(unified ? '' : controller)) ?? [];
  const group = unified ? join(CGROUPS, path, file.v2) : join(CGROUPS, controller, path, file.v1);
  return (await readFile(group, 'utf8')).trim();
}

function numberIn(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}
