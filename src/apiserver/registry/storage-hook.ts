// The contract of what has to be set aside, outside of the object itself, for an object to be written: cluster IPs and
// node ports. Hooks run on the write path, after validation and immediately before the compare-and-swap. Upstream:
// the Begin/Finish functions of k8s.io/apiserver/pkg/registry/generic/registry.Store.

import type { AnyDraft, AnyObject, Kind } from '../../api/kind.ts';

/**
 * What a hook has set aside for one write. At most one of the two is called, once: none of them when nobody knows
 * whether the write happened (the store broke down under it), so that what may be in use is never handed out twice.
 * A hook takes such leftovers back when it compares its books with the objects that exist.
 */
export interface Reservation {
  /** The write is durable: what it has replaced may be given back. */
  commit(object: AnyObject): void;
  /** The write did not happen: what was set aside for it may be given back. */
  release(): void | Promise<void>;
}

export interface StorageHookOptions {
  /** Nothing will be written: choose and check, but keep nothing; `release` is called at the end. */
  readonly dryRun: boolean;
}

/**
 * A hook of one kind. Drafts are the request's own and may be changed in place; they are structurally sound and valid.
 * Both `before` methods refuse by throwing StatusError, and have then set nothing aside. A write that lost its
 * compare-and-swap is prepared anew: its reservation is released first, then the hook is asked again.
 */
export interface StorageHook {
  readonly kind: Kind;
  beforeCreate?(draft: AnyDraft, options: StorageHookOptions): Promise<Reservation | undefined>;
  /** For every update of the object but those of its status alone. */
  beforeUpdate?(draft: AnyDraft, previous: AnyObject, options: StorageHookOptions): Promise<Reservation | undefined>;
  /** The object is gone for good (not merely marked for deletion): its last version. */
  afterDelete?(object: AnyObject): void;
}
