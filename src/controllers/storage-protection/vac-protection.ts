// Classes of volume attributes stay while claims or volumes are of them. Upstream: pkg/controller/storage/vacprotection.

import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { attributesClassesOf } from '../../api/core/persistent-volume-claim-classes.ts';
import { ATTRIBUTES_CLASS_PROTECTION } from '../../api/storage/protection-finalizers.ts';
import { VolumeAttributesClass } from '../../api/storage/volume-attributes-class.ts';
import type { Change } from '../../client/object-cache.ts';
import type { Controller, Enqueue } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { protectionController } from './protection-controller.ts';

/** An index of claims and of volumes by the names of their classes. */
const CLASS_INDEX = 'attributes class';

export function vacProtection(deps: ControllerDeps): Controller {
  const { client, informers } = deps;
  const ofClaim = (claim: PersistentVolumeClaim) => [...attributesClassesOf(claim)];
  const ofVolume = ({ spec }: PersistentVolume) =>
    spec.volumeAttributesClassName ? [spec.volumeAttributesClassName] : [];
  const claims = informers.informer(PersistentVolumeClaim, { indexes: { [CLASS_INDEX]: ofClaim } });
  const volumes = informers.informer(PersistentVolume, { indexes: { [CLASS_INDEX]: ofVolume } });
  return protectionController(deps, {
    name: 'volumeattributesclass-protection-controller',
    kind: VolumeAttributesClass,
    finalizer: ATTRIBUTES_CLASS_PROTECTION,
    reads: [claims, volumes],
    watch: (enqueue) => [
      claims.subscribe((changes) => enqueueLeft(enqueue, changes, ofClaim)),
      volumes.subscribe((changes) => enqueueLeft(enqueue, changes, ofVolume)),
    ],
    async isUsed({ metadata: { name } }, signal) {
      if (claims.byIndex(CLASS_INDEX, name).length > 0 || volumes.byIndex(CLASS_INDEX, name).length > 0) return true;
      // What is not seen here yet may have begun to use it.
      const [allClaims, allVolumes] = await Promise.all([
        client.list(PersistentVolumeClaim, { signal }),
        client.list(PersistentVolume, { signal }),
      ]);
      const isNamed = (names: readonly string[]) => names.includes(name);
      return allClaims.items.map(ofClaim).some(isNamed) || allVolumes.items.map(ofVolume).some(isNamed);
    },
  });
}

/** Classes that objects were of, and are no more. */
function enqueueLeft<Object>(
  enqueue: Enqueue,
  changes: readonly Change<Object>[],
  classesOf: (object: Object) => readonly string[],
): void {
  for (const change of changes) {
    if (change.type === 'added') continue;
    const now = change.type === 'updated' ? classesOf(change.object) : [];
    const before = classesOf(change.type === 'updated' ? change.previous : change.object);
    for (const name of before) if (!now.includes(name)) enqueue(name);
  }
}
