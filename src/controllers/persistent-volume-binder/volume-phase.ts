// Says of a volume in which phase it is.

import { PersistentVolume, type PersistentVolumePhase } from '../../api/core/persistent-volume.ts';
import type { Client } from '../../client/client.ts';

/** Resolves with whether it was in another one. */
export async function setVolumePhase(
  client: Client,
  volume: PersistentVolume,
  { phase, message }: { readonly phase: PersistentVolumePhase; readonly message?: string | undefined },
  signal: AbortSignal,
): Promise<boolean> {
  if (volume.status.phase === phase) return false;
  const { message: _, ...rest } = volume.status;
  const status = { ...rest, phase, ...(message === undefined ? {} : { message }) };
  await client.updateStatus(PersistentVolume, { ...volume, status }, { signal });
  return true;
}
