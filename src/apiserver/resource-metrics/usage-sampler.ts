// Two samples of what is used on each node that somebody asks about: a rate needs a beginning and an end. Nothing is read
// unless it is asked for, and what nobody has asked about for a while is forgotten.

import type { Node } from '../../api/core/node.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { parseUsage, type UsageSample } from './usage-sample.ts';

/** Reads the text of a node's /metrics/resource. */
export type ReadNodeUsage = (node: Node, signal: AbortSignal) => Promise<string>;

export interface SamplePair {
  readonly earlier: UsageSample;
  readonly later: UsageSample;
}

interface Sampled {
  readonly earlier: UsageSample | undefined;
  readonly later: UsageSample;
  /** When the later one was read, by the clock's elapsed time. */
  readonly readAtMs: number;
}

/** A sample is good for so long; whoever asks again within it gets the same. Upstream's metrics-server: 15 s. */
const RESOLUTION_MS = 10_000;
/** Who asks first waits for a window of this length. */
const FIRST_WINDOW_MS = 1_000;
/** Somebody who asks from time to time should not have to wait. */
const KEEP_MS = 120_000;
const READ_TIMEOUT_MS = 10_000;

/** As many samples as nodes that were asked about lately. */
export class UsageSampler implements Disposable {
  readonly #read: ReadNodeUsage;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** By the node's uid. */
  readonly #sampled = new Map<string, Sampled>();
  readonly #sampling = new Map<string, Promise<SamplePair | undefined>>();
  readonly #forgetting = new Map<string, Disposable>();
  readonly #closed = new AbortController();

  constructor({ read, clock, log }: { readonly read: ReadNodeUsage; readonly clock: Clock; readonly log: Logger }) {
    this.#read = read;
    this.#clock = clock;
    this.#log = log;
  }

  /** Undefined when the node cannot be asked. */
  async samples(node: Node): Promise<SamplePair | undefined> {
    const { uid, name } = node.metadata;
    const running = this.#sampling.get(uid);
    if (running) return running;
    const sampling = this.#sample(node)
      .catch((error) => {
        if (!this.#closed.signal.aborted)
          this.#log.warn('a node does not say what is used on it', { node: name, error });
        return undefined;
      })
      .finally(() => this.#sampling.delete(uid));
    this.#sampling.set(uid, sampling);
    return sampling;
  }

  [Symbol.dispose](): void {
    this.#closed.abort(new Error('the server is closing'));
    for (const timer of this.#forgetting.values()) timer[Symbol.dispose]();
    this.#forgetting.clear();
    this.#sampled.clear();
  }

  async #sample(node: Node): Promise<SamplePair | undefined> {
    const known = this.#sampled.get(node.metadata.uid);
    this.#keep(node.metadata.uid);
    if (known?.earlier && this.#clock.elapsed() - known.readAtMs < RESOLUTION_MS) {
      return { earlier: known.earlier, later: known.later };
    }
    const earlier = known ?? (await this.#readInto(node, undefined));
    const waitMs = earlier.readAtMs + FIRST_WINDOW_MS - this.#clock.elapsed();
    if (waitMs > 0) await sleep(this.#clock, waitMs, this.#closed.signal);
    const { later } = await this.#readInto(node, earlier.later);
    return { earlier: earlier.later, later };
  }

  async #readInto(node: Node, earlier: UsageSample | undefined): Promise<Sampled> {
    const timeout = new AbortController();
    using _ = this.#clock.after(READ_TIMEOUT_MS, () => timeout.abort(new Error('it did not answer in time')));
    const text = await this.#read(node, AbortSignal.any([timeout.signal, this.#closed.signal]));
    this.#closed.signal.throwIfAborted();
    const sampled = { earlier, later: parseUsage(text, this.#clock.now()), readAtMs: this.#clock.elapsed() };
    this.#sampled.set(node.metadata.uid, sampled);
    return sampled;
  }

  #keep(uid: string): void {
    this.#forgetting.get(uid)?.[Symbol.dispose]();
    const forget = () => {
      this.#forgetting.delete(uid);
      this.#sampled.delete(uid);
    };
    this.#forgetting.set(uid, this.#clock.after(KEEP_MS, forget));
  }
}
