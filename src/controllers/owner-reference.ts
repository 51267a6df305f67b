// Who owns and who controls an object. Upstream: apimachinery/pkg/apis/meta/v1/controller_ref.go.

import type { AnyObject, Kind } from '../api/kind.ts';
import type { OwnerReference } from '../api/meta/object-meta.ts';

type Owned = Pick<AnyObject, 'metadata'>;

/** The one owner that manages the object. */
export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller);
}

export function isControlledBy(object: Owned, owner: Owned): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** The reference by which an owner of the kind controls what it makes, and outlives it in foreground deletion. */
export function controllerReference(kind: Kind, owner: Owned): OwnerReference {
  const { name, uid } = owner.metadata;
  return { apiVersion: kind.apiVersion, kind: kind.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** Whether a reference is to objects of the kind, in any version of its group. */
export function refersTo(reference: OwnerReference, kind: Kind): boolean {
  const slash = reference.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : reference.apiVersion.slice(0, slash);
  return reference.kind === kind.kind && group === kind.group;
}

/** An index of objects by the uid of their controller; those without one by `orphansIn(namespace)`. */
export const CONTROLLER_INDEX = 'controller';

export function controllerIndex(object: Owned): readonly string[] {
  return [controllerOf(object)?.uid ?? orphansIn(object.metadata.namespace ?? '')];
}

export function orphansIn(namespace: string): string {
  return `orphans in ${namespace}`;
}
