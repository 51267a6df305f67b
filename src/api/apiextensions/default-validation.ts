// The defaults of a schema have to be values that it allows, with no field that it does not know. Rules in CEL are not
// looked at. Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting/validation.go.

import { deepEqual } from '../../base/deep-equal.ts';
import { type FieldError, fieldError, formatFieldError, Path } from '../field-error.ts';
import { validateEmbeddedObjects } from './embedded-object-validation.ts';
import type { JsonSchema } from './json-schema.ts';
import { elementSchema, type StructuralSchema } from './structural-schema.ts';
import { pruned } from './value-pruning.ts';
import { validateValue } from './value-validation.ts';

/** Everything that is wrong with the defaults in the schema of a resource, which is structural. */
export function validateDefaults(schema: StructuralSchema, at: Path): readonly FieldError[] {
  const errors: FieldError[] = [];
  const root = { ...schema, 'x-kubernetes-embedded-resource': true };
  checkDefaults(root, { object: root, surround: complete, isInMetadata: false }, at, errors);
  return errors;
}

/** The object that a value is in. */
interface Surroundings {
  readonly object: StructuralSchema;
  /** An object with the value in its place and nothing else. */
  surround(value: unknown): unknown;
  /** The value is, or is inside of, the kind, version or metadata of the object. */
  readonly isInMetadata: boolean;
}

function checkDefaults(schema: StructuralSchema, outside: Surroundings, at: Path, errors: FieldError[]): void {
  const isObject = schema['x-kubernetes-embedded-resource'] === true;
  const around = isObject ? { object: schema, surround: complete, isInMetadata: false } : outside;
  if (schema.default !== undefined) errors.push(...defaultErrors(schema, around, at.child('default')));
  // Of unnamed fields there are no defaults.
  const items = elementSchema(schema);
  if (items) {
    const surround = (value: unknown) => around.surround([value]);
    checkDefaults(items, { ...around, surround }, at.child('items'), errors);
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const surround = (value: unknown) => around.surround({ [name]: value });
    const isInMetadata = around.isInMetadata || (isObject && OBJECT_FIELDS.has(name));
    checkDefaults(property, { ...around, surround, isInMetadata }, at.child('properties').key(name), errors);
  }
}

const OBJECT_FIELDS: ReadonlySet<string> = new Set(['metadata', 'apiVersion', 'kind']);

function complete(object: unknown): unknown {
  return { kind: 'Validation', apiVersion: 'validation/v1', ...(object as object) };
}

function defaultErrors(schema: StructuralSchema, around: Surroundings, at: Path): readonly FieldError[] {
  const { default: value } = schema;
  const unlike = () => validateValue(schema as JsonSchema, value, at);
  if (around.isInMetadata) {
    const faults = validateEmbeddedObjects(around.surround(value), around.object, Path.of()).map(formatFieldError);
    if (faults.length === 0) return unlike();
    const told = faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`;
    return [fieldError.invalid(at, value, `must result in valid metadata: ${told}`)];
  }
  const unknown = deepEqual(pruned(value, schema), value)
    ? []
    : [fieldError.invalid(at, value, 'must not have unknown fields')];
  const embedded = validateEmbeddedObjects(value, schema, at);
  return [...unknown, ...(embedded.length > 0 ? embedded : unlike())];
}
