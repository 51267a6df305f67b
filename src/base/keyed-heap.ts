// A binary heap whose entries are also found by key, so that one can be changed or taken out from the middle.

export class KeyedHeap<T> {
  readonly #keyOf: (item: T) => string;
  readonly #compare: (a: T, b: T) => number;
  readonly #items: T[] = [];
  readonly #indexes = new Map<string, number>();

  /** `compare` below zero: the first comes out earlier. */
  constructor(keyOf: (item: T) => string, compare: (a: T, b: T) => number) {
    this.#keyOf = keyOf;
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  get(key: string): T | undefined {
    const index = this.#indexes.get(key);
    return index === undefined ? undefined : this.#items[index];
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** Adds the item, in place of one with the same key. */
  set(item: T): void {
    const index = this.#indexes.get(this.#keyOf(item)) ?? this.#items.length;
    this.#put(item, index);
    this.#restore(index);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.delete(this.#keyOf(first));
    return first;
  }

  delete(key: string): T | undefined {
    const index = this.#indexes.get(key);
    if (index === undefined) return undefined;
    const item = this.#items[index];
    const last = this.#items.pop();
    this.#indexes.delete(key);
    if (last !== undefined && index < this.#items.length) {
      this.#put(last, index);
      this.#restore(index);
    }
    return item;
  }

  /** In no particular order. */
  values(): readonly T[] {
    return this.#items;
  }

  #put(item: T, index: number): void {
    this.#items[index] = item;
    this.#indexes.set(this.#keyOf(item), index);
  }

  /** Moves the item at the index up or down to where it belongs. */
  #restore(index: number): void {
    const item = this.#items[index] as T;
    let at = index;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#items[parent] as T;
      if (this.#compare(item, above) >= 0) break;
      this.#put(above, at);
      at = parent;
    }
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#items.length) break;
      const right = left + 1;
      const rightIsFirst =
        right < this.#items.length && this.#compare(this.#items[right] as T, this.#items[left] as T) < 0;
      const child = rightIsFirst ? right : left;
      const below = this.#items[child] as T;
      if (this.#compare(item, below) <= 0) break;
      this.#put(below, at);
      at = child;
    }
    this.#put(item, at);
  }
}
