// What is used on a node, in the agent's own terms: the texts that it serves (resource-metrics.ts, stats-summary.ts) are
// made from this, be the node real or simulated. A figure that is missing was not measured.

export interface CpuFigures {
  /** When it was measured. */
  readonly atMs: number;
  /** Since the beginning. */
  readonly usageCoreNanoSeconds: number;
  /** Now. */
  readonly usageNanoCores?: number | undefined;
}

export interface MemoryFigures {
  readonly atMs: number;
  /** What cannot be taken back from it. */
  readonly workingSetBytes: number;
  readonly usageBytes?: number | undefined;
  readonly availableBytes?: number | undefined;
  readonly rssBytes?: number | undefined;
  readonly pageFaults?: number | undefined;
  readonly majorPageFaults?: number | undefined;
}

export interface SwapFigures {
  readonly atMs: number;
  readonly usageBytes: number;
  readonly availableBytes?: number | undefined;
}

export interface InterfaceFigures {
  readonly name: string;
  readonly rxBytes: number;
  readonly rxErrors: number;
  readonly txBytes: number;
  readonly txErrors: number;
}

export interface NetworkFigures {
  readonly atMs: number;
  /** The one that leads out. */
  readonly defaultInterface: InterfaceFigures | undefined;
  readonly interfaces: readonly InterfaceFigures[];
}

export interface FilesystemFigures {
  readonly atMs: number;
  readonly usedBytes: number;
  readonly capacityBytes?: number | undefined;
  readonly availableBytes?: number | undefined;
  readonly inodes?: number | undefined;
  readonly inodesFree?: number | undefined;
  readonly inodesUsed?: number | undefined;
}

/** A volume of a pod, by its name there. */
export interface VolumeFigures extends FilesystemFigures {
  readonly name: string;
}

export interface ContainerFigures {
  readonly name: string;
  /** Of the runtime, where there is one. */
  readonly id?: string | undefined;
  readonly image?: string | undefined;
  readonly startedMs: number;
  readonly cpu?: CpuFigures | undefined;
  readonly memory?: MemoryFigures | undefined;
  readonly swap?: SwapFigures | undefined;
  readonly rootFs?: FilesystemFigures | undefined;
  readonly logs?: FilesystemFigures | undefined;
}

export interface PodFigures {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly startedMs: number;
  /** Those that run. */
  readonly containers: readonly ContainerFigures[];
  readonly cpu?: CpuFigures | undefined;
  readonly memory?: MemoryFigures | undefined;
  readonly swap?: SwapFigures | undefined;
  readonly network?: NetworkFigures | undefined;
  /** Those of the node's own disk; undefined until they have been counted. */
  readonly volumes?: readonly VolumeFigures[] | undefined;
  /** All that it has on the node's own disk. */
  readonly ephemeralStorage?: FilesystemFigures | undefined;
  readonly processes?: number | undefined;
}

export interface NodeFigures {
  readonly name: string;
  readonly startedMs: number;
  readonly cpu?: CpuFigures | undefined;
  readonly memory?: MemoryFigures | undefined;
  readonly swap?: SwapFigures | undefined;
  readonly network?: NetworkFigures | undefined;
  /** Of all pods together, within what they may have. */
  readonly podsMemory?: MemoryFigures | undefined;
  readonly fs?: FilesystemFigures | undefined;
  readonly imageFs?: FilesystemFigures | undefined;
  /** Images, and what containers write outside of volumes, are on a disk of their own. */
  readonly dedicatedImageFs?: boolean | undefined;
  readonly processes?: { readonly atMs: number; readonly most: number; readonly current: number } | undefined;
}

export interface Figures {
  readonly node: NodeFigures;
  readonly pods: readonly PodFigures[];
}

/**
 * `node`: what the node has and may run short of, without its pods; `resources`: CPU time and memory alone, which are asked
 * for again and again; `shortages`: what pods take of what a node runs short of, besides.
 */
export type Extent = 'node' | 'resources' | 'shortages' | 'all';

/** Measures when it is called, and never by itself. */
export type ReadFigures = (extent: Extent, signal: AbortSignal) => Promise<Figures>;
