// Whether a pod has more on disk than it may: pure. Upstream: localStorageEviction in
// pkg/kubelet/eviction/eviction_manager.go.

import type { Pod } from '../../api/core/pod.ts';
import { aggregateContainers } from '../../api/core/pod-resources.ts';
import { canonicalQuantity, quantityValue } from '../../api/quantity.ts';
import type { PodFigures } from '../figures/figures.ts';

export interface Exceeded {
  /** By upstream's names: what evictions are counted by. */
  readonly limit: 'emptydirfs.limit' | 'ephemeralpodfs.limit' | 'ephemeralcontainerfs.limit';
  readonly message: string;
}

/** Whether there is anything to look at. */
export function hasLocalLimit({ spec }: Pod): boolean {
  return (
    (spec.volumes ?? []).some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined) ||
    aggregateContainers(spec, 'limits')['ephemeral-storage'] !== undefined
  );
}

/** The first of its limits that it is beyond; undefined while it keeps to all of them. */
export function exceededLimit(pod: Pod, figures: PodFigures, dedicatedImageFs: boolean): Exceeded | undefined {
  return exceededVolume(pod, figures) ?? exceededPod(pod, figures) ?? exceededContainer(pod, figures, dedicatedImageFs);
}

function exceededVolume({ spec }: Pod, { volumes = [] }: PodFigures): Exceeded | undefined {
  for (const { name, emptyDir } of spec.volumes ?? []) {
    const limit = emptyDir?.sizeLimit;
    const used = volumes.find((volume) => volume.name === name)?.usedBytes;
    if (limit === undefined || used === undefined || quantityValue(limit) <= 0 || used <= quantityValue(limit))
      continue;
    const message = `Usage of EmptyDir volume "${name}" exceeds the limit "${canonicalQuantity(limit)}". `;
    return { limit: 'emptydirfs.limit', message };
  }
  return undefined;
}

function exceededPod({ spec }: Pod, { ephemeralStorage }: PodFigures): Exceeded | undefined {
  const limit = aggregateContainers(spec, 'limits')['ephemeral-storage'];
  if (limit === undefined || (ephemeralStorage?.usedBytes ?? 0) <= quantityValue(limit)) return undefined;
  const message = `Pod ephemeral local storage usage exceeds the total limit of containers ${canonicalQuantity(limit)}. `;
  return { limit: 'ephemeralpodfs.limit', message };
}

/** What containers write outside of volumes is on the images' file system, where that is another, and not counted then. */
function exceededContainer({ spec }: Pod, figures: PodFigures, dedicatedImageFs: boolean): Exceeded | undefined {
  for (const { name, resources } of spec.containers) {
    const limit = resources.limits?.['ephemeral-storage'];
    const found = figures.containers.find((container) => container.name === name);
    if (limit === undefined || quantityValue(limit) === 0 || !found) continue;
    const used = (found.logs?.usedBytes ?? 0) + (dedicatedImageFs ? 0 : (found.rootFs?.usedBytes ?? 0));
    if (used <= quantityValue(limit)) continue;
    const message = `Container ${name} exceeded its local ephemeral storage limit "${canonicalQuantity(limit)}". `;
    return { limit: 'ephemeralcontainerfs.limit', message };
  }
  return undefined;
}
