// How many requests are being worked on, and how many wait to be: those that only read apart from those that change things.

import type { RequestInfo } from '../request-info.ts';

const READ_VERBS: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'head', 'options']);

export interface RequestCounts {
  readonly readOnly: number;
  readonly mutating: number;
}

export class InFlight {
  readonly #executing = { readOnly: 0, mutating: 0 };
  readonly #waiting = { readOnly: 0, mutating: 0 };

  /** Of watches those that have not begun yet. */
  get executing(): RequestCounts {
    return this.#executing;
  }

  get waiting(): RequestCounts {
    return this.#waiting;
  }

  execute(info: RequestInfo, change: 1 | -1): void {
    this.#executing[READ_VERBS.has(info.verb) ? 'readOnly' : 'mutating'] += change;
  }

  wait(info: RequestInfo, change: 1 | -1): void {
    this.#waiting[READ_VERBS.has(info.verb) ? 'readOnly' : 'mutating'] += change;
  }
}
