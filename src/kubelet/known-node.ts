// The agent's own node as it is known: as the agent has registered and reported it, or as a watch shows what others have
// written of it since. What has to be told of it at once wakes the report.

import { Node } from '../api/core/node.ts';
import { createInformer, type InformerDeps } from '../client/informer.ts';
import type { NodeReportOptions } from './node-status.ts';

export interface KnownNode extends AsyncDisposable {
  /** The newest; undefined until the node is registered. */
  current(): Node | undefined;
  /** Resolves once the node is registered. */
  readonly registered: Promise<void>;
  /** The node's status is looked at again at once. */
  wake(): void;
  /** What the report of the node's status has to know. */
  readonly reporting: Pick<NodeReportOptions, 'registered' | 'latest' | 'changed'>;
}

export function knownNode(deps: InformerDeps, nodeName: string): KnownNode {
  const informer = createInformer(deps, Node, { fieldSelector: `metadata.name=${nodeName}` });
  const { promise, resolve } = Promise.withResolvers<void>();
  const wakers = new Set<() => void>();
  const wake = () => {
    for (const each of wakers) each();
  };
  const subscription = informer.subscribe(wake);
  const latest = () => informer.get({ name: nodeName });
  let reported: Node | undefined;
  return {
    current: () => latest() ?? reported,
    registered: promise,
    wake,
    reporting: {
      registered(node) {
        reported = node;
        resolve();
      },
      latest,
      changed(waker) {
        wakers.add(waker);
        return { [Symbol.dispose]: () => wakers.delete(waker) };
      },
    },
    async [Symbol.asyncDispose]() {
      subscription[Symbol.dispose]();
      await informer[Symbol.asyncDispose]();
    },
  };
}
