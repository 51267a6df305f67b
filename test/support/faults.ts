// What a kind's own rules say of objects, as lines of text for tables of tests. The rules that all kinds share have tests
// of their own; `allFaultsOf` asks them too, where what a declaration says is part of what is to be shown.

import { type FieldError, formatFieldError } from '../../src/api/field-error.ts';
import type { AnyObject, InputOf, Kind } from '../../src/api/kind.ts';
import { mergeErrors, validateObject } from '../../src/api/object-validation.ts';
import { readInput } from '../../src/api/read-input.ts';

/** What is wrong with an object that begins, as a client writes it down. */
export function faultsOf<K extends Kind>(kind: K, input: InputOf<K>): string[] {
  const object = read(kind, input);
  const { validate, validateCreate } = rulesOf(kind);
  return [...(validate?.(object) ?? []), ...(validateCreate?.(object) ?? [])].map(formatFieldError);
}

/** What is wrong with an object that takes another one's place, besides what is wrong with the step. */
export function nextFaultsOf<K extends Kind>(kind: K, input: InputOf<K>, previous: InputOf<K>): string[] {
  return (rulesOf(kind).validate?.(read(kind, input), read(kind, previous)) ?? []).map(formatFieldError);
}

export function statusWarningsOf<K extends Kind>(kind: K, input: InputOf<K>): readonly string[] {
  return rulesOf(kind).statusWarnings?.(read(kind, input), read(kind, input)) ?? [];
}

/** What is wrong with the step from one object to the next, besides what is wrong with the next one. */
export function updateFaultsOf<K extends Kind>(kind: K, input: InputOf<K>, previous: InputOf<K>): string[] {
  const errors = rulesOf(kind).validateUpdate?.(read(kind, input), read(kind, previous)) ?? [];
  return errors.map(formatFieldError);
}

/**
 * What is wrong with an object that begins, or with the step to it, together with what its declaration says of required
 * and enumerated fields: as the server answers.
 */
export function allFaultsOf<K extends Kind>(kind: K, input: InputOf<K>, previous?: InputOf<K>): string[] {
  const object = read(kind, input);
  const { validate, validateCreate, validateUpdate } = rulesOf(kind);
  const own = [
    ...(validate?.(object) ?? []),
    ...((previous ? validateUpdate?.(object, read(kind, previous)) : validateCreate?.(object)) ?? []),
  ];
  return mergeErrors(validateObject(kind, object as unknown as AnyObject), own).map(formatFieldError);
}

export function statusFaultsOf<K extends Kind>(kind: K, input: InputOf<K>, previous: InputOf<K>): string[] {
  const errors = rulesOf(kind).validateStatusUpdate?.(read(kind, input), read(kind, previous)) ?? [];
  return errors.map(formatFieldError);
}

/** What is said to who creates an object, or updates it from a previous one. */
export function warningsOf<K extends Kind>(kind: K, input: InputOf<K>, previous?: InputOf<K>): readonly string[] {
  return rulesOf(kind).warnings?.(read(kind, input), previous && read(kind, previous)) ?? [];
}

function read<K extends Kind>(kind: K, input: InputOf<K>) {
  const draft = readInput(kind, input) as { metadata: { name?: string; namespace?: string } };
  draft.metadata.name ??= 'test';
  if (kind.namespaced) draft.metadata.namespace ??= 'default';
  return draft;
}

/** The hooks of a kind are typed by its own objects, which is what `read` gives. */
function rulesOf(kind: Kind): Rules {
  return kind as unknown as Rules;
}

interface Rules {
  validate?(object: object, previous?: object): readonly FieldError[];
  validateCreate?(object: object): readonly FieldError[];
  validateUpdate?(object: object, previous: object): readonly FieldError[];
  validateStatusUpdate?(object: object, previous: object): readonly FieldError[];
  warnings?(object: object, previous: object | undefined): readonly string[];
  statusWarnings?(object: object, previous: object): readonly string[];
}
