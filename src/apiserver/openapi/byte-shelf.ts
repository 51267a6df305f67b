// Bytes that take long to make and are rarely asked for: the last ones are kept, up to a limit, and the others made again.

export type Make = () => Promise<Uint8Array>;

export class ByteShelf {
  readonly #limitBytes: number;
  /** Those asked for last at the end. */
  readonly #kept = new Map<Make, Uint8Array>();
  readonly #underWay = new Map<Make, Promise<Uint8Array>>();
  #keptBytes = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ limitBytes }: { readonly limitBytes: number }) {
    this.#limitBytes = limitBytes;
  }

  /** What `make` makes, or has made. One thing is made at a time, for the memory that it takes. */
  async get(make: Make): Promise<Uint8Array> {
    const kept = this.#kept.get(make);
    if (kept) {
      this.#kept.delete(make);
      this.#kept.set(make, kept);
      return kept;
    }
    const known = this.#underWay.get(make);
    if (known) return known;
    const made = this.#last.then(make);
    this.#underWay.set(make, made);
    this.#last = made.catch(() => {}); // Whoever asked for it is told.
    try {
      const bytes = await made;
      this.#keep(make, bytes);
      return bytes;
    } finally {
      this.#underWay.delete(make);
    }
  }

  #keep(make: Make, bytes: Uint8Array): void {
    this.#kept.set(make, bytes);
    this.#keptBytes += bytes.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#keptBytes <= this.#limitBytes) return;
      this.#kept.delete(oldest);
      this.#keptBytes -= length;
    }
  }
}
