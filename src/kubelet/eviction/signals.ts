// What a node may run short of, and how much of it there is now, told from the figures: pure. Upstream:
// pkg/kubelet/eviction/api and makeSignalObservations in pkg/kubelet/eviction/helpers.go.

import type { QuantityFormat } from '../../api/quantity.ts';
import type { FilesystemFigures, MemoryFigures, NodeFigures } from '../figures/figures.ts';

export type Pressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';
/** In the words of messages. */
export type StarvedResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids';

interface SignalTraits {
  readonly resource: StarvedResource;
  readonly condition: Pressure;
  /** Whether it can be named in the settings. */
  readonly isOwn: boolean;
}

const SIGNALS = {
  'memory.available': { resource: 'memory', condition: 'MemoryPressure', isOwn: true },
  /** What all pods together may have, of which the threshold is that of `memory.available`. */
  'allocatableMemory.available': { resource: 'memory', condition: 'MemoryPressure', isOwn: false },
  'nodefs.available': { resource: 'ephemeral-storage', condition: 'DiskPressure', isOwn: true },
  'nodefs.inodesFree': { resource: 'inodes', condition: 'DiskPressure', isOwn: true },
  'imagefs.available': { resource: 'ephemeral-storage', condition: 'DiskPressure', isOwn: true },
  'imagefs.inodesFree': { resource: 'inodes', condition: 'DiskPressure', isOwn: true },
  'pid.available': { resource: 'pids', condition: 'PIDPressure', isOwn: true },
} as const satisfies Record<string, SignalTraits>;

export type Signal = keyof typeof SIGNALS;

export function isSignal(name: string): name is Signal {
  return Object.hasOwn(SIGNALS, name) && SIGNALS[name as Signal].isOwn;
}

export function resourceOf(signal: Signal): StarvedResource {
  return SIGNALS[signal].resource;
}

export function conditionOf(signal: Signal): Pressure {
  return SIGNALS[signal].condition;
}

export function isOfDisk(signal: Signal): boolean {
  return conditionOf(signal) === 'DiskPressure';
}

/** How quantities of the resource are written. */
export function formatOf(resource: StarvedResource): QuantityFormat {
  return resource === 'memory' || resource === 'ephemeral-storage' ? 'BinarySI' : 'DecimalSI';
}

export interface Observation {
  readonly available: number;
  readonly capacity: number;
}
/** A signal that is missing was not measured. */
export type Observations = ReadonlyMap<Signal, Observation>;

export function observe({ memory, podsMemory, fs, imageFs, processes }: NodeFigures): Observations {
  const found: readonly (readonly [Signal, Observation | undefined])[] = [
    ['memory.available', memoryOf(memory)],
    ['allocatableMemory.available', memoryOf(podsMemory)],
    ['nodefs.available', bytesOf(fs)],
    ['nodefs.inodesFree', inodesOf(fs)],
    ['imagefs.available', bytesOf(imageFs)],
    ['imagefs.inodesFree', inodesOf(imageFs)],
    ['pid.available', processes && { available: processes.most - processes.current, capacity: processes.most }],
  ];
  return new Map(found.flatMap(([signal, observation]) => (observation ? [[signal, observation]] : [])));
}

function memoryOf(memory: MemoryFigures | undefined): Observation | undefined {
  if (memory?.availableBytes === undefined) return undefined;
  return { available: memory.availableBytes, capacity: memory.availableBytes + memory.workingSetBytes };
}

function bytesOf(fs: FilesystemFigures | undefined): Observation | undefined {
  if (fs?.availableBytes === undefined || fs.capacityBytes === undefined) return undefined;
  return { available: fs.availableBytes, capacity: fs.capacityBytes };
}

function inodesOf(fs: FilesystemFigures | undefined): Observation | undefined {
  if (fs?.inodesFree === undefined || fs.inodes === undefined) return undefined;
  return { available: fs.inodesFree, capacity: fs.inodes };
}
