// Once a day, marks and later deletes tokens of service accounts in Secrets that have not been used for a year. Upstream:
// pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go.

import { ConfigMap } from '../../api/core/config-map.ts';
import { Pod } from '../../api/core/pod.ts';
import { podReferences } from '../../api/core/pod-references.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import {
  accountOf,
  dayOf,
  INVALID_SINCE_LABEL,
  TOKEN_SECRET_TYPE,
  TOKEN_TRACKING,
} from '../../api/core/token-secret.ts';
import { isStatusError } from '../../api/status-error.ts';
import { type Client, refOf } from '../../client/client.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { isTrackedLongEnough, planTokenCleanup, type TokenCleanup } from './plan-token-cleanup.ts';

const PERIOD_MS = 86_400_000;
/** Days go by without an event, so there is one key that comes again. */
const ALL = 'all';

export function legacyTokenCleaner({ client, clock, informers }: ControllerDeps): Controller {
  const accounts = informers.informer(ServiceAccount);
  const secrets = informers.informer(Secret);
  const pods = informers.informer(Pod);
  return {
    name: 'legacy-serviceaccount-token-cleaner-controller',
    reads: [accounts, secrets, pods],
    watch(enqueue) {
      enqueue(ALL);
      return [];
    },
    async reconcile(_, { signal }) {
      const nowMs = clock.now();
      const again = { requeueAfterMs: PERIOD_MS };
      if (!isTrackedLongEnough(await trackedSince(client, signal), nowMs)) return again;
      for (const secret of secrets.list()) {
        if (secret.type !== TOKEN_SECRET_TYPE) continue;
        const { namespace, name } = secret.metadata;
        const account = accounts.get({ namespace, name: accountOf(secret).name });
        const isMounted = pods.list(namespace).some((pod) => podReferences(pod).secrets.has(name));
        await carryOut(client, secret, planTokenCleanup(secret, { account, isMounted, nowMs }), nowMs, signal);
      }
      return again;
    },
  };
}

async function trackedSince(client: Client, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await client.get(ConfigMap, TOKEN_TRACKING, { signal })).data?.['since'];
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function carryOut(client: Client, secret: Secret, plan: TokenCleanup, nowMs: number, signal: AbortSignal) {
  const { uid, resourceVersion } = secret.metadata;
  try {
    switch (plan) {
      case 'keep':
        return;
      case 'mark': {
        const body = { metadata: { uid, labels: { [INVALID_SINCE_LABEL]: dayOf(nowMs) } } };
        await client.patch(Secret, refOf(secret), { type: 'merge', body }, { signal });
        return;
      }
      case 'delete':
        await client.delete(Secret, refOf(secret), { preconditions: { resourceVersion }, signal });
        return;
      default:
        return plan satisfies never;
    }
  } catch (error) {
    if (!isStatusError(error, 'NotFound', 'Conflict')) throw error;
  }
}
