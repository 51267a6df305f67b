// Does many alike things in growing batches, so that a cause that fails them all (a quota, a broken template) is met by
// few calls instead of hundreds. Upstream: slowStartBatch in pkg/controller/replicaset.

/**
 * Calls `act` up to `count` times: one, then two, then four at once …; after a batch with a failure no further one
 * starts. Answers how many succeeded and the first failure.
 */
export async function slowStart(
  count: number,
  act: () => Promise<void>,
): Promise<{ readonly succeeded: number; readonly error: unknown }> {
  let succeeded = 0;
  let remaining = count;
  for (let size = 1; remaining > 0; size *= 2) {
    const results = await Promise.allSettled(Array.from({ length: Math.min(size, remaining) }, act));
    const failure = results.find((result) => result.status === 'rejected');
    succeeded += results.filter((result) => result.status === 'fulfilled').length;
    if (failure) return { succeeded, error: failure.reason };
    remaining -= results.length;
  }
  return { succeeded, error: undefined };
}
