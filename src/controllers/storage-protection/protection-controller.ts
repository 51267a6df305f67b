// Keeps objects that are deleted for as long as they are in use: takes the finalizer that admission has given them away
// when they no longer are, and gives it to objects that were made without. Upstream: pkg/controller/volume/pvcprotection
// and its siblings.

import type { AnyObject, InputOf, Kind, ObjectOf } from '../../api/kind.ts';
import { isStatusError } from '../../api/status-error.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller, Enqueue } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';

export interface Protection<K extends Kind> {
  readonly name: string;
  readonly kind: K;
  readonly finalizer: string;
  /** What tells of uses, besides the objects themselves. */
  readonly reads: Controller['reads'];
  /** Enqueues objects of which a use may have ended. */
  watch(enqueue: Enqueue): readonly Disposable[];
  isUsed(object: ObjectOf<K>, signal: AbortSignal): boolean | Promise<boolean>;
}

export function protectionController<K extends Kind>(deps: ControllerDeps, protection: Protection<K>): Controller {
  const { client, informers } = deps;
  const { name, kind, finalizer, isUsed } = protection;
  const objects: Informer<ObjectOf<K>> = informers.informer(kind);
  return {
    name,
    reads: [objects, ...protection.reads],
    watch: (enqueue) => [
      objects.subscribe((changes) => {
        for (const { type, object } of changes) {
          const { metadata } = object as unknown as AnyObject;
          if (type !== 'deleted' && isToChange(metadata, finalizer)) enqueue(keyOf(metadata));
        }
      }),
      ...protection.watch(enqueue),
    ],
    async reconcile(key, { signal }) {
      const object = objects.get(key);
      if (!object) return;
      const { metadata } = object as unknown as AnyObject;
      if (!isToChange(metadata, finalizer)) return;
      const isGoing = metadata.deletionTimestamp !== undefined;
      if (isGoing && (await isUsed(object, signal))) return;
      const others = (metadata.finalizers ?? []).filter((each) => each !== finalizer);
      const finalizers = isGoing ? others : [...others, finalizer];
      try {
        const changed = { ...object, metadata: { ...metadata, finalizers } } as unknown as InputOf<K>;
        await client.update(kind, changed, { signal });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
    },
  };
}

/** Whether it has the finalizer while it goes, or lacks it while it stays. */
function isToChange({ deletionTimestamp, finalizers = [] }: AnyObject['metadata'], finalizer: string): boolean {
  return finalizers.includes(finalizer) === (deletionTimestamp !== undefined);
}
