// DefaultBinder: binds by the API's binding subresource, which fails if the pod is bound or has gone meanwhile.

import { Pod } from '../../api/core/pod.ts';
import { refOf } from '../../client/client.ts';
import type { Handle, Plugin } from '../framework.ts';

export function defaultBinder({ client }: Handle): Plugin {
  return {
    name: 'DefaultBinder',
    async bind(_state, { pod, uid }, nodeName, signal) {
      const { name, namespace } = pod.metadata;
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        // The uid makes sure that it is this pod, and not another that has taken its name.
        metadata: { name, namespace, uid },
        target: { kind: 'Node', name: nodeName },
      };
      await client.act(Pod, refOf(pod), 'binding', binding, { signal });
      return undefined;
    },
  };
}
