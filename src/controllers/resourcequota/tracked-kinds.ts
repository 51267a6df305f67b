// The kinds that quotas limit, each with an informer that is opened when the first quota asks for it: of a kind that
// nobody limits nothing is read. Kinds that come later, custom ones, are found as soon as they are served.

import type { AnyObject, Kind } from '../../api/kind.ts';
import { countResource, type QuotaEvaluator } from '../../api/quota/quota-evaluator.ts';
import { quotaEvaluatorOf } from '../../api/quota/quota-evaluators.ts';
import type { ResourceList } from '../../api/resource-list.ts';
import { remembered } from '../../base/remembered.ts';
import type { Informer } from '../../client/informer.ts';
import type { InformerFactory } from '../../client/informer-factory.ts';
import type { Change } from '../../client/object-cache.ts';

export interface TrackedKind {
  readonly evaluator: QuotaEvaluator;
  readonly informer: Informer<AnyObject>;
  usage(object: AnyObject, nowMs: number): ResourceList;
}

type Listener = (tracked: TrackedKind, changes: readonly Change<AnyObject>[]) => void;

export interface TrackedKindsDeps {
  readonly informers: InformerFactory;
  /** Every kind that is served; asked each time. */
  readonly kinds: () => readonly Kind[];
}

/** Disposing ends the subscriptions. */
export class TrackedKinds implements Disposable {
  readonly #deps: TrackedKindsDeps;
  readonly #listener: Listener;
  /** By what their number is called, which is the same for all versions of a kind. */
  readonly #open = new Map<string, TrackedKind>();
  readonly #subscriptions = new DisposableStack();

  constructor(deps: TrackedKindsDeps, listener: Listener) {
    this.#deps = deps;
    this.#listener = listener;
  }

  /** Those of which some of the resources are limited. Resolves when all their objects are known. */
  async limitedBy(resources: readonly string[], signal: AbortSignal): Promise<readonly TrackedKind[]> {
    const found = new Map<string, TrackedKind>();
    for (const kind of this.#deps.kinds()) {
      const evaluator = quotaEvaluatorOf(kind);
      if (!evaluator || kind.storedAs !== undefined || !resources.some(evaluator.tracks)) continue;
      const name = countResource(kind);
      if (!found.has(name)) found.set(name, this.#open.get(name) ?? this.#track(name, kind, evaluator));
    }
    const tracked = [...found.values()];
    await Promise.all(tracked.map(({ informer }) => informer.synced(signal)));
    return tracked;
  }

  #track(name: string, kind: Kind, evaluator: QuotaEvaluator): TrackedKind {
    const informer = this.#deps.informers.informer(kind) as unknown as Informer<AnyObject>;
    // Time matters only for objects that end by themselves; what others use is worked out once.
    const lasting = remembered((object: AnyObject) => evaluator.usage(object, 0));
    const tracked: TrackedKind = {
      evaluator,
      informer,
      usage: (object, nowMs) =>
        evaluator.usedUntilMs?.(object) === undefined ? lasting(object) : evaluator.usage(object, nowMs),
    };
    this.#open.set(name, tracked);
    this.#subscriptions.use(informer.subscribe((changes) => this.#listener(tracked, changes)));
    return tracked;
  }

  [Symbol.dispose](): void {
    this.#subscriptions.dispose();
  }
}
