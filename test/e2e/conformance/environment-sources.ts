// ConfigMaps and Secrets whose values become variables of a container: what both have in common.

import assert from 'node:assert/strict';

export const VALUES = { 'data-1': 'value-1', 'data-2': 'value-2', 'data-3': 'value-3' };

/** What may stand before the names; all that is printable but `=` is a name's. */
export const PREFIXES = ['', '1-', '$_-', 'ABC_', '#@!'];

/** The variables of the three values with each prefix, as `env` prints them. */
export function variablesWith(prefixes: readonly string[]): readonly string[] {
  return prefixes.flatMap((prefix) => Object.entries(VALUES).map(([name, value]) => `${prefix}${name}=${value}`));
}

/** Every expected one is a line of what was printed. */
export function assertPrinted(text: string, expected: readonly string[]): void {
  const lines = new Set(text.split('\n'));
  const missing = expected.filter((line) => !lines.has(line));
  assert.deepEqual(missing, [], text);
}
