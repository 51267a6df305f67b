// Results that are worked out once and kept.

/** Makes one thing of each object, for as long as there is that object. */
export function remembered<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    const found = known.get(key) ?? { value: make(key) };
    known.set(key, found);
    return found.value;
  };
}

/** Does it once for all who ask; what has failed is tried again. */
export function onceDone<T>(attempt: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= attempt().catch((error: unknown) => {
      done = undefined;
      throw error;
    });
    return done;
  };
}
