// Sees to it that every namespace has the service account `default`. Upstream: pkg/controller/serviceaccount.

import { Namespace } from '../../api/core/namespace.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { isStatusError } from '../../api/status-error.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { isNamespaceTerminating } from '../pod-from-template.ts';

const NAME = 'default';

export function serviceAccountController({ client, informers }: ControllerDeps): Controller {
  const namespaces = informers.informer(Namespace);
  const accounts = informers.informer(ServiceAccount);
  return {
    name: 'serviceaccount-controller',
    reads: [namespaces, accounts],
    watch: (enqueue) => [
      namespaces.subscribe((changes) => {
        for (const { type, object } of changes) if (type !== 'deleted') enqueue(object.metadata.name);
      }),
      accounts.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type === 'deleted' && object.metadata.name === NAME) enqueue(object.metadata.namespace);
        }
      }),
    ],
    async reconcile(namespace, { signal }) {
      // None is made again in a namespace that is going.
      if (namespaces.get(namespace)?.status.phase !== 'Active') return;
      if (accounts.get({ namespace, name: NAME })) return;
      try {
        await client.create(ServiceAccount, { metadata: { namespace, name: NAME } }, { signal });
      } catch (error) {
        if (!isStatusError(error, 'AlreadyExists') && !isNamespaceTerminating(error)) throw error;
      }
    },
  };
}
