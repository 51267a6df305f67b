// Sees to it that the namespaces that every cluster has stay there. Upstream: pkg/controlplane/controller/systemnamespaces
// and kubernetesservice; like there, it runs with the API server's own identity.

import { Namespace } from '../../api/core/namespace.ts';
import { isStatusError } from '../../api/status-error.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';

export const SYSTEM_NAMESPACES: readonly string[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export function systemNamespaces({ client, informers }: Pick<ControllerDeps, 'client' | 'informers'>): Controller {
  const namespaces = informers.informer(Namespace);
  return {
    name: 'system-namespaces',
    reads: [namespaces],
    watch(enqueue) {
      for (const name of SYSTEM_NAMESPACES) enqueue(name);
      return [
        namespaces.subscribe((changes) => {
          for (const { type, object } of changes) {
            if (type === 'deleted' && SYSTEM_NAMESPACES.includes(object.metadata.name)) enqueue(object.metadata.name);
          }
        }),
      ];
    },
    async reconcile(name, { signal }) {
      if (namespaces.get(name)) return;
      try {
        await client.create(Namespace, { metadata: { name } }, { signal });
      } catch (error) {
        if (!isStatusError(error, 'AlreadyExists')) throw error;
      }
    },
  };
}
