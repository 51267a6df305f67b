// Deletes bootstrap tokens whose time is over. Upstream: pkg/controller/bootstrap/tokencleaner.go.

import { isBootstrapToken, tokenEndsAtMs } from '../../api/core/bootstrap-token.ts';
import { Secret } from '../../api/core/secret.ts';
import { isStatusError } from '../../api/status-error.ts';
import { refOf } from '../../client/client.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';

export function bootstrapTokenCleaner({ client, clock, informers }: ControllerDeps): Controller {
  const secrets = informers.informer(Secret);
  return {
    name: 'token-cleaner-controller',
    concurrency: 1,
    reads: [secrets],
    watch: (enqueue) => [
      secrets.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type !== 'deleted' && isBootstrapToken(object)) enqueue(keyOf(object.metadata));
        }
      }),
    ],
    async reconcile(key, { signal }) {
      const secret = secrets.get(key);
      if (!secret || !isBootstrapToken(secret)) return undefined;
      const leftMs = tokenEndsAtMs(secret) - clock.now();
      if (leftMs === Number.POSITIVE_INFINITY) return undefined;
      if (leftMs > 0) return { requeueAfterMs: leftMs };
      try {
        await client.delete(Secret, refOf(secret), { preconditions: { uid: secret.metadata.uid }, signal });
      } catch (error) {
        if (!isStatusError(error, 'NotFound', 'Conflict')) throw error;
      }
      return undefined;
    },
  };
}
