// An ordered map from key to item that can be kept as it stands at any moment: a B+ tree whose nodes are shared between
// a snapshot and what is written afterwards. It knows nothing of revisions; that is history.ts.

import type { KeyRange } from './store.ts';

export interface Keyed {
  readonly key: string;
}

/** A node keeps between 1 and this many items or children; nodes are dropped when empty and not merged before. */
const NODE_LIMIT = 32;

/** Only the tree that holds the owner token may change the node in place; everybody else copies it first. */
interface Leaf<T> {
  readonly owner: object;
  readonly items: T[];
  readonly children: undefined;
  size: number;
}

interface Branch<T> {
  readonly owner: object;
  readonly children: Node<T>[];
  /** Every key below child `i` is at or above `bounds[i]`, except that child 0 also takes what is lower. */
  readonly bounds: string[];
  size: number;
}

type Node<T> = Leaf<T> | Branch<T>;

export class SortedItems<T extends Keyed> {
  #root: Node<T>;
  #owner: object = {};

  constructor() {
    this.#root = leaf(this.#owner, []);
  }

  get size(): number {
    return this.#root.size;
  }

  get(key: string): T | undefined {
    let node = this.#root;
    while (node.children) node = node.children[childIndex(node, key)]!;
    const item = node.items[firstAtOrAfter(node.items, key)];
    return item?.key === key ? item : undefined;
  }

  set(item: T): void {
    const nodes = insert(this.#root, this.#owner, item);
    this.#root =
      nodes.length === 1 ? nodes[0]! : branch(this.#owner, nodes, [lowestKey(nodes[0]!), lowestKey(nodes[1]!)]);
  }

  delete(key: string): void {
    if (!this.get(key)) return;
    this.#root = remove(this.#root, this.#owner, key) ?? leaf(this.#owner, []);
    while (this.#root.children?.length === 1) this.#root = this.#root.children[0]!;
  }

  /** This map as it stands now: neither sees what is written to the other. Costs nothing until then. */
  snapshot(): SortedItems<T> {
    const copy = new SortedItems<T>();
    copy.#root = this.#root;
    this.#owner = {};
    return copy;
  }

  /** The first items of the range in order, and how many more it has: O(log n + items). */
  range({ start, end }: KeyRange, limit = Number.POSITIVE_INFINITY): { items: T[]; remaining: number } {
    const total = Math.max(0, (end === undefined ? this.size : rank(this.#root, end)) - rank(this.#root, start));
    const items: T[] = [];
    collect(this.#root, start, Math.min(total, limit), items);
    return { items, remaining: total - items.length };
  }
}

function leaf<T>(owner: object, items: T[]): Leaf<T> {
  return { owner, items, children: undefined, size: items.length };
}

function branch<T>(owner: object, children: Node<T>[], bounds: string[]): Branch<T> {
  let size = 0;
  for (const child of children) size += child.size;
  return { owner, children, bounds, size };
}

/** Puts the item below the node and returns what takes the node's place: one node, or two when it had to be split. */
function insert<T extends Keyed>(node: Node<T>, owner: object, item: T): Node<T>[] {
  if (!node.children) {
    const own = node.owner === owner ? node : leaf(owner, node.items.slice());
    const index = firstAtOrAfter(own.items, item.key);
    if (own.items[index]?.key === item.key) own.items[index] = item;
    else own.items.splice(index, 0, item);
    own.size = own.items.length;
    if (own.size <= NODE_LIMIT) return [own];
    const upper = own.items.splice(own.size >> 1);
    own.size = own.items.length;
    return [own, leaf(owner, upper)];
  }
  const own = node.owner === owner ? node : branch(owner, node.children.slice(), node.bounds.slice());
  const index = childIndex(own, item.key);
  const before = own.children[index]!.size;
  const nodes = insert(own.children[index]!, owner, item);
  own.children[index] = nodes[0]!;
  own.size += nodes[0]!.size - before;
  const split = nodes[1];
  if (!split) return [own];
  own.children.splice(index + 1, 0, split);
  own.bounds.splice(index + 1, 0, lowestKey(split));
  own.size += split.size;
  if (own.children.length <= NODE_LIMIT) return [own];
  const middle = own.children.length >> 1;
  const upper = branch(owner, own.children.splice(middle), own.bounds.splice(middle));
  own.size -= upper.size;
  return [own, upper];
}

/** Takes the item of a key that is there from below the node; returns the node in its place, or nothing if empty. */
function remove<T extends Keyed>(node: Node<T>, owner: object, key: string): Node<T> | undefined {
  if (node.size === 1) return undefined;
  if (!node.children) {
    const own = node.owner === owner ? node : leaf(owner, node.items.slice());
    own.items.splice(firstAtOrAfter(own.items, key), 1);
    own.size = own.items.length;
    return own;
  }
  const own = node.owner === owner ? node : branch(owner, node.children.slice(), node.bounds.slice());
  const index = childIndex(own, key);
  const child = remove(own.children[index]!, owner, key);
  if (child) own.children[index] = child;
  else {
    own.children.splice(index, 1);
    own.bounds.splice(index, 1);
  }
  own.size--;
  return own;
}

/** How many items have a key below the given one. */
function rank<T extends Keyed>(root: Node<T>, key: string): number {
  let node = root;
  let count = 0;
  while (node.children) {
    const index = childIndex(node, key);
    for (let i = 0; i < index; i++) count += node.children[i]!.size;
    node = node.children[index]!;
  }
  return count + firstAtOrAfter(node.items, key);
}

/** Adds items with keys at or after `start` until the list has `wanted` of them. */
function collect<T extends Keyed>(node: Node<T>, start: string, wanted: number, items: T[]): void {
  if (!node.children) {
    for (let i = firstAtOrAfter(node.items, start); i < node.items.length && items.length < wanted; i++) {
      items.push(node.items[i]!);
    }
    return;
  }
  for (let i = childIndex(node, start); i < node.children.length && items.length < wanted; i++) {
    collect(node.children[i]!, start, wanted, items);
  }
}

function lowestKey<T extends Keyed>(node: Node<T>): string {
  return node.children ? node.bounds[0]! : node.items[0]!.key;
}

/** The last child whose bound is at or below the key, or the first child. */
function childIndex<T>({ bounds }: Branch<T>, key: string): number {
  let low = 1;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function firstAtOrAfter<T extends Keyed>(items: readonly T[], key: string): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle]!.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
