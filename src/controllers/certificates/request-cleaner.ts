// Deletes certificate signing requests that are of no use any more. Upstream: pkg/controller/certificates/cleaner, at the
// moment instead of once an hour.

import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { isStatusError } from '../../api/status-error.ts';
import { refOf } from '../../client/client.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { requestEndsAtMs } from './request-progress.ts';

export function certificateRequestCleaner({ client, clock, informers }: ControllerDeps): Controller {
  const requests = informers.informer(CertificateSigningRequest);
  return {
    name: 'certificatesigningrequest-cleaner-controller',
    concurrency: 1,
    reads: [requests],
    watch: (enqueue) => [
      requests.subscribe((changes) => {
        for (const { type, object } of changes) if (type !== 'deleted') enqueue(object.metadata.name);
      }),
    ],
    async reconcile(name, { signal }) {
      const request = requests.get(name);
      if (!request) return undefined;
      const leftMs = requestEndsAtMs(request) - clock.now();
      if (leftMs === Number.POSITIVE_INFINITY) return undefined;
      if (leftMs > 0) return { requeueAfterMs: leftMs };
      try {
        const { uid } = request.metadata;
        await client.delete(CertificateSigningRequest, refOf(request), { preconditions: { uid }, signal });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
      return undefined;
    },
  };
}
