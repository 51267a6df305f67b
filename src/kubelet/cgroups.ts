// The control groups of pods: a tree by quality of service, with a group for each pod that holds its containers. Both
// versions of the kernel's interface are served, what a group is limited to by cgroup-limits.ts. Upstream: pkg/kubelet/cm.

import { access, mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pod } from '../api/core/pod.ts';
import type { Clock } from '../base/clock.ts';
import { listIfThere } from '../cri/if-there.ts';
import { type CgroupLimits, type CgroupPlace, readLimits, writeLimits } from './cgroup-limits.ts';
import { killTree, removeTree } from './cgroup-tree.ts';
import { type CgroupUsage, readCgroupUsage } from './figures/cgroup-usage.ts';
import { type QosClass, qosClass } from './qos.ts';
import { MAX_SHARES, MIN_SHARES, podResources } from './resources.ts';

export interface PodCgroups {
  /** What all pods of the node have together. Fails where they use more already. */
  limitAll(limits: Partial<CgroupLimits>): Promise<void>;
  /** Makes the pod's group with its limits; resolves to its path for the runtime. May be repeated. */
  create(pod: Pod): Promise<string>;
  pathOf(pod: Pod): string;
  /** What the pod's group is limited to; undefined when it has none. */
  limits(pod: Pod): Promise<Omit<CgroupLimits, 'hugePageBytes'> | undefined>;
  /** Changes those that are given. */
  limit(pod: Pod, limits: Partial<CgroupLimits>): Promise<void>;
  /** What the pod has used; undefined when it has no group. */
  usage(pod: Pod): Promise<CgroupUsage | undefined>;
  /** What all pods together have used, and how much memory they may use (0: as much as there is). */
  usageOfAll(): Promise<(CgroupUsage & { readonly memoryLimitBytes: number }) | undefined>;
  /** Takes away the pod's group; nothing happens when it is gone. */
  remove(pod: Pod): Promise<void>;
}

const CGROUP_ROOT = '/sys/fs/cgroup';

export interface NodeCgroups extends PodCgroups {
  /** Ends whatever is left in them and takes them all away. */
  removeAll(deps: { readonly clock: Clock }): Promise<void>;
}

/** Groups below `root` (`/t8s-default/NODE`), which is made as needed. `mountPoint` is where the kernel has its groups. */
export async function openCgroups(
  root: string,
  { mountPoint = CGROUP_ROOT }: { readonly mountPoint?: string } = {},
): Promise<NodeCgroups> {
  const unified = await exists(join(mountPoint, 'cgroup.controllers'));
  const hierarchies = unified ? [mountPoint] : await hierarchiesV1(mountPoint);
  const kubepods = join(root, 'kubepods');
  const classPath = (name: QosClass) => join(kubepods, ...CLASS_DIRECTORIES[name]);
  const pathOf = (pod: Pod) => join(classPath(qosClass(pod)), `pod${pod.metadata.uid}`);
  const placeOf = (path: string): CgroupPlace => ({ root: mountPoint, path, unified });
  const make = async (path: string) => {
    for (const hierarchy of hierarchies) await mkdir(join(hierarchy, path), { recursive: true });
    if (unified) await enableControllers(mountPoint, join(mountPoint, path));
  };
  const balance = () => balanceClasses(placeOf, classPath);
  return {
    pathOf,
    async limitAll(limits) {
      await make(kubepods);
      await writeLimits(placeOf(kubepods), limits);
    },
    async create(pod) {
      const path = pathOf(pod);
      await make(path);
      await writeLimits(placeOf(path), podResources(pod));
      await balance();
      return path;
    },
    limits: (pod) => readLimits(placeOf(pathOf(pod))),
    async limit(pod, limits) {
      await writeLimits(placeOf(pathOf(pod)), limits);
      if (limits.cpuShares !== undefined) await balance();
    },
    usage: (pod) => readCgroupUsage(mountPoint, pathOf(pod), { unified }),
    async usageOfAll() {
      const [usage, limits] = await Promise.all([
        readCgroupUsage(mountPoint, kubepods, { unified }),
        readLimits(placeOf(kubepods)),
      ]);
      return usage && limits && { ...usage, memoryLimitBytes: limits.memoryBytes };
    },
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
  placeOf: (path: string) => CgroupPlace,
  classPath: (name: QosClass) => string,
): Promise<void> {
  const burstable = classPath('Burstable');
  const { root, unified } = placeOf(burstable);
  const entries = await listIfThere(unified ? join(root, burstable) : join(root, 'cpu', burstable));
  const pods = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith('pod'));
  const limits = await Promise.all(pods.map(({ name }) => readLimits(placeOf(join(burstable, name)))));
  const sum = limits.reduce((total, limit) => total + (limit?.cpuShares ?? 0), 0);
  await share(placeOf(burstable), Math.min(MAX_SHARES, Math.max(MIN_SHARES, sum)));
  await share(placeOf(classPath('BestEffort')), MIN_SHARES);
}

/** Without pods of the class there is no group. */
async function share(place: CgroupPlace, cpuShares: number): Promise<void> {
  if (await readLimits(place)) await writeLimits(place, { cpuShares });
}

/** Version 2 hands controllers down one level at a time. */
async function enableControllers(mountPoint: string, directory: string): Promise<void> {
  const parents: string[] = [];
  for (let path = dirname(directory); path.startsWith(mountPoint); path = dirname(path)) parents.unshift(path);
  for (const parent of parents) {
    for (const controller of ['cpu', 'memory', 'pids', 'io', 'cpuset', 'hugetlb']) {
      // One that this kernel does not have cannot be handed down; limits that need it fail by themselves.
      await writeFile(join(parent, 'cgroup.subtree_control'), `+${controller}`).catch(() => {});
    }
  }
}

/** Whatever this kernel has mounted, the one of systemd and a hybrid's version 2 included: runc makes groups in all. */
async function hierarchiesV1(mountPoint: string): Promise<readonly string[]> {
  const entries = await readdir(mountPoint, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(mountPoint, name));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
