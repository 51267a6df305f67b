// How new an answer has to be. Upstream: k8s.io/apiserver/pkg/storage/cacher, waitUntilFresh.

import { StatusError } from '../../api/status-error.ts';
import type { Registry } from '../registry/registry.ts';

const TOO_LARGE_TIMEOUT_MS = 3000;

/**
 * Waits until the caches have the revision: undefined for the newest that any client has been told of, 0 for whatever
 * is here. Throws StatusError `Timeout` when the revision does not come.
 */
export async function freshness(registry: Registry, revision: number | undefined): Promise<void> {
  const { feed } = registry;
  const wanted = revision ?? (registry.sharedStore ? await registry.currentRevision() : 0);
  if (await feed.reach(wanted, { timeoutMs: TOO_LARGE_TIMEOUT_MS })) return;
  throw tooLargeResourceVersion(wanted, feed.revision);
}

export function tooLargeResourceVersion(wanted: number, current: number): StatusError {
  return new StatusError('Timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}
