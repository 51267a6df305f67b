// How the parts of a control plane are, for those who ask its API server: under upstream's names, and unwell until they have
// been started.

import type { Component } from '../apiserver/component-statuses.ts';
import type { Store } from '../store/store.ts';

/** A part that works by itself once it is started. */
export interface Working {
  /** Why it does not work any more, if so. */
  readonly failure: Error | undefined;
}

export interface ComponentHealth {
  readonly components: readonly Component[];
  started(name: 'scheduler' | 'controller-manager', part: Working): void;
}

export function componentHealth({ store }: { readonly store: Pick<Store, 'currentRevision'> }): ComponentHealth {
  const parts = new Map<string, Working>();
  const part = (name: string): Component => ({
    name,
    check() {
      const { failure } = parts.get(name) ?? { failure: new Error('not started') };
      if (failure) throw failure;
    },
  });
  return {
    components: [
      part('scheduler'),
      part('controller-manager'),
      // Upstream's name for the store, whatever that is.
      { name: 'etcd-0', check: async () => void (await store.currentRevision()) },
    ],
    started: (name, working) => void parts.set(name, working),
  };
}
