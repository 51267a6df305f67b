// CRI v1 messages about the use of resources. Numbers and names: k8s.io/cri-api/pkg/apis/runtime/v1/api.proto at v1.36.
// A figure that is missing was not measured, which is not the same as 0.

import { list, message, type Received } from './message.ts';
import { podSandboxMetadata } from './sandbox-messages.ts';

/** `total` is nanoseconds, the averages are percentages over so many seconds. */
const pressureData = message({
  total: [1, 'uint64'],
  avg10: [2, 'double'],
  avg60: [3, 'double'],
  avg300: [4, 'double'],
});

/** Pressure stall information: how long all tasks of the cgroup, or some of them, had to wait. */
export const pressure = message({ full: [1, pressureData], some: [2, pressureData] });

const cpuUsage = message({
  timestamp: [1, 'timeMs'],
  usageCoreNanoSeconds: [2, 'uint64Value'],
  usageNanoCores: [3, 'uint64Value'],
  psi: [4, pressure],
});

const memoryUsage = message({
  timestamp: [1, 'timeMs'],
  workingSetBytes: [2, 'uint64Value'],
  availableBytes: [3, 'uint64Value'],
  usageBytes: [4, 'uint64Value'],
  rssBytes: [5, 'uint64Value'],
  pageFaults: [6, 'uint64Value'],
  majorPageFaults: [7, 'uint64Value'],
  psi: [8, pressure],
});

const ioUsage = message({ timestamp: [1, 'timeMs'], psi: [2, pressure] });

const swapUsage = message({
  timestamp: [1, 'timeMs'],
  swapAvailableBytes: [2, 'uint64Value'],
  swapUsageBytes: [3, 'uint64Value'],
});

export const filesystemUsage = message({
  timestamp: [1, 'timeMs'],
  fsId: [2, message({ mountpoint: [1, 'string'] })],
  usedBytes: [3, 'uint64Value'],
  inodesUsed: [4, 'uint64Value'],
});

/** The metadata is a container's: spelled out here so that this file does not need the one about containers. */
const containerAttributes = message({
  id: [1, 'string'],
  metadata: [2, message({ name: [1, 'string'], attempt: [2, 'uint32'] })],
  labels: [3, 'stringMap'],
  annotations: [4, 'stringMap'],
});

export const containerStats = message({
  attributes: [1, containerAttributes],
  cpu: [2, cpuUsage],
  memory: [3, memoryUsage],
  writableLayer: [4, filesystemUsage],
  swap: [5, swapUsage],
  io: [6, ioUsage],
});
export type ContainerStats = Received<typeof containerStats>;

const networkInterfaceUsage = message({
  name: [1, 'string'],
  rxBytes: [2, 'uint64Value'],
  rxErrors: [3, 'uint64Value'],
  txBytes: [4, 'uint64Value'],
  txErrors: [5, 'uint64Value'],
});

const networkUsage = message({
  timestamp: [1, 'timeMs'],
  defaultInterface: [2, networkInterfaceUsage],
  interfaces: [3, list(networkInterfaceUsage)],
});

export const podSandboxStats = message({
  attributes: [
    1,
    message({
      id: [1, 'string'],
      metadata: [2, podSandboxMetadata],
      labels: [3, 'stringMap'],
      annotations: [4, 'stringMap'],
    }),
  ],
  linux: [
    2,
    message({
      cpu: [1, cpuUsage],
      memory: [2, memoryUsage],
      network: [3, networkUsage],
      process: [4, message({ timestamp: [1, 'timeMs'], processCount: [2, 'uint64Value'] })],
      containers: [5, list(containerStats)],
      io: [6, ioUsage],
    }),
  ],
});
export type PodSandboxStats = Received<typeof podSandboxStats>;

export const containerStatsResponse = message({ stats: [1, containerStats] });

export const listContainerStatsRequest = message({
  filter: [1, message({ id: [1, 'string'], podSandboxId: [2, 'string'], labelSelector: [3, 'stringMap'] })],
});
export const listContainerStatsResponse = message({ stats: [1, list(containerStats)] });

export const podSandboxStatsResponse = message({ stats: [1, podSandboxStats] });

export const listPodSandboxStatsRequest = message({
  filter: [1, message({ id: [1, 'string'], labelSelector: [2, 'stringMap'] })],
});
export const listPodSandboxStatsResponse = message({ stats: [1, list(podSandboxStats)] });
