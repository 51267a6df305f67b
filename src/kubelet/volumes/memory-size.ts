// How much an empty directory in memory may hold. Upstream: calculateEmptyDirMemorySize in pkg/volume/emptydir (KEP-1967).

import type { Pod } from '../../api/core/pod.ts';
import { quantityValue } from '../../api/quantity.ts';
import { podResources } from '../resources.ts';

/**
 * No more than is asked for, than its pod may use, or than all pods of the node may: whichever is least. Undefined when
 * nothing limits it. The quantities are of bytes.
 */
export function memorySizeBytes(
  pod: Pod,
  sizeLimit: string | undefined,
  allocatable: string | undefined,
): number | undefined {
  const bounds = [quantityValue(sizeLimit ?? '0'), podResources(pod).memoryBytes, quantityValue(allocatable ?? '0')];
  const least = Math.min(...bounds.filter((bound) => bound > 0));
  return Number.isFinite(least) ? least : undefined;
}
