// Informers of every kind that takes part in garbage collection, custom ones as they come and go. Kinds that are there from
// the start are read through the informers that all controllers share; one that comes later has an informer of its own,
// which is closed when the kind goes.

import type { AnyObject, Kind } from '../../api/kind.ts';
import { pathOf } from '../../client/client.ts';
import { createInformer, type Informer, type InformerDeps } from '../../client/informer.ts';
import type { InformerFactory } from '../../client/informer-factory.ts';
import type { Change } from '../../client/object-cache.ts';

export interface CollectedKindsDeps extends InformerDeps {
  readonly informers: InformerFactory;
  /** Every kind that is served; asked each time. */
  readonly kinds: () => readonly Kind[];
}

type Listener = (kind: Kind, changes: readonly Change<AnyObject>[]) => void;

/** Disposing ends the subscriptions and closes the informers of its own. */
export class CollectedKinds implements AsyncDisposable {
  readonly #deps: CollectedKindsDeps;
  readonly #first: ReadonlyMap<string, { readonly kind: Kind; readonly informer: Informer<AnyObject> }>;
  /** By where they are served. */
  readonly #open = new Map<string, AsyncDisposableStack>();
  #listener: Listener = () => {};

  constructor(deps: CollectedKindsDeps) {
    this.#deps = deps;
    const informerOf = (kind: Kind) => deps.informers.informer(kind) as unknown as Informer<AnyObject>;
    const kinds = [...this.#served()];
    this.#first = new Map(kinds.map(([name, kind]) => [name, { kind, informer: informerOf(kind) }]));
  }

  /** Informers of the kinds that are there from the start. */
  get reads(): readonly Informer<AnyObject>[] {
    return [...this.#first.values()].map(({ informer }) => informer);
  }

  listen(listener: Listener): void {
    this.#listener = listener;
    for (const [name, { kind, informer }] of this.#first) this.#subscribe(name, kind, informer);
  }

  /** Takes up kinds that have come and lets go of those that have gone; answers whether any have come. */
  async follow(): Promise<boolean> {
    const served = this.#served();
    for (const [name, opened] of this.#open) {
      if (served.has(name)) continue;
      this.#open.delete(name);
      await opened.disposeAsync();
    }
    let hasCome = false;
    for (const [name, kind] of served) {
      if (this.#open.has(name)) continue;
      hasCome = true;
      const informer = createInformer(this.#deps, kind) as unknown as Informer<AnyObject>;
      this.#subscribe(name, kind, informer).use(informer);
    }
    return hasCome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(opened.map((stack) => stack.disposeAsync()));
  }

  #subscribe(name: string, kind: Kind, informer: Informer<AnyObject>): AsyncDisposableStack {
    const stack = new AsyncDisposableStack();
    stack.use(informer.subscribe((changes) => this.#listener(kind, changes)));
    this.#open.set(name, stack);
    return stack;
  }

  /** One version of each kind, by where it is served: versions share their objects. */
  #served(): ReadonlyMap<string, Kind> {
    const byKind = new Map<string, Kind>();
    for (const kind of this.#deps.kinds()) {
      const name = `${kind.group}/${kind.kind}`;
      if (isCollected(kind) && !byKind.has(name)) byKind.set(name, kind);
    }
    return new Map([...byKind.values()].map((kind) => [pathOf(kind, {}), kind]));
  }
}

const EVENT_GROUPS = ['', 'events.k8s.io'];

/** Events end by themselves; a kind that is stored as another is seen as that one. */
function isCollected(kind: Kind): boolean {
  const verbs = ['list', 'watch', 'delete'] as const;
  const isStored = !kind.virtual && kind.storedAs === undefined;
  const isEvent = kind.kind === 'Event' && EVENT_GROUPS.includes(kind.group);
  return isStored && !isEvent && verbs.every((verb) => kind.verbs.includes(verb));
}
