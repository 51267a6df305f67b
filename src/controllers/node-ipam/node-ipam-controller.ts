// Gives every node its share of the pod addresses. Upstream: pkg/controller/nodeipam, the range allocator.

import { Node } from '../../api/core/node.ts';
import { refOf } from '../../client/client.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { CidrPool } from './cidr-pool.ts';

const DEFAULT_CLUSTER_CIDR = '10.244.0.0/16';
const DEFAULT_MASK_SIZE = 24;

export function nodeIpamController({ client, informers, events, config, log }: ControllerDeps): Controller {
  const nodes = informers.informer(Node);
  const pool = new CidrPool(config.clusterCidr ?? DEFAULT_CLUSTER_CIDR, config.nodeCidrMaskSize ?? DEFAULT_MASK_SIZE);
  return {
    name: 'node-ipam-controller',
    // One after the other: a block is taken here before it is written, so that none is given twice.
    concurrency: 1,
    reads: [nodes],
    watch: (enqueue) => [
      // The first batch holds all nodes there are, so every block in use is known before any is given away.
      nodes.subscribe((changes) => {
        for (const { type, object } of changes) {
          const { name } = object.metadata;
          if (type === 'deleted') pool.release(name);
          else
            for (const cidr of cidrsOf(object)) {
              if (!pool.occupy(cidr, name)) log.error('two nodes have the same pod addresses', { node: name, cidr });
            }
        }
        for (const { type, object } of changes) {
          if (type !== 'deleted' && cidrsOf(object).length === 0) enqueue(object.metadata.name);
        }
      }),
    ],
    async reconcile(name, { signal }) {
      const node = nodes.get(name);
      if (!node || cidrsOf(node).length > 0) return;
      const cidr = pool.allocate(name);
      if (cidr === undefined) {
        events.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
        throw new Error(`no pod addresses are left for node ${name}`);
      }
      const body = { metadata: { uid: node.metadata.uid }, spec: { podCIDR: cidr, podCIDRs: [cidr] } };
      await client.patch(Node, refOf(node), { type: 'strategic', body }, { signal });
    },
  };
}

function cidrsOf({ spec }: Node): readonly string[] {
  return spec.podCIDRs ?? (spec.podCIDR ? [spec.podCIDR] : []);
}
