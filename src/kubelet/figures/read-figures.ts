// Measures what is used on a real node, when somebody asks: containers by the runtime, pods by their control groups, the
// rest by the kernel's files. Upstream: pkg/kubelet/stats/cri_stats_provider.go.

import { stat } from 'node:fs/promises';
import type { Pod } from '../../api/core/pod.ts';
import { timeToMs } from '../../api/time.ts';
import type { Clock } from '../../base/clock.ts';
import { type Cri, CriError } from '../../cri/cri.ts';
import type { ContainerStats, PodSandboxStats } from '../../cri/stats-messages.ts';
import type { PodCgroups } from '../cgroups.ts';
import { CONTAINER_NAME_LABEL, POD_UID_LABEL } from '../sandbox-config.ts';
import type { CgroupUsage } from './cgroup-usage.ts';
import { CpuRates } from './cpu-rates.ts';
import type {
  ContainerFigures,
  Extent,
  FilesystemFigures,
  NetworkFigures,
  NodeFigures,
  PodFigures,
  ReadFigures,
} from './figures.ts';
import { volumesOnDisk } from './local-volumes.ts';
import { readFilesystemUsage, readMachineUsage, readNetworkUsage, readProcessUsage } from './machine-usage.ts';
import type { PodStorage } from './pod-storage.ts';

export interface FiguresDeps {
  readonly cri: Pick<Cri, 'listContainers' | 'listContainerStats' | 'listPodSandboxStats' | 'imageFsInfo'>;
  readonly cgroups: Pick<PodCgroups, 'usage' | 'usageOfAll'>;
  readonly storage: Pick<PodStorage, 'volumes' | 'logs' | 'keepOnly'>;
  /** The node's pods. */
  readonly pods: () => readonly Pod[];
  readonly clock: Clock;
}

export interface FiguresOptions {
  readonly nodeName: string;
  /** On the file system that pods and images are on. */
  readonly dataDir: string;
}

const PROC = '/proc';

export function figuresReader(deps: FiguresDeps, options: FiguresOptions): ReadFigures {
  const rates = new CpuRates();
  return async (extent, signal) => {
    if (extent === 'node') return { node: await readNode(deps, rates, options, extent), pods: [] };
    const [node, running, sandboxes] = await Promise.all([
      readNode(deps, rates, options, extent),
      runningContainers(deps, signal),
      extent === 'all' ? sandboxStats(deps, signal) : [],
    ]);
    const known = deps.pods();
    const pods = await Promise.all(
      known.map(async (pod): Promise<PodFigures | undefined> => {
        const { uid } = pod.metadata;
        const containers = running.get(uid);
        const usage = await deps.cgroups.usage(pod);
        if (!containers || !usage) return undefined;
        const sandbox = sandboxes.find(({ attributes }) => attributes?.labels[POD_UID_LABEL] === uid);
        const figures = podFigures(pod, containers, { usage, sandbox, rates, nowMs: deps.clock.now() });
        return extent === 'resources' ? figures : withStorage(pod, figures, deps.storage);
      }),
    );
    const uids = known.map(({ metadata }) => metadata.uid);
    rates.keepOnly(['', ...uids]);
    deps.storage.keepOnly(uids);
    return { node, pods: pods.filter((pod) => pod !== undefined) };
  };
}

