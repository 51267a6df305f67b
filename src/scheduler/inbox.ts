// Takes in what the informers see, in order and in short stretches: a list of ten thousand pods must not hold up the
// event loop.

import type { Breather } from '../base/breather.ts';
import type { Logger } from '../base/log.ts';

type Task = () => void;

/** Batches up to this size are handled at once. */
const SMALL_BATCH = 100;

export class Inbox {
  readonly #log: Logger;
  readonly #breather: Breather;
  #tasks: Task[] = [];
  #working: Promise<void> | undefined;

  constructor(log: Logger, breather: Breather) {
    this.#log = log;
    this.#breather = breather;
  }

  /** Handles every item, after all that was pushed before. One that cannot be handled does not keep up the others. */
  push<T>(items: readonly T[], handle: (item: T) => void): void {
    const tasks = items.map((item) => () => handle(item));
    if (!this.#working && tasks.length <= SMALL_BATCH) {
      for (const task of tasks) this.#run(task);
      return;
    }
    for (const task of tasks) this.#tasks.push(task);
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
        this.#run(task);
        await this.#breather.breathe();
      }
    }
    this.#working = undefined;
  }

  #run(task: Task): void {
    try {
      task();
    } catch (error) {
      this.#log.error('the scheduler could not take in a change', { error });
    }
  }
}
