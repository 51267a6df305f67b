// Numbers that belong to topologies: to the nodes that have the same value of a label.

import type { Node } from '../api/core/node.ts';

/** Numbers by topology: label key, then value. Entries of zero are dropped. */
export class TopologyCounts {
  readonly #counts: Map<string, Map<string, number>>;

  constructor(from?: TopologyCounts) {
    this.#counts = new Map(from ? [...from.#counts].map(([key, values]) => [key, new Map(values)]) : []);
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  get(key: string, value: string): number {
    return this.#counts.get(key)?.get(value) ?? 0;
  }

  /** To the topology that the node is in; none if it has no such label. */
  add(key: string, node: Node, amount: number): void {
    const value = node.metadata.labels?.[key];
    if (value === undefined) return;
    const values = this.#counts.get(key) ?? new Map<string, number>();
    const sum = (values.get(value) ?? 0) + amount;
    if (sum === 0) values.delete(value);
    else values.set(value, sum);
    if (values.size === 0) this.#counts.delete(key);
    else this.#counts.set(key, values);
  }

  /** The sum over the topologies that the node is in. */
  sumFor(node: Node): number {
    let sum = 0;
    for (const [key, values] of this.#counts) sum += values.get(node.metadata.labels?.[key] ?? '') ?? 0;
    return sum;
  }

  /** Whether the node is in any of the topologies. */
  touches(node: Node): boolean {
    for (const [key, values] of this.#counts) {
      const value = node.metadata.labels?.[key];
      if (value !== undefined && values.has(value)) return true;
    }
    return false;
  }
}
