// The main thread's end of the database worker: starts it, sends requests, gives answers in order, and knows when it has
// died. What the requests mean is sqlite-store.ts.

import { Worker } from 'node:worker_threads';
import { StoreUnavailableError } from '../store.ts';
import type { Answer, Found, FromWorker, Request, RowsNotice, WorkerOptions } from './protocol.ts';

export interface LinkListener {
  /** What the file holds, part by part, before `opened` resolves. */
  loaded(part: RowsNotice): void;
  checkpoint(failure: string | undefined): void;
  /** The worker is gone without having been asked to; every request under way has failed and every later one will. */
  died(error: StoreUnavailableError): void;
}

/** Called in the order of the requests, with what was found or why the request failed. */
export type Reply = (answer: readonly (Found | undefined)[] | StoreUnavailableError) => void;

export class WorkerLink {
  readonly #worker: Worker;
  readonly #listener: LinkListener;
  readonly #replies: Reply[] = [];
  readonly #opened = Promise.withResolvers<number>();
  readonly #exited: Promise<void>;
  #dead: StoreUnavailableError | undefined;

  /** Starts the worker; `opened` tells whether it could open its file. */
  constructor(options: WorkerOptions, listener: LinkListener) {
    this.#listener = listener;
    this.#worker = new Worker(new URL('./database-worker.ts', import.meta.url), {
      workerData: options,
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) =>
      this.#die(new StoreUnavailableError(`the store's worker failed`, { cause: error })),
    );
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#die(new StoreUnavailableError(`the store's worker has ended`));
        resolve();
      });
    });
  }

  /** The newest revision, when everything has been loaded. Rejects with `StoreUnavailableError`. */
  get opened(): Promise<number> {
    return this.#opened.promise;
  }

  send(request: Request, reply: Reply, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#dead) {
      reply(this.#dead);
      return;
    }
    this.#replies.push(reply);
    this.#worker.postMessage(request, [...transfer]);
  }

  /** Has the worker answer what it was sent, close the file and end. */
  async close(): Promise<void> {
    let failure: StoreUnavailableError | undefined;
    this.send({ type: 'close' }, (answer) => {
      if (answer instanceof StoreUnavailableError && answer !== this.#dead) failure = answer;
      this.#dead ??= new StoreUnavailableError('the store has been closed');
    });
    await this.#exited;
    if (failure) throw failure;
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'rows':
        this.#listener.loaded(message);
        break;
      case 'opened':
        this.#opened.resolve(message.revision);
        break;
      case 'unusable':
        this.#die(new StoreUnavailableError(message.message));
        break;
      case 'checkpoint':
        this.#listener.checkpoint(message.message);
        break;
      case 'done':
      case 'failed':
        this.#answer(message);
        break;
      default:
        message satisfies never;
    }
  }

  #answer(answer: Answer): void {
    const reply = this.#replies.shift();
    reply?.(answer.type === 'done' ? answer.found : new StoreUnavailableError(answer.message));
  }

  #die(error: StoreUnavailableError): void {
    if (this.#dead) return;
    this.#dead = error;
    this.#opened.reject(error);
    for (const reply of this.#replies.splice(0)) reply(error);
    this.#listener.died(error);
  }
}
