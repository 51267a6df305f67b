// Puts owners in line when what they control changes, comes or goes, and when an orphan appears that they might adopt.

import type { AnyObject, Kind } from '../api/kind.ts';
import type { Labels } from '../api/label-selector.ts';
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
  const selects = (owner: Owner, labels: Labels | undefined) => matchesSelector(owner.spec.selector, labels);
  return watchSelected(owners, { kind: ownerKind, selects }, owned, enqueue);
}

/** The same for owners that select in a way of their own. */
export function watchSelected<Owner extends AnyObject>(
  owners: Pick<Informer<Owner>, 'list'>,
  owner: { readonly kind: Kind; selects(owner: Owner, labels: Labels | undefined): boolean },
  owned: Pick<Informer<AnyObject>, 'subscribe'>,
  enqueue: Enqueue,
): Disposable {
  const enqueueMatching = ({ metadata }: AnyObject) => {
    for (const candidate of owners.list(metadata.namespace)) {
      if (owner.selects(candidate, metadata.labels)) enqueue(keyOf(candidate.metadata));
    }
  };
  return owned.subscribe((changes) => {
    for (const change of changes) {
      const { object } = change;
      if (change.type === 'updated' && controllerOf(change.previous)?.uid !== controllerOf(object)?.uid) {
        enqueueOwner(owner.kind, change.previous, enqueue);
      }
      if (controllerOf(object)) enqueueOwner(owner.kind, object, enqueue);
      else if (change.type !== 'deleted') enqueueMatching(object);
    }
  });
}

/** The controller of an object, if it is of that kind. */
export function enqueueOwner(ownerKind: Kind, object: AnyObject, enqueue: Enqueue): void {
  const owner = controllerOf(object);
  if (!owner || !refersTo(owner, ownerKind)) return;
  enqueue(keyOf({ namespace: object.metadata.namespace, name: owner.name }));
}
