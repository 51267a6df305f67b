// Takes in what the informers see, in order and in short stretches: a list of ten thousand pods must not hold up the
// event loop.

import type { Breather } from '../base/next-turn.ts';

type Task = () => void;

/** Batches up to this size are handled at once. */
const SMALL_BATCH = 100;

export class Inbox {
  readonly #breather: Breather;
  #tasks: Task[] = [];
  #working: Promise<void> | undefined;

  constructor(breather: Breather) {
    this.#breather = breather;
  }

  /** Handles every item, after all that was pushed before. `handle` must not throw. */
  push<T>(items: readonly T[], handle: (item: T) => void): void {
    if (!this.#working && items.length <= SMALL_BATCH) {
      for (const item of items) handle(item);
      return;
    }
    for (const item of items) this.#tasks.push(() => handle(item));
    this.#working ??= this.#work();
  }

  /** Resolves when everything that has come so far has been handled. */
  async settled(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    this.#breather.begin();
    while (this.#tasks.length > 0) {
      const tasks = this.#tasks;
      this.#tasks = [];
      for (const task of tasks) {
        task();
        await this.#breather.breathe();
      }
    }
    this.#working = undefined;
  }
}
