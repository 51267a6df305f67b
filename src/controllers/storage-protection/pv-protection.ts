// Volumes stay while they are bound to a claim. Upstream: pkg/controller/volume/pvprotection.

import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { VOLUME_PROTECTION } from '../../api/storage/protection-finalizers.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { protectionController } from './protection-controller.ts';

export function pvProtection(deps: ControllerDeps): Controller {
  return protectionController(deps, {
    name: 'persistentvolume-protection-controller',
    kind: PersistentVolume,
    finalizer: VOLUME_PROTECTION,
    reads: [],
    watch: () => [],
    isUsed: ({ status }) => status.phase === 'Bound',
  });
}
