// Waiting in tests for what must come true, never for a time.

const POLL_MS = 2;

/** Resolves as soon as the predicate holds; rejects when it has not within the deadline. What it throws counts as no. */
export async function until(
  predicate: () => boolean | Promise<boolean>,
  { withinMs = 10_000 }: { readonly withinMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + withinMs;
  let failure: unknown;
  while (performance.now() < deadline) {
    try {
      if (await predicate()) return;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`not true within ${withinMs} ms: ${predicate.toString()}`, { cause: failure });
}
