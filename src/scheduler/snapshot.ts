// The nodes as one scheduling cycle sees them. The cache (cache.ts) brings it up to date between cycles, touching only
// the nodes that changed; nobody changes it during one.

import { NodeInfo } from './node-info.ts';

export class Snapshot {
  readonly #byName = new Map<string, NodeInfo>();
  #nodes: readonly NodeInfo[] = [];
  #withAffinity: readonly NodeInfo[] = [];
  #withRequiredAntiAffinity: readonly NodeInfo[] = [];

  /** Every node, the zones taking turns. */
  get nodes(): readonly NodeInfo[] {
    return this.#nodes;
  }

  /** Nodes with at least one pod that has pod affinity or anti-affinity of any kind. */
  get nodesWithAffinity(): readonly NodeInfo[] {
    return this.#withAffinity;
  }

  get nodesWithRequiredAntiAffinity(): readonly NodeInfo[] {
    return this.#withRequiredAntiAffinity;
  }

  get(name: string): NodeInfo | undefined {
    return this.#byName.get(name);
  }

  /**
   * Copies what changed, and forgets the nodes that have gone. `order` names all nodes; it is given only when nodes
   * came, went or changed zone.
   */
  update(changed: Iterable<NodeInfo>, gone: Iterable<string>, order: readonly string[] | undefined): void {
    let affinityChanged = order !== undefined;
    for (const name of gone) this.#byName.delete(name);
    for (const node of changed) {
      const known = this.#byName.get(node.name);
      const copy = known ?? new NodeInfo(node.name);
      const before = affinityOf(copy);
      copy.copyFrom(node);
      affinityChanged ||= before !== affinityOf(copy);
      if (!known) this.#byName.set(node.name, copy);
    }
    if (order) this.#nodes = order.map((name) => this.#byName.get(name)).filter((node) => node !== undefined);
    if (affinityChanged) {
      this.#withAffinity = this.#nodes.filter((node) => affinityOf(node) !== 'none');
      this.#withRequiredAntiAffinity = this.#withAffinity.filter((node) => affinityOf(node) === 'required anti');
    }
  }
}

function affinityOf(node: NodeInfo): 'none' | 'some' | 'required anti' {
  if (node.podsWithRequiredAntiAffinity.length > 0) return 'required anti';
  return node.podsWithAffinity.length > 0 ? 'some' : 'none';
}
