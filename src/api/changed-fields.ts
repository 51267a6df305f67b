// Which fields of an object a change concerns, for errors that have to say more than "something changed".

import { deepEqual } from './deep-equal.ts';
import type { Path } from './field-error.ts';

/** A line `path: previous -> value` for each of the first `limit` fields in which two values do not mean the same. */
export function changedFields(value: unknown, previous: unknown, at: Path, limit: number): string[] {
  const lines: string[] = [];
  compare(value, previous, at, lines, limit);
  return lines;
}

function compare(value: unknown, previous: unknown, at: Path, lines: string[], limit: number): void {
  if (lines.length >= limit || deepEqual(value, previous)) return;
  if (Array.isArray(value) && Array.isArray(previous) && value.length === previous.length) {
    for (const [index, item] of value.entries()) compare(item, previous[index], at.index(index), lines, limit);
  } else if (isStruct(value) && isStruct(previous)) {
    for (const name of new Set([...Object.keys(previous), ...Object.keys(value)])) {
      compare(value[name], previous[name], at.child(name), lines, limit);
    }
  } else lines.push(`${at}: ${show(previous)} -> ${show(value)}`);
}

function isStruct(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
