// What keeps an object that is being deleted, for the kinds that differ. Upstream: the strategies' graceful deletion and
// pkg/registry/core/namespace/storage.

import type { AnyDraft, AnyObject } from '../../api/kind.ts';

export interface DeletionRule {
  /** Something besides metadata.finalizers and a grace period keeps the object for now. */
  isHeld(object: AnyObject): boolean;
  /** Whether a first delete only marks the object, even when nothing holds it; it has no grace period then. */
  readonly marksFirst: boolean;
  /** Changes an object that has just been marked. */
  mark(draft: AnyDraft): void;
}

export const plainDeletion: DeletionRule = { isHeld: () => false, marksFirst: false, mark: () => {} };

/** Namespaces stay until their controller has emptied them and taken the finalizer out of the spec. */
export const namespaceDeletion: DeletionRule = {
  isHeld: ({ spec }) => ((spec as { finalizers?: readonly string[] } | undefined)?.finalizers ?? []).length > 0,
  marksFirst: true,
  mark(draft) {
    draft['status'] = { ...(draft['status'] as object | undefined), phase: 'Terminating' };
  },
};
