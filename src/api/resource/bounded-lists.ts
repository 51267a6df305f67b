// Lists and maps of limited size, which this group has many of: one that is too large is not looked into. Upstream:
// validateSlice, validateSet and validateMap in pkg/apis/resource/validation.

import { type FieldError, fieldError, type Path } from '../field-error.ts';

type CheckItem<T> = (item: T, at: Path, errors: FieldError[]) => void;

/** False, with an error, when there are more than `limit` items. */
function isWithin(count: number, limit: number, at: Path, errors: FieldError[]): boolean {
  if (count > limit) errors.push(fieldError.tooMany(at, count, limit));
  return count <= limit;
}

export function checkList<T>(
  items: readonly T[] | null | undefined,
  limit: number,
  check: CheckItem<T>,
  at: Path,
  errors: FieldError[],
): void {
  if (!items || !isWithin(items.length, limit, at, errors)) return;
  for (const [index, item] of items.entries()) check(item, at.index(index), errors);
}

/** A list whose items have keys of their own. */
export function checkSet<T>(
  items: readonly T[] | null | undefined,
  limit: number,
  { key, check }: { readonly key: (item: T) => string; readonly check: CheckItem<T> },
  at: Path,
  errors: FieldError[],
): void {
  if (!items || !isWithin(items.length, limit, at, errors)) return;
  for (const [index, item] of items.entries()) check(item, at.index(index), errors);
  const keys = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (keys.has(key(item))) errors.push(fieldError.duplicate(at.index(index), key(item)));
    keys.add(key(item));
  }
}

/** Keys are shown up to `maxKey` characters. */
export function checkMap<T>(
  map: Readonly<Record<string, T>> | null | undefined,
  limit: number,
  {
    maxKey,
    checkKey,
    check,
  }: { readonly maxKey: number; readonly checkKey: CheckItem<string>; readonly check: CheckItem<T> },
  at: Path,
  errors: FieldError[],
): void {
  const entries = Object.entries(map ?? {});
  if (!isWithin(entries.length, limit, at, errors)) return;
  for (const [key, item] of entries) {
    const path = at.key(shortened(key, maxKey));
    checkKey(key, path, errors);
    check(item, path, errors);
  }
}

function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const rest = limit - '...'.length;
  return `${text.slice(0, Math.floor((rest + 1) / 2))}...${text.slice(text.length - Math.floor(rest / 2))}`;
}
