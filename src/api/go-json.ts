// JSON text as Go's encoder writes it, where texts have to be the same as upstream's.

import { byUtf8 } from './normal-form.ts';

const ESCAPED = /[^ !#-%'-;=?-[\]-~]/;
const ESCAPED_BY_GO = /[<>&\u2028\u2029]/;
const EACH_ESCAPED_BY_GO = /[<>&\u2028\u2029]/g;

/** JSON as Go writes it, which escapes what could be HTML. */
export function goJson(value: unknown): string {
  if (typeof value === 'string' && !ESCAPED.test(value)) return `"${value}"`;
  const text = JSON.stringify(value);
  if (!ESCAPED_BY_GO.test(text)) return text;
  return text.replace(EACH_ESCAPED_BY_GO, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A copy whose keys are in order, at every depth. */
export function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => byUtf8(a, b));
  return Object.fromEntries(entries.map(([name, inner]) => [name, withSortedKeys(inner)]));
}
