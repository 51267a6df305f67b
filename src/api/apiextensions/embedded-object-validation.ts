// The rules of objects inside of custom resources (`x-kubernetes-embedded-resource`): they have a kind, a version and
// metadata like any other. Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta.

import { DecodeError } from '../decode-error.ts';
import { decodeStruct } from '../decode-object.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { dns1035Label } from '../names.ts';
import { validateMetadata } from '../object-validation.ts';
import { additionalSchema, elementSchema, propertySchema, type StructuralSchema } from './structural-schema.ts';

/** What is wrong with the embedded objects of a value. Where one cannot be read as an object, that is all that is told. */
export function validateEmbeddedObjects(value: unknown, schema: StructuralSchema, at: Path): readonly FieldError[] {
  const unreadable = [...embeddedObjects(value, schema, at)].flatMap(({ object, at }) => typeErrors(object, at));
  if (unreadable.length > 0) return unreadable.slice(0, 1);
  return [...embeddedObjects(value, schema, at)].flatMap(({ object, at }) => objectErrors(object, at));
}

type JsonObject = Readonly<Record<string, unknown>>;

interface Embedded {
  readonly object: JsonObject;
  readonly at: Path;
}

function* embeddedObjects(value: unknown, schema: StructuralSchema | undefined, at: Path): Generator<Embedded> {
  if (!schema || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* embeddedObjects(item, elementSchema(schema), at.index(index));
    return;
  }
  if (schema['x-kubernetes-embedded-resource']) yield { object: value as JsonObject, at };
  for (const [key, inner] of Object.entries(value)) {
    const property = propertySchema(schema, key);
    if (property) yield* embeddedObjects(inner, property, at.child(key));
    else yield* embeddedObjects(inner, additionalSchema(schema), at.key(key));
  }
}

function typeErrors(object: JsonObject, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['apiVersion', 'kind']) {
    const value = object[field];
    if (value !== undefined && typeof value !== 'string') {
      errors.push(fieldError.invalid(at.child(field), value, 'must be a string'));
    }
  }
  if ((object['metadata'] ?? undefined) === undefined) return errors;
  try {
    decodeStruct(ObjectMeta, object['metadata']);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    errors.push(fieldError.invalid(at.child('metadata'), object['metadata'], error.message));
  }
  return errors;
}

/** Kind and version have to be there; metadata need not. */
function objectErrors(object: JsonObject, at: Path): FieldError[] {
  const errors: FieldError[] = [];
  const { apiVersion, kind, metadata } = object as { apiVersion?: string; kind?: string; metadata?: unknown };
  const versionAt = at.child('apiVersion');
  if (apiVersion === undefined) errors.push(fieldError.required(versionAt));
  else if (apiVersion === '') errors.push(fieldError.invalid(versionAt, apiVersion, 'must not be empty'));
  else if (apiVersion.split('/').length > 2) {
    errors.push(fieldError.invalid(versionAt, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  }
  const kindAt = at.child('kind');
  if (kind === undefined) errors.push(fieldError.required(kindAt));
  else if (kind === '') errors.push(fieldError.invalid(kindAt, kind, 'must not be empty'));
  else {
    const faults = dns1035Label(kind.toLowerCase());
    const why = `may have mixed case, but should otherwise match: ${faults.join(',')}`;
    if (faults.length > 0) errors.push(fieldError.invalid(kindAt, kind, why));
  }
  if (metadata === undefined || metadata === null) return errors;
  const decoded: Partial<ObjectMeta> = decodeStruct(ObjectMeta, metadata);
  // A name is not required: the object may get one elsewhere.
  const named = { ...decoded, name: decoded.name || 'fakename' };
  const rules = { nameRule: 'pathSegment', namespaced: Boolean(decoded.namespace) } as const;
  return [...errors, ...validateMetadata(rules, named, at.child('metadata'))];
}
