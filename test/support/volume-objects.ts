// Volumes, claims and classes for tests, as they are read.

import type { PersistentVolume } from '../../src/api/core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../../src/api/core/persistent-volume-claim.ts';
import type { InputOf } from '../../src/api/kind.ts';
import type { StorageClass } from '../../src/api/storage/storage-class.ts';

type Shape<K extends typeof PersistentVolume | typeof PersistentVolumeClaim> = {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
  readonly spec?: InputOf<K>['spec'];
  readonly status?: InputOf<K>['status'];
};

/** 1Gi, ReadWriteOnce, available. */
export function volume(name: string, shape: Shape<typeof PersistentVolume> = {}): PersistentVolume {
  const { spec, status, ...metadata } = shape;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, uid: `${name}-uid`, ...metadata },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/${name}` }, ...spec },
    status: { phase: 'Available', ...status },
  } as unknown as PersistentVolume;
}

/** In the namespace `default`: asks for 1Gi, ReadWriteOnce, and waits. */
export function claim(name: string, shape: Shape<typeof PersistentVolumeClaim> = {}): PersistentVolumeClaim {
  const { spec, status, ...metadata } = shape;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace: 'default', name, uid: `${name}-uid`, resourceVersion: '1', ...metadata },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    status: { phase: 'Pending', ...status },
  } as unknown as PersistentVolumeClaim;
}

export function storageClass(
  name: string,
  {
    provisioner = 'disks.example.com',
    waits = false,
  }: { readonly provisioner?: string; readonly waits?: boolean } = {},
): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, uid: `${name}-uid`, creationTimestamp: '2026-01-01T00:00:00Z' },
    provisioner,
    reclaimPolicy: 'Delete',
    volumeBindingMode: waits ? 'WaitForFirstConsumer' : 'Immediate',
  } as unknown as StorageClass;
}

/** What a volume says of the claim of that name. */
export function refTo(name: string, uid: string | undefined = `${name}-uid`) {
  return { namespace: 'default', name, ...(uid === '' ? {} : { uid }) };
}
