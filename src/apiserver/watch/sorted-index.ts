// An ordered map from strings, made for what a cache does with it: many replacements, few insertions, and ranges in
// order. A sorted array keeps that simple; inserting moves pointers, which is some microseconds for 100,000 of them.

interface Keyed {
  readonly key: string;
}

export class SortedIndex<Value extends Keyed> {
  readonly #byKey = new Map<string, Value>();
  /** Every key, in order by code unit: that is byte order for the ASCII that keys are made of. */
  readonly #keys: string[] = [];

  get size(): number {
    return this.#keys.length;
  }

  get(key: string): Value | undefined {
    return this.#byKey.get(key);
  }

  set(value: Value): void {
    const { key } = value;
    if (!this.#byKey.has(key)) {
      const last = this.#keys[this.#keys.length - 1];
      if (last === undefined || last < key) this.#keys.push(key);
      else this.#keys.splice(this.#position(key), 0, key);
    }
    this.#byKey.set(key, value);
  }

  delete(key: string): void {
    if (this.#byKey.delete(key)) this.#keys.splice(this.#position(key), 1);
  }

  clear(): void {
    this.#byKey.clear();
    this.#keys.length = 0;
  }

  values(): IterableIterator<Value> {
    return this.#byKey.values();
  }

  /** What stands there now under keys in [start, end), in order; a copy that later changes do not touch. */
  range(start: string, end: string | undefined): Value[] {
    const from = this.#position(start);
    const to = end === undefined ? this.#keys.length : this.#position(end);
    const values = new Array<Value>(Math.max(0, to - from));
    for (let i = 0; i < values.length; i++) values[i] = this.#byKey.get(this.#keys[from + i] as string) as Value;
    return values;
  }

  /** The index of the first key that is not below `key`. */
  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
