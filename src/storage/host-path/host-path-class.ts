// The class of volumes that are directories of the node where they are first used.

import type { InputOf } from '../../api/kind.ts';
import type { StorageClass } from '../../api/storage/storage-class.ts';

/** What classes name that are to be of this kind. */
export const HOST_PATH_PROVISIONER = 'typernetes.io/host-path';

/** What every cluster has for claims that name no class. */
export const HOST_PATH_CLASS: InputOf<typeof StorageClass> = {
  metadata: { name: 'host-path', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: HOST_PATH_PROVISIONER,
  volumeBindingMode: 'WaitForFirstConsumer',
};
