// The order in which nodes are looked at: one of each zone in turn, so that the nodes that are found first do not all
// come from one zone. Upstream: backend/cache/node_tree.go.

import type { Node } from '../api/core/node.ts';

export class NodeTree {
  readonly #zones = new Map<string, Set<string>>();

  add(node: Node): void {
    const zone = zoneOf(node);
    const names = this.#zones.get(zone) ?? new Set<string>();
    names.add(node.metadata.name);
    this.#zones.set(zone, names);
  }

  remove(node: Node): void {
    const zone = zoneOf(node);
    const names = this.#zones.get(zone);
    names?.delete(node.metadata.name);
    if (names?.size === 0) this.#zones.delete(zone);
  }

  /** All names, the zones taking turns. */
  list(): readonly string[] {
    const zones = [...this.#zones.values()].map((names) => [...names]);
    const longest = Math.max(0, ...zones.map((names) => names.length));
    const list: string[] = [];
    for (let turn = 0; turn < longest; turn++) {
      for (const names of zones) {
        const name = names[turn];
        if (name !== undefined) list.push(name);
      }
    }
    return list;
  }
}

/** Region and zone together; without both labels, the one zone of the nodes without. */
export function zoneOf(node: Node): string {
  const labels = node.metadata.labels ?? {};
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? '';
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? '';
  return `${region}/${zone}`;
}
