// What `kubectl get` shows of an object, as one line for tables of tests.

import type { InputOf, Kind } from '../../src/api/kind.ts';
import { readInput } from '../../src/api/read-input.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const metadata = { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z' };

/** The cells of all columns an hour after the object was made, wide ones too. */
export function rowOf<K extends Kind>(kind: K, input: InputOf<K>): string {
  const object = readInput(kind, { ...input, metadata: { ...metadata, ...input.metadata } });
  return (kind.columns ?? []).map((column) => String(column.value(object as never, NOW))).join(' | ');
}
