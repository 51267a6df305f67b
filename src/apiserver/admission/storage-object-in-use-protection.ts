// StorageObjectInUseProtection: volumes, claims and classes of attributes that are in use stay, though deleted, until they
// no longer are. The finalizers that keep them are taken away by the protection controllers. Upstream:
// k8s.io/kubernetes/plugin/pkg/admission/storage/storageobjectinuseprotection.

import { PROTECTION_FINALIZERS } from '../../api/storage/protection-finalizers.ts';
import type { AdmissionPlugin } from './admission.ts';

export function storageObjectInUseProtection(): AdmissionPlugin {
  return {
    name: 'StorageObjectInUseProtection',
    mutate({ kind, operation, subresource, object }) {
      const finalizer = PROTECTION_FINALIZERS.get(kind);
      if (!finalizer || !object || subresource !== '' || operation !== 'CREATE') return;
      const finalizers = object.metadata.finalizers ?? [];
      if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer];
    },
  };
}
