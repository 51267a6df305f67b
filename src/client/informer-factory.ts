// One informer per kind and selection for a whole process, however many components read it.

import type { Kind, ObjectOf } from '../api/kind.ts';
import { createInformer, type Informer, type InformerDeps, type InformerOptions } from './informer.ts';

/** Closing the factory closes its informers; nobody else does. */
export class InformerFactory implements AsyncDisposable {
  readonly #deps: InformerDeps;
  readonly #informers = new Map<string, Informer<unknown>>();

  constructor(deps: InformerDeps) {
    this.#deps = deps;
  }

  /** The shared informer; it begins to list when it is first asked for. Indexes add up. */
  informer<K extends Kind>(kind: K, options: InformerOptions<ObjectOf<K>> = {}): Informer<ObjectOf<K>> {
    const { indexes = {}, namespace = '', labelSelector = '', fieldSelector = '' } = options;
    const key = [kind.apiVersion, kind.plural, namespace, labelSelector, fieldSelector].join(' ');
    const shared = this.#informers.get(key) as Informer<ObjectOf<K>> | undefined;
    if (shared) {
      for (const [name, valuesOf] of Object.entries(indexes)) shared.addIndex(name, valuesOf);
      return shared;
    }
    const informer = createInformer(this.#deps, kind, options);
    this.#informers.set(key, informer as Informer<unknown>);
    return informer;
  }

  /** Resolves when every informer that was asked for so far has synced. */
  async synced(signal?: AbortSignal): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.synced(signal)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer[Symbol.asyncDispose]()));
  }
}
