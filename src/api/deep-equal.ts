// Whether two objects in normal form mean the same. Decoding has left out what means nothing and written quantities and
// times one way only, so little is left of upstream's rules (apiequality.Semantic.DeepEqual): a list or pointer that is
// null or absent, and a list that is empty, are the same. An empty struct or a zero that stands there is a pointer that
// was set: `emptyDir: {}` and `storageClassName: ''` are not the same as nothing.

/** Equality of plain JSON data, in which absent, null and [] are not told apart. Keys may be in any order. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b);
  return !Array.isArray(b) && equalObjects(a as Record<string, unknown>, b as Record<string, unknown>);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!deepEqual(a[i], b[i])) return false;
  return true;
}

function equalObjects(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  for (const key of Object.keys(a)) if (!deepEqual(a[key], ownValue(b, key))) return false;
  for (const key of Object.keys(b)) if (!isNothing(b[key]) && !Object.hasOwn(a, key)) return false;
  return true;
}

/** A key like `constructor`, which a map may have, is not to be found on the prototype. */
function ownValue(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
