// What admission has charged lately, as the quotas tell. The objects that it was for may not be written, or not be seen
// here yet: who counts without them, and says so, lets others have what is theirs. So a count takes nothing off a
// quota that was charged within the last moment.

import { quantitySign } from '../../api/quantity.ts';
import { addResources, pickResources, type ResourceList, remainingResources } from '../../api/resource-list.ts';
import type { Clock } from '../../base/clock.ts';
import type { ObjectKey } from '../../client/object-key.ts';

/** After that long what was charged is there to see, or never will be. */
export const SETTLED_AFTER_MS = 1_000;

interface Charge {
  readonly atMs: number;
  readonly amount: ResourceList;
}

/** Remembers as many charges as came within the last moment. */
export class ChargesUnderWay {
  readonly #clock: Clock;
  readonly #byKey = new Map<ObjectKey, readonly Charge[]>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** The quota says something else than before. */
  note(key: ObjectKey, used: ResourceList = {}, before: ResourceList = {}): void {
    const amount = pickResources(remainingResources(used, before), (_, quantity) => quantitySign(quantity) > 0);
    if (Object.keys(amount).length === 0) return;
    this.#byKey.set(key, [...this.#recent(key), { atMs: this.#clock.elapsed(), amount }]);
  }

  amountOf(key: ObjectKey): ResourceList {
    return this.#recent(key).reduce<ResourceList>((sum, { amount }) => addResources(sum, amount), {});
  }

  /** How long it takes until all of them have settled. */
  settleInMs(key: ObjectKey): number | undefined {
    const last = this.#recent(key).at(-1);
    return last && last.atMs + SETTLED_AFTER_MS - this.#clock.elapsed();
  }

  forget(key: ObjectKey): void {
    this.#byKey.delete(key);
  }

  #recent(key: ObjectKey): readonly Charge[] {
    const charges = this.#byKey.get(key) ?? [];
    const sinceMs = this.#clock.elapsed() - SETTLED_AFTER_MS;
    const recent = charges.filter(({ atMs }) => atMs > sinceMs);
    if (recent.length === 0) this.#byKey.delete(key);
    return recent;
  }
}
