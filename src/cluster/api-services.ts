// The APIService of the metrics API, which tools look at to see whether there are metrics. In other clusters whoever
// installs metrics-server makes it, and it names that server; here the API server itself has them.

import { APIService } from '../api/apiregistration/api-service.ts';
import { isStatusError } from '../api/status-error.ts';
import { formatTime } from '../api/time.ts';
import type { Clock } from '../base/clock.ts';
import type { Client } from '../client/client.ts';

/** Makes it unless there is one: one that names another server is somebody's own. */
export async function ensureMetricsApiService(
  { client, clock }: { readonly client: Client; readonly clock: Clock },
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const [group, version] = ['metrics.k8s.io', 'v1beta1'];
  const spec = { group, version, groupPriorityMinimum: 100, versionPriority: 100 };
  try {
    const made = await client.create(APIService, { metadata: { name: `${version}.${group}` }, spec }, { signal });
    const available = {
      type: 'Available',
      status: 'True',
      lastTransitionTime: formatTime(clock.now()),
      reason: 'Local',
      message: 'Local APIServices are always available',
    };
    await client.updateStatus(APIService, { ...made, status: { conditions: [available] } }, { signal });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}
