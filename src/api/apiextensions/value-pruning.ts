// What is left of a value when the fields are dropped that its schema does not know. Upstream:
// k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning.

import { setKey } from '../decode-leaf.ts';
import { additionalSchema, elementSchema, propertySchema, type StructuralSchema } from './structural-schema.ts';

/** What every object has, whatever its schema says; kept as it is. */
const OBJECT_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** A copy without unknown fields; the value itself stays as it is. */
export function pruned(value: unknown, schema: StructuralSchema | undefined): unknown {
  const keepsUnknown = schema?.['x-kubernetes-preserve-unknown-fields'] === true;
  return prune(value, schema, keepsUnknown);
}

/** `keepsUnknown` holds for lists in lists, and not for the fields of what is known. */
function prune(value: unknown, schema: StructuralSchema | undefined, keepsUnknown: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const keeps = keepsUnknown || schema?.['x-kubernetes-preserve-unknown-fields'] === true;
  if (keeps && !schema) return value;
  if (Array.isArray(value)) return value.map((item) => prune(item, schema && elementSchema(schema), keeps));
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (schema?.['x-kubernetes-embedded-resource'] && OBJECT_FIELDS.has(key)) setKey(result, key, inner);
    else {
      const known = schema && propertySchema(schema, key);
      const isAllowed = known !== undefined || schema?.additionalProperties !== undefined;
      if (isAllowed) setKey(result, key, prune(inner, known ?? (schema && additionalSchema(schema)), false));
      else if (keeps) setKey(result, key, inner);
    }
  }
  return result;
}
