// What a node's provisioner of directories is to do about a claim, and about a volume: pure.

import { dirname, join } from 'node:path';
import type { PersistentVolume } from '../../api/core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { storageClassOf } from '../../api/core/persistent-volume-claim-classes.ts';
import type { InputOf } from '../../api/kind.ts';
import type { StorageClass } from '../../api/storage/storage-class.ts';
import {
  PROVISIONED_BY,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
  waitsForConsumer,
} from '../../api/storage/volume-binding.ts';
import { HOST_PATH_PROVISIONER } from './host-path-class.ts';

/** Keeps a volume that is deleted until its directory has gone. Upstream's, of its external provisioners. */
export const PROVISIONER_FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';

export interface NodePlace {
  readonly nodeName: string;
  /** Holds the directories of the volumes. */
  readonly volumesDir: string;
}

export type ClaimStep =
  | { readonly step: 'leave' }
  /** Any node will do, and this one offers itself. */
  | { readonly step: 'take' }
  | { readonly step: 'refuse'; readonly why: string }
  | { readonly step: 'make'; readonly volume: InputOf<typeof PersistentVolume>; readonly directory: string };

export function planClaim(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
  place: NodePlace,
): ClaimStep {
  const { [STORAGE_PROVISIONER]: provisioner, [SELECTED_NODE]: selectedNode } = claim.metadata.annotations ?? {};
  if (provisioner !== HOST_PATH_PROVISIONER || storageClass?.provisioner !== HOST_PATH_PROVISIONER) return LEAVE;
  if (claim.spec.volumeName || claim.metadata.deletionTimestamp !== undefined) return LEAVE;
  if (selectedNode === undefined) return waitsForConsumer(storageClass) ? LEAVE : { step: 'take' };
  if (selectedNode !== place.nodeName) return LEAVE;
  if (claim.spec.volumeMode === 'Block') return { step: 'refuse', why: 'a directory is no block device' };
  if (claim.spec.dataSourceRef) return { step: 'refuse', why: 'a directory begins empty, it has no data source' };
  const name = `pvc-${claim.metadata.uid}`;
  const directory = join(place.volumesDir, name);
  return { step: 'make', directory, volume: volumeFor(claim, storageClass, { ...place, name, directory }) };
}

const LEAVE = { step: 'leave' } as const;

function volumeFor(
  claim: PersistentVolumeClaim,
  { reclaimPolicy }: StorageClass,
  { name, directory, nodeName }: { readonly name: string; readonly directory: string; readonly nodeName: string },
): InputOf<typeof PersistentVolume> {
  const { namespace, name: claimName, uid, resourceVersion } = claim.metadata;
  return {
    metadata: {
      name,
      annotations: { [PROVISIONED_BY]: HOST_PATH_PROVISIONER },
      finalizers: [PROVISIONER_FINALIZER],
    },
    spec: {
      capacity: { storage: claim.spec.resources.requests?.['storage'] ?? '0' },
      accessModes: claim.spec.accessModes ?? [],
      claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name: claimName, uid, resourceVersion },
      persistentVolumeReclaimPolicy: reclaimPolicy ?? 'Delete',
      storageClassName: storageClassOf(claim),
      volumeMode: 'Filesystem',
      // A directory that has gone must not come back empty as if nothing had happened.
      hostPath: { path: directory, type: 'Directory' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] }] },
          ],
        },
      },
    },
  };
}

export type VolumeStep =
  | { readonly step: 'leave' }
  /** The directory goes, then the volume. */
  | { readonly step: 'remove'; readonly directory: string }
  /** The volume goes, and its directory is left to whoever wanted to keep it. */
  | { readonly step: 'let-go' };

export function planVolume({ metadata, spec, status }: PersistentVolume, { volumesDir }: NodePlace): VolumeStep {
  if (metadata.annotations?.[PROVISIONED_BY] !== HOST_PATH_PROVISIONER) return LEAVE;
  const directory = spec.hostPath?.path ?? '';
  if (dirname(directory) !== volumesDir) return LEAVE; // Another node's.
  const isGoing = metadata.deletionTimestamp !== undefined;
  if (status.phase !== 'Released' && !(isGoing && status.phase !== 'Bound')) return LEAVE;
  if (spec.persistentVolumeReclaimPolicy === 'Delete') return { step: 'remove', directory };
  return isGoing ? { step: 'let-go' } : LEAVE;
}
