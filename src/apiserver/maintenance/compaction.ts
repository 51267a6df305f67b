// Lets the store forget what nobody can need any more. Upstream: k8s.io/apiserver/pkg/storage/etcd3/compact.go.

import type { Store } from '../../store/store.ts';

/** History reaches back at least this far, and at most twice as far. */
export const COMPACTION_PERIOD_MS = 5 * 60_000;

/** A function to call once a period: each call lets the store, and `forget`, forget what was history at the call before. */
export function compaction(
  { store }: { readonly store: Store },
  forget: (revision: number) => void,
): () => Promise<void> {
  let previous = 0;
  return async () => {
    const revision = await store.currentRevision();
    // A store that has not been written to has nothing to forget, and is not woken up for it.
    if (previous > 0 && revision > previous) {
      await store.compact(previous);
      forget(previous);
    }
    previous = revision;
  };
}
