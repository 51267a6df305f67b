// Deep freezing, for plain JSON data that many readers share.

/** Freezes a value and everything in it. What is frozen already is taken to be frozen all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  if (Array.isArray(value)) for (const element of value) deepFreeze(element);
  else for (const key in value) deepFreeze(value[key]);
  return value;
}
