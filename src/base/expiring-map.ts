// A bounded memory of answers that are good for a while.

interface Entry<V> {
  readonly value: V;
  readonly untilMs: number;
}

export class ExpiringMap<V> {
  readonly #clock: { elapsed(): number };
  readonly #limit: number;
  readonly #entries = new Map<string, Entry<V>>();

  /** With more than `limit` entries the oldest are forgotten. */
  constructor(clock: { elapsed(): number }, options: { readonly limit: number }) {
    this.#clock = clock;
    this.#limit = options.limit;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (this.#clock.elapsed() < entry.untilMs) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: V, forMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs: this.#clock.elapsed() + forMs });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limit) break;
      this.#entries.delete(oldest);
    }
  }
}
