// The Summary of /stats/summary, which monitoring reads. Its form is upstream's: k8s.io/kubelet/pkg/apis/stats/v1alpha1.

import { formatTime } from '../../api/time.ts';
import type {
  ContainerFigures,
  CpuFigures,
  Figures,
  FilesystemFigures,
  InterfaceFigures,
  MemoryFigures,
  NetworkFigures,
  NodeFigures,
  PodFigures,
  SwapFigures,
} from './figures.ts';

/** The Summary as JSON has it; what was not measured is left out. */
export function statsSummary({ node, pods }: Figures): object {
  return { node: nodeStats(node), pods: pods.map(podStats) };
}

function nodeStats(node: NodeFigures): object {
  const { processes } = node;
  return {
    nodeName: node.name,
    startTime: formatTime(node.startedMs),
    ...resources(node),
    network: node.network && networkStats(node.network),
    fs: node.fs && fsStats(node.fs),
    runtime: node.imageFs && { imageFs: fsStats(node.imageFs) },
    rlimit: processes && { time: formatTime(processes.atMs), maxpid: processes.most, curproc: processes.current },
  };
}

function podStats(pod: PodFigures): object {
  const { name, namespace, uid, network, processes } = pod;
  return {
    podRef: { name, namespace, uid },
    startTime: formatTime(pod.startedMs),
    containers: pod.containers.map(containerStats),
    ...resources(pod),
    network: network && networkStats(network),
    volume: pod.volumes?.map(({ name, ...fs }) => ({ ...fsStats(fs), name })),
    'ephemeral-storage': pod.ephemeralStorage && fsStats(pod.ephemeralStorage),
    process_stats: processes === undefined ? undefined : { process_count: processes },
  };
}

function containerStats(container: ContainerFigures): object {
  return {
    name: container.name,
    startTime: formatTime(container.startedMs),
    ...resources(container),
    rootfs: container.rootFs && fsStats(container.rootFs),
    logs: container.logs && fsStats(container.logs),
  };
}

function resources({ cpu, memory, swap }: Pick<PodFigures, 'cpu' | 'memory' | 'swap'>): object {
  return { cpu: cpu && cpuStats(cpu), memory: memory && memoryStats(memory), swap: swap && swapStats(swap) };
}

function cpuStats({ atMs, usageNanoCores, usageCoreNanoSeconds }: CpuFigures): object {
  return { time: formatTime(atMs), usageNanoCores, usageCoreNanoSeconds };
}

function memoryStats({ atMs, ...bytes }: MemoryFigures): object {
  return { time: formatTime(atMs), ...bytes };
}

function swapStats({ atMs, availableBytes, usageBytes }: SwapFigures): object {
  return { time: formatTime(atMs), swapAvailableBytes: availableBytes, swapUsageBytes: usageBytes };
}

/** The interface that leads out stands first, and among all of them. */
function networkStats({ atMs, defaultInterface, interfaces }: NetworkFigures): object {
  const stats = ({ name, rxBytes, rxErrors, txBytes, txErrors }: InterfaceFigures) => {
    return { name, rxBytes, rxErrors, txBytes, txErrors };
  };
  return {
    time: formatTime(atMs),
    ...(defaultInterface ? stats(defaultInterface) : { name: '' }),
    interfaces: interfaces.map(stats),
  };
}

function fsStats({ atMs, ...sizes }: FilesystemFigures): object {
  return { time: formatTime(atMs), ...sizes };
}