/** By the uid of their pod. Of those that have ended there is nothing to be measured. */
async function runningContainers(
  { cri }: FiguresDeps,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly ContainerFigures[]>> {
  const filter = { state: { state: 'CONTAINER_RUNNING' } } as const;
  const [{ containers }, { stats }] = await Promise.all([
    cri.listContainers({ filter }, { signal }),
    cri.listContainerStats({}, { signal }),
  ]);
  const byId = new Map(stats.map((one) => [one.attributes?.id ?? '', one]));
  const figures = new Map<string, ContainerFigures[]>();
  for (const { id, labels, createdAt, image } of containers) {
    const uid = labels[POD_UID_LABEL];
    const found = byId.get(id);
    if (uid === undefined || !found) continue;
    const ofPod = figures.get(uid) ?? [];
    const name = labels[CONTAINER_NAME_LABEL] ?? '';
    ofPod.push({ ...containerFigures(name, createdAt, found), id, image: image?.userSpecifiedImage || image?.image });
    figures.set(uid, ofPod);
  }
  return figures;
}

function containerFigures(name: string, startedMs: number, stats: ContainerStats): ContainerFigures {
  const { cpu, memory, swap, writableLayer } = stats;
  return {
    name,
    startedMs,
    cpu:
      cpu?.usageCoreNanoSeconds === undefined
        ? undefined
        : {
            atMs: cpu.timestamp,
            usageCoreNanoSeconds: cpu.usageCoreNanoSeconds,
            usageNanoCores: cpu.usageNanoCores,
          },
    memory: memory && memoryFigures(memory),
    swap:
      swap?.swapUsageBytes === undefined
        ? undefined
        : { atMs: swap.timestamp, usageBytes: swap.swapUsageBytes, availableBytes: swap.swapAvailableBytes },
    rootFs: writableLayer && filesystemOf(writableLayer),
  };
}

function memoryFigures(memory: NonNullable<ContainerStats['memory']>): ContainerFigures['memory'] {
  const { timestamp, workingSetBytes, usageBytes, availableBytes, rssBytes, pageFaults, majorPageFaults } = memory;
  if (workingSetBytes === undefined) return undefined;
  return {
    atMs: timestamp,
    availableBytes: availableBytes || undefined, // 0 is no limit.
    usageBytes,
    workingSetBytes,
    rssBytes,
    pageFaults,
    majorPageFaults,
  };
}

function filesystemOf({
  timestamp,
  usedBytes,
  inodesUsed,
}: NonNullable<ContainerStats['writableLayer']>): FilesystemFigures {
  return { atMs: timestamp, usedBytes: usedBytes ?? 0, inodesUsed };
}

/**
 * What a pod's network has carried. Not every version of the runtime tells, and containerd 1.6 tells nothing of any pod while
 * one of them is on its way out: then the figures go without.
 */
async function sandboxStats({ cri }: FiguresDeps, signal: AbortSignal): Promise<readonly PodSandboxStats[]> {
  try {
    return (await cri.listPodSandboxStats({}, { signal })).stats;
  } catch (error) {
    if (error instanceof CriError) return [];
    throw error;
  }
}

function podFigures(
  { metadata, status }: Pod,
  containers: readonly ContainerFigures[],
  {
    usage,
    sandbox,
    rates,
    nowMs,
  }: {
    readonly usage: CgroupUsage;
    readonly sandbox: PodSandboxStats | undefined;
    readonly rates: CpuRates;
    readonly nowMs: number;
  },
): PodFigures {
  const { name, namespace, uid, creationTimestamp } = metadata;
  const { usageBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults, swapBytes } = usage;
  const network = sandbox?.linux?.network;
  return {
    ...{ name, namespace, uid, containers },
    startedMs: timeToMs(status.startTime ?? creationTimestamp),
    cpu: rates.figures(uid, { atMs: nowMs, usageCoreNanoSeconds: usage.cpuNanoSeconds }),
    memory: { atMs: nowMs, usageBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults },
    swap: swapBytes === undefined ? undefined : { atMs: nowMs, usageBytes: swapBytes },
    network: network && networkOf(network),
    processes: usage.processes,
  };
}

async function withStorage(pod: Pod, figures: PodFigures, storage: FiguresDeps['storage']): Promise<PodFigures> {
  const volumes = storage.volumes(pod);
  const containers = await Promise.all(
    figures.containers.map(async (container) => ({ ...container, logs: await storage.logs(pod, container.name) })),
  );
  const local = new Set(volumesOnDisk(pod).map(({ name }) => name));
  const parts = [
    ...containers.flatMap(({ rootFs, logs }) => [rootFs, logs]),
    ...(volumes ?? []).filter(({ name }) => local.has(name)),
  ].filter((part) => part !== undefined);
  const ephemeralStorage = {
    atMs: figures.memory?.atMs ?? 0,
    usedBytes: parts.reduce((sum, { usedBytes }) => sum + usedBytes, 0),
    inodesUsed: parts.reduce((sum, { inodesUsed = 0 }) => sum + inodesUsed, 0),
  };
  return { ...figures, containers, volumes, ephemeralStorage };
}

type NetworkUsage = NonNullable<NonNullable<PodSandboxStats['linux']>['network']>;

function networkOf({ timestamp, defaultInterface, interfaces }: NetworkUsage): NetworkFigures {
  const of = ({ name, rxBytes = 0, rxErrors = 0, txBytes = 0, txErrors = 0 }: NetworkUsage['interfaces'][number]) => {
    return { name, rxBytes, rxErrors, txBytes, txErrors };
  };
  const leadsOut = defaultInterface && of(defaultInterface);
  return {
    atMs: timestamp,
    defaultInterface: leadsOut,
    interfaces: [...(leadsOut ? [leadsOut] : []), ...interfaces.map(of)],
  };
}

async function readNode(
  deps: FiguresDeps,
  rates: CpuRates,
  { nodeName, dataDir }: FiguresOptions,
  extent: Extent,
): Promise<NodeFigures> {
  const nowMs = deps.clock.now();
  const { cpuNanoSeconds, ...usage } = await readMachineUsage(PROC, nowMs);
  const resources = {
    name: nodeName,
    ...usage,
    cpu: rates.figures('', { atMs: nowMs, usageCoreNanoSeconds: cpuNanoSeconds }),
  };
  if (extent === 'resources') return resources;
  const [network, podsMemory, fs, processes, images] = await Promise.all([
    extent === 'all' ? readNetworkUsage(PROC, nowMs) : undefined,
    readPodsMemory(deps),
    readFilesystemUsage(dataDir, nowMs),
    readProcessUsage(PROC, nowMs),
    readImageFilesystem(deps, dataDir),
  ]);
  return { ...resources, network, podsMemory, fs, processes, ...images };
}

async function readPodsMemory({ cgroups, clock }: FiguresDeps): Promise<NodeFigures['podsMemory']> {
  const usage = await cgroups.usageOfAll();
  if (!usage) return undefined;
  const { usageBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults, memoryLimitBytes } = usage;
  const availableBytes = memoryLimitBytes > 0 ? Math.max(0, memoryLimitBytes - workingSetBytes) : undefined;
  return { atMs: clock.now(), usageBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults, availableBytes };
}

/** The runtime says how much images take, and where; what there is in that place says the kernel. */
async function readImageFilesystem(
  { cri, clock }: FiguresDeps,
  dataDir: string,
): Promise<Pick<NodeFigures, 'imageFs' | 'dedicatedImageFs'>> {
  const { imageFilesystems } = await cri.imageFsInfo({});
  const [images] = imageFilesystems;
  if (!images) return {};
  // A runtime that lives elsewhere may name a place that is not on this machine.
  const place = (await isDirectory(images.fsId?.mountpoint)) ? images.fsId!.mountpoint : dataDir;
  const [whole, own, others] = await Promise.all([readFilesystemUsage(place, clock.now()), stat(place), stat(dataDir)]);
  return { imageFs: { ...whole, ...filesystemOf(images) }, dedicatedImageFs: own.dev !== others.dev };
}

async function isDirectory(path: string | undefined): Promise<boolean> {
  if (!path) return false;
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
