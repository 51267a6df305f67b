// What pods use of what may run short: pure. Upstream: pkg/kubelet/eviction/helpers.go.

import type { Pod } from '../../api/core/pod.ts';
import type { FilesystemFigures, PodFigures } from '../figures/figures.ts';
import { volumesOnDisk } from '../figures/local-volumes.ts';
import type { Signal } from './signals.ts';

/** Parts of what a pod has on disk. */
type DiskPart = 'rootfs' | 'logs' | 'volumes';
const ALL_PARTS: readonly DiskPart[] = ['rootfs', 'logs', 'volumes'];

/** Which of them are on the file system of the signal. */
function partsFor(signal: Signal, dedicatedImageFs: boolean): readonly DiskPart[] {
  if (!dedicatedImageFs) return ALL_PARTS;
  return signal.startsWith('imagefs.') ? ['rootfs'] : ['logs', 'volumes'];
}

/** In bytes or a number, as the signal counts. */
export function usageOf(signal: Signal, pod: Pod, figures: PodFigures, dedicatedImageFs: boolean): number {
  switch (signal) {
    case 'memory.available':
    case 'allocatableMemory.available':
      return figures.memory?.workingSetBytes ?? 0;
    case 'pid.available':
      return figures.processes ?? 0;
    case 'nodefs.available':
    case 'imagefs.available':
      return diskUsage(pod, figures, partsFor(signal, dedicatedImageFs), ({ usedBytes }) => usedBytes);
    case 'nodefs.inodesFree':
    case 'imagefs.inodesFree':
      return diskUsage(pod, figures, partsFor(signal, dedicatedImageFs), ({ inodesUsed }) => inodesUsed ?? 0);
    default:
      signal satisfies never;
      return 0;
  }
}

function diskUsage(
  pod: Pod,
  { containers, volumes = [] }: PodFigures,
  parts: readonly DiskPart[],
  measure: (fs: FilesystemFigures) => number,
): number {
  const local = new Set(volumesOnDisk(pod).map(({ name }) => name));
  const found = {
    rootfs: containers.map(({ rootFs }) => rootFs),
    logs: containers.map(({ logs }) => logs),
    volumes: volumes.filter(({ name }) => local.has(name)),
  };
  return parts.flatMap((part) => found[part]).reduce((sum, fs) => sum + (fs ? measure(fs) : 0), 0);
}
