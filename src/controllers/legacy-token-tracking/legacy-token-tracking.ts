// Keeps the ConfigMap that says since when the API server has noted the use of tokens in Secrets. Upstream:
// pkg/controlplane/controller/legacytokentracking; like there, it runs with the API server's own identity.

import { ConfigMap } from '../../api/core/config-map.ts';
import { dayOf, dayToMs, TOKEN_TRACKING } from '../../api/core/token-secret.ts';
import { isStatusError } from '../../api/status-error.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';

export function legacyTokenTracking({ client, clock, informers }: ControllerDeps): Controller {
  const { namespace, name } = TOKEN_TRACKING;
  const configMaps = informers.informer(ConfigMap, { namespace, fieldSelector: `metadata.name=${name}` });
  return {
    name: 'legacy-token-tracking-controller',
    reads: [configMaps],
    watch(enqueue) {
      enqueue(name);
      return [configMaps.subscribe(() => enqueue(name))];
    },
    async reconcile(_, { signal }) {
      const current = configMaps.get(TOKEN_TRACKING);
      if (dayToMs(current?.data?.['since']) !== undefined) return;
      const data = { since: dayOf(clock.now()) };
      try {
        if (current) await client.update(ConfigMap, { ...current, data }, { signal });
        else await client.create(ConfigMap, { metadata: { ...TOKEN_TRACKING }, data }, { signal });
      } catch (error) {
        if (!isStatusError(error, 'AlreadyExists')) throw error;
      }
    },
  };
}
