// Tells node agents, in an annotation, for how long they may take Secrets and ConfigMaps from memory: the more nodes there
// are, the longer. Upstream: pkg/controller/ttl.

import { Node } from '../../api/core/node.ts';
import { isStatusError } from '../../api/status-error.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { ttlStep, ttlStepSeconds } from './ttl-steps.ts';

const ANNOTATION = 'node.alpha.kubernetes.io/ttl';

export function ttlController({ client, informers }: ControllerDeps): Controller {
  const nodes = informers.informer(Node);
  let step = 0;
  return {
    name: 'ttl-controller',
    reads: [nodes],
    watch: (enqueue) => [
      nodes.subscribe((changes) => {
        const all = nodes.list();
        const before = step;
        step = ttlStep(before, all.length);
        for (const { metadata } of step === before ? changes.map(({ object }) => object) : all) enqueue(metadata.name);
      }),
    ],
    async reconcile(name, { signal }) {
      const node = nodes.get(name);
      const ttl = String(ttlStepSeconds(step));
      if (!node || node.metadata.annotations?.[ANNOTATION] === ttl) return;
      const body = { metadata: { uid: node.metadata.uid, annotations: { [ANNOTATION]: ttl } } };
      try {
        await client.patch(Node, { name }, { type: 'strategic', body }, { signal });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
    },
  };
}
