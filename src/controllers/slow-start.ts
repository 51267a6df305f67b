// Does many alike things in growing batches, so that a cause that fails them all (a quota, a broken template) is met by
// few calls instead of hundreds. Upstream: slowStartBatch in pkg/controller/replicaset.

/** More at once would hold up everything else in this process, and are no faster. */
const MAX_PARALLEL = 32;

/**
 * Calls `act` up to `count` times, with 0, 1, 2 …: one, then two, then four at once, up to 32; after a batch with a
 * failure no further one starts. Answers how many succeeded and the first failure.
 */
export async function slowStart(
  count: number,
  act: (index: number) => Promise<void>,
): Promise<{ readonly succeeded: number; readonly error: unknown }> {
  let succeeded = 0;
  let begun = 0;
  for (let size = 1; begun < count; size = Math.min(MAX_PARALLEL, size * 2)) {
    const first = begun;
    begun = Math.min(count, begun + size);
    const results = await Promise.allSettled(Array.from({ length: begun - first }, (_, i) => act(first + i)));
    const failure = results.find((result) => result.status === 'rejected');
    succeeded += results.filter((result) => result.status === 'fulfilled').length;
    if (failure) return { succeeded, error: failure.reason };
  }
  return { succeeded, error: undefined };
}
