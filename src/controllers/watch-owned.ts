// Puts owners in line when what they control changes, comes or goes, and when an orphan appears that they might adopt.

import type { AnyObject, Kind } from '../api/kind.ts';
import type { LabelSelector } from '../api/meta/label-selector.ts';
import type { Informer } from '../client/informer.ts';
import { keyOf } from '../client/object-key.ts';
import type { Enqueue } from './controller.ts';
import { controllerOf, refersTo } from './owner-reference.ts';
import { matchesSelector } from './selector-match.ts';

interface Selecting extends AnyObject {
  readonly spec: { readonly selector?: LabelSelector | undefined };
}

/** Owners themselves, whatever changes about them. */
export function watchOwners(owners: Pick<Informer<AnyObject>, 'subscribe'>, enqueue: Enqueue): Disposable {
  return owners.subscribe((changes) => {
    for (const { object } of changes) enqueue(keyOf(object.metadata));
  });
}

export function watchOwned<Owner extends Selecting>(
  owners: Pick<Informer<Owner>, 'list'>,
  ownerKind: Kind,
  owned: Pick<Informer<AnyObject>, 'subscribe'>,
  enqueue: Enqueue,
): Disposable {
  const enqueueOwner = (object: AnyObject) => {
    const owner = controllerOf(object);
    if (!owner || !refersTo(owner, ownerKind)) return;
    enqueue(keyOf({ namespace: object.metadata.namespace, name: owner.name }));
  };
  const enqueueMatching = ({ metadata }: AnyObject) => {
    for (const owner of owners.list(metadata.namespace)) {
      if (matchesSelector(owner.spec.selector, metadata.labels)) enqueue(keyOf(owner.metadata));
    }
  };
  return owned.subscribe((changes) => {
    for (const change of changes) {
      const { object } = change;
      if (change.type === 'updated' && controllerOf(change.previous)?.uid !== controllerOf(object)?.uid) {
        enqueueOwner(change.previous);
      }
      if (controllerOf(object)) enqueueOwner(object);
      else if (change.type !== 'deleted') enqueueMatching(object);
    }
  });
}
