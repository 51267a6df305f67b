// DefaultStorageClass: claims that name no class are of the default one, if there is one. Upstream:
// k8s.io/kubernetes/plugin/pkg/admission/storage/storageclass/setdefault.

import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { BETA_STORAGE_CLASS } from '../../api/core/storage-class-annotation.ts';
import { newestOf } from '../../api/default-class.ts';
import type { Draft } from '../../api/schema.ts';
import { isDefaultStorageClass, StorageClass } from '../../api/storage/storage-class.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { AdmissionPlugin } from './admission.ts';

export function defaultStorageClass({ objects }: { readonly objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    mutate({ kind, operation, subresource, object }) {
      if (kind !== PersistentVolumeClaim || subresource !== '' || operation !== 'CREATE') return;
      const { metadata, spec } = object as unknown as Draft<PersistentVolumeClaim>;
      // An empty name is one, too: it asks for volumes without a class.
      if (metadata.annotations?.[BETA_STORAGE_CLASS] !== undefined || spec.storageClassName !== undefined) return;
      const found = newestOf(objects.list(StorageClass).filter(isDefaultStorageClass));
      if (found) spec.storageClassName = found.metadata.name;
    },
  };
}
