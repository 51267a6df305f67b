// The rules of the data that ConfigMaps and Secrets hold: keys that can be file names, one mebibyte in all, and no change
// of what has been declared immutable. Upstream: ValidateConfigMap, ValidateSecret and their updates in
// pkg/apis/core/validation.

import { utf8Length } from '../../base/utf8-length.ts';
import { deepEqual } from '../deep-equal.ts';
import { checkFaults } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { configMapKey } from '../names.ts';

export const MAX_DATA_BYTES = 1024 * 1024;

type Data = Readonly<Record<string, string>>;

export function checkKeys(data: Data, at: Path, errors: FieldError[]): void {
  for (const key of Object.keys(data)) checkFaults(configMapKey(key), key, at.key(key), errors);
}

export function textBytes(data: Data): number {
  return sum(data, utf8Length);
}

/** The bytes that padded base64 stands for. */
export function base64Bytes(data: Data): number {
  return sum(data, (value) => {
    const text = value ?? ''; // Bytes may be null among others, as in Go.
    return (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
  });
}

/** `fields` are those that hold the data. */
export function checkImmutableData<Field extends string>(
  object: { readonly immutable?: boolean } & Readonly<Partial<Record<Field, Data>>>,
  previous: typeof object,
  fields: readonly Field[],
  errors: FieldError[],
): void {
  if (!previous.immutable) return;
  const why = 'field is immutable when `immutable` is set';
  if (!object.immutable) errors.push(fieldError.forbidden(Path.of('immutable'), why));
  for (const field of fields) {
    if (!deepEqual(object[field], previous[field])) errors.push(fieldError.forbidden(Path.of(field), why));
  }
}

function sum(data: Data, bytesOf: (text: string) => number): number {
  return Object.values(data).reduce((total, text) => total + bytesOf(text), 0);
}
