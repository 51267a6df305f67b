// What is at hand at once mostly, and else a promise: to go on with it as soon as it is there, without a promise where none
// is needed.

/** Ends with what `done` makes of the result, or `failed` of the error, be it thrown or rejected with. */
export function whenDone<T, R>(
  ask: () => T | Promise<T>,
  done: (result: T) => R,
  failed: (error: unknown) => R,
): R | Promise<R> {
  let result: T | Promise<T>;
  try {
    result = ask();
  } catch (error) {
    return failed(error);
  }
  return result instanceof Promise ? result.then(done, failed) : done(result);
}
