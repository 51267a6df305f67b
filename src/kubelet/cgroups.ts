// The control groups of pods: a tree by quality of service, with a group for each pod that holds its containers. Both
// versions of the kernel's interface are served. Upstream: pkg/kubelet/cm.

import { access, mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pod } from '../api/core/pod.ts';
import type { Clock } from '../base/clock.ts';
import { listIfThere, readIfThere, throwUnlessAbsent } from '../cri/if-there.ts';
import { killTree, removeTree } from './cgroup-tree.ts';
import { type CgroupUsage, readCgroupUsage } from './figures/cgroup-usage.ts';
import { type QosClass, qosClass } from './qos.ts';
import { MAX_SHARES, MIN_SHARES, podResources } from './resources.ts';

export interface PodCgroups {
  /** Makes the pod's group with its limits; resolves to its path for the runtime. May be repeated. */
  create(pod: Pod): Promise<string>;
  pathOf(pod: Pod): string;
  /** What the pod has used; undefined when it has no group. */
  usage(pod: Pod): Promise<CgroupUsage | undefined>;
  /** Takes away the pod's group; nothing happens when it is gone. */
  remove(pod: Pod): Promise<void>;
}

const CGROUP_ROOT = '/sys/fs/cgroup';
const PERIOD_MICROSECONDS = 100_000;

export interface NodeCgroups extends PodCgroups {
  /** Ends whatever is left in them and takes them all away. */
  removeAll(deps: { readonly clock: Clock }): Promise<void>;
}

/** Groups below `root` (`/t8s-default/NODE`), which is made as needed. */
export async function openCgroups(root: string): Promise<NodeCgroups> {
  const unified = await exists(join(CGROUP_ROOT, 'cgroup.controllers'));
  const hierarchies = unified ? [CGROUP_ROOT] : await hierarchiesV1();
  const kubepods = join(root, 'kubepods');
  const classPath = (name: QosClass) => join(kubepods, ...CLASS_DIRECTORIES[name]);
  const pathOf = (pod: Pod) => join(classPath(qosClass(pod)), `pod${pod.metadata.uid}`);
  const balance = () => balanceClasses(unified ? CGROUP_ROOT : join(CGROUP_ROOT, 'cpu'), { unified, classPath });
  return {
    pathOf,
    async create(pod) {
      const path = pathOf(pod);
      for (const hierarchy of hierarchies) await mkdir(join(hierarchy, path), { recursive: true });
      if (unified) await limitV2(join(CGROUP_ROOT, path), pod);
      else await limitV1(path, pod);
      await balance();
      return path;
    },
    usage: (pod) => readCgroupUsage(CGROUP_ROOT, pathOf(pod), { unified }),
    async remove({ metadata: { uid } }) {
      // Of a pod that is gone from the API nobody knows the class any more.
      for (const name of CLASSES) {
        for (const hierarchy of hierarchies) await removeTree(join(hierarchy, classPath(name), `pod${uid}`));
      }
      await balance();
    },
    async removeAll(deps) {
      for (const hierarchy of hierarchies) {
        await killTree(deps, join(hierarchy, root));
        await rmdir(join(hierarchy, dirname(root))).catch(() => {}); // Another node of the cluster is still in it.
      }
    },
  };
}

const CLASSES: readonly QosClass[] = ['Guaranteed', 'Burstable', 'BestEffort'];
const CLASS_DIRECTORIES = { Guaranteed: [], Burstable: ['burstable'], BestEffort: ['besteffort'] } as const;

/**
 * Burstable pods together get as much of the CPU time that is contended for as they have asked for, and best-effort pods
 * what is left over. Upstream: qosContainerManager.
 */
async function balanceClasses(
  hierarchy: string,
  { unified, classPath }: { readonly unified: boolean; readonly classPath: (name: QosClass) => string },
): Promise<void> {
  const file = unified ? 'cpu.weight' : 'cpu.shares';
  const least = unified ? '1' : String(MIN_SHARES);
  const most = unified ? 10_000 : MAX_SHARES;
  const burstable = join(hierarchy, classPath('Burstable'));
  const pods = (await listIfThere(burstable)).filter((entry) => entry.isDirectory() && entry.name.startsWith('pod'));
  const asked = await Promise.all(pods.map(({ name }) => readIfThere(join(burstable, name, file))));
  const sum = asked.reduce((total, text) => total + Number(text ?? 0), 0);
  await writeIfThere(join(burstable, file), String(Math.min(most, Math.max(Number(least), sum))));
  await writeIfThere(join(hierarchy, classPath('BestEffort'), file), least);
}

async function writeIfThere(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'r+' }).catch(throwUnlessAbsent); // Without pods of the class there is no group.
}

async function limitV1(path: string, pod: Pod): Promise<void> {
  const { cpuShares, cpuQuota, memoryBytes } = podResources(pod);
  const cpu = join(CGROUP_ROOT, 'cpu', path);
  await writeFile(join(cpu, 'cpu.shares'), String(cpuShares));
  await writeFile(join(cpu, 'cpu.cfs_period_us'), String(PERIOD_MICROSECONDS));
  await writeFile(join(cpu, 'cpu.cfs_quota_us'), String(cpuQuota === 0 ? -1 : cpuQuota));
  if (memoryBytes > 0) await writeFile(join(CGROUP_ROOT, 'memory', path, 'memory.limit_in_bytes'), String(memoryBytes));
}

async function limitV2(directory: string, pod: Pod): Promise<void> {
  await enableControllers(directory);
  const { cpuShares, cpuQuota, memoryBytes } = podResources(pod);
  await writeFile(join(directory, 'cpu.weight'), String(weightOf(cpuShares)));
  await writeFile(join(directory, 'cpu.max'), `${cpuQuota === 0 ? 'max' : cpuQuota} ${PERIOD_MICROSECONDS}`);
  await writeFile(join(directory, 'memory.max'), memoryBytes > 0 ? String(memoryBytes) : 'max');
}

/** Version 2 hands controllers down one level at a time. */
async function enableControllers(directory: string): Promise<void> {
  const parents: string[] = [];
  for (let path = dirname(directory); path.startsWith(CGROUP_ROOT); path = dirname(path)) parents.unshift(path);
  for (const parent of parents) {
    for (const controller of ['cpu', 'memory', 'pids', 'io', 'cpuset']) {
      // One that this kernel does not have cannot be handed down; limits that need it fail by themselves.
      await writeFile(join(parent, 'cgroup.subtree_control'), `+${controller}`).catch(() => {});
    }
  }
}

/** Shares (2 to 262144) as a weight (1 to 10000), as runc does. */
function weightOf(shares: number): number {
  return Math.floor(1 + ((shares - 2) * 9999) / 262_142);
}

/** Whatever this kernel has mounted, the one of systemd and a hybrid's version 2 included: runc makes groups in all. */
async function hierarchiesV1(): Promise<readonly string[]> {
  const entries = await readdir(CGROUP_ROOT, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(CGROUP_ROOT, name));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
