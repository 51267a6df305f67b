// What a controller has written that its informers do not show yet. A controller that decides on stale reads would, say,
// create the same pods again; so it looks again only when it sees what it did. Upstream counts expected events instead
// (ControllerExpectations) and gives up after five minutes; here it is read off the informers: every write has a version,
// versions are ordered, and an informer knows up to which one it has seen everything. Nothing can be miscounted.

import type { AnyObject } from '../api/kind.ts';
import type { Clock } from '../base/clock.ts';
import { refOf } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import type { ObjectKey } from '../client/object-key.ts';

/** A look at a key that is not settled comes by the event of its write; this is for writes that no event follows. */
export const UNSETTLED = { requeueAfterMs: 10_000 } as const;

/** A write that does not show after this long never will: the store was set back. */
const EXPIRES_AFTER_MS = 5 * 60_000;

interface Pending {
  readonly writtenAtMs: number;
  isSeen(): boolean;
}

/** Remembers as many writes as are not seen yet; those of a key are checked and forgotten by `settled`. */
export class PendingWrites {
  readonly #clock: Clock;
  readonly #byKey = new Map<ObjectKey, Pending[]>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** An object was created or changed on behalf of the key, and is now as given. */
  wrote(key: ObjectKey, informer: Pick<Informer<unknown>, 'hasSeen'>, object: Pick<AnyObject, 'metadata'>): void {
    const { resourceVersion } = object.metadata;
    this.#add(key, () => informer.hasSeen(resourceVersion));
  }

  /** The object was deleted on behalf of the key. */
  deleted<O extends AnyObject>(key: ObjectKey, informer: Pick<Informer<O>, 'get'>, object: O): void {
    const { uid } = object.metadata;
    this.#add(key, () => {
      const cached = informer.get(refOf(object));
      return cached?.metadata.uid !== uid || cached.metadata.deletionTimestamp !== undefined;
    });
  }

  /** Whether the informers show everything that was written on behalf of the key. */
  settled(key: ObjectKey): boolean {
    const pending = this.#byKey.get(key);
    if (!pending) return true;
    const expiredMs = this.#clock.elapsed() - EXPIRES_AFTER_MS;
    const rest = pending.filter((write) => write.writtenAtMs > expiredMs && !write.isSeen());
    if (rest.length > 0) this.#byKey.set(key, rest);
    else this.#byKey.delete(key);
    return rest.length === 0;
  }

  /** The object of the key has gone. */
  forget(key: ObjectKey): void {
    this.#byKey.delete(key);
  }

  #add(key: ObjectKey, isSeen: () => boolean): void {
    const pending = { writtenAtMs: this.#clock.elapsed(), isSeen };
    const list = this.#byKey.get(key);
    if (list) list.push(pending);
    else this.#byKey.set(key, [pending]);
  }
}
