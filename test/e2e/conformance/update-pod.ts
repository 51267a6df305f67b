// Replacing a pod that its node writes to as well.

import { Pod } from '../../../src/api/core/pod.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { until } from '../../support/node-pods.ts';
import type { Scene } from './conformance-suite.ts';

/** Changes what is there, again when somebody else was faster. */
export function updatePod({ client, namespace, get }: Scene, name: string, change: (pod: Pod) => Pod): Promise<Pod> {
  return until(`${name} of ${namespace} is updated`, async () => {
    const changed = change(await get(name));
    return client.update(Pod, changed).catch((error) => {
      if (isStatusError(error, 'Conflict')) return undefined;
      throw error;
    });
  });
}
