// PersistentVolumeClaimResize: claims grow only when they are bound and their storage class lets volumes grow. Upstream:
// k8s.io/kubernetes/plugin/pkg/admission/storage/persistentvolume/resize.

import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { storageClassOf } from '../../api/core/persistent-volume-claim-classes.ts';
import { compareQuantities } from '../../api/quantity.ts';
import { StorageClass } from '../../api/storage/storage-class.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { AdmissionPlugin } from './admission.ts';
import { refusal } from './refusal.ts';

export function persistentVolumeClaimResize({ objects }: { readonly objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    validate(request) {
      const { kind, operation, subresource } = request;
      if (kind !== PersistentVolumeClaim || subresource !== '' || operation !== 'UPDATE') return;
      const claim = request.object as unknown as PersistentVolumeClaim;
      const previous = request.oldObject as unknown as PersistentVolumeClaim;
      if (compareQuantities(sizeOf(claim), sizeOf(previous)) <= 0) return;
      if (previous.status.phase !== 'Bound') {
        throw refusal(request, 'Only bound persistent volume claims can be expanded');
      }
      const name = storageClassOf(claim);
      const isSame = name !== '' && name === storageClassOf(previous);
      if (isSame && objects.get(StorageClass, { name })?.allowVolumeExpansion) return;
      const why =
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
      throw refusal(request, why);
    },
  };
}

function sizeOf({ spec }: PersistentVolumeClaim): string {
  return spec.resources?.requests?.['storage'] ?? '0';
}
