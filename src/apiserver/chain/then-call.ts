// Pieces as they come, and a call when no more will be taken: because that was all, or they failed, or nobody wants the rest.

export async function* thenCall<T>(pieces: AsyncIterable<T>, end: () => void): AsyncGenerator<T> {
  try {
    yield* pieces;
  } finally {
    end();
  }
}
