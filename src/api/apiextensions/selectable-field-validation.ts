// The rules of selectable fields: each leads to a single value that the schema knows. Upstream:
// ValidateCustomResourceSelectableFields in k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation.

import { type FieldError, fieldError, type Path } from '../field-error.ts';
import type { SelectableField } from './custom-resource-definition.ts';
import { findInSchema, SchemaPathError, type SchemaPlace } from './schema-path.ts';
import type { StructuralSchema } from './structural-schema.ts';

const MAX_SELECTABLE_FIELDS = 8;
const SELECTABLE_TYPES: ReadonlySet<unknown> = new Set(['string', 'boolean', 'integer']);

export function checkSelectableFields(
  fields: readonly SelectableField[],
  schema: StructuralSchema,
  at: Path,
  errors: FieldError[],
): void {
  const paths = new Set<string>();
  for (const [index, { jsonPath }] of fields.entries()) {
    const pathAt = at.index(index).child('jsonPath');
    const place = findField(jsonPath, schema, pathAt, errors);
    if (!place) continue;
    if (place.root === 'metadata') {
      errors.push(fieldError.invalid(pathAt, jsonPath, 'must not point to fields in metadata'));
    }
    if (!SELECTABLE_TYPES.has(place.schema?.type)) {
      const why =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(fieldError.invalid(pathAt, jsonPath, why));
    }
    const path = String(place.path);
    if (paths.has(path)) errors.push(fieldError.duplicate(pathAt, jsonPath));
    paths.add(path);
  }
  if (paths.size > MAX_SELECTABLE_FIELDS) errors.push(fieldError.tooMany(at, paths.size, MAX_SELECTABLE_FIELDS));
}

function findField(
  jsonPath: string,
  schema: StructuralSchema,
  at: Path,
  errors: FieldError[],
): SchemaPlace | undefined {
  if (jsonPath === '') {
    errors.push(fieldError.required(at));
    return undefined;
  }
  try {
    return findInSchema(jsonPath, schema, { allowsBrackets: false });
  } catch (error) {
    if (!(error instanceof SchemaPathError)) throw error;
    errors.push(fieldError.invalid(at, jsonPath, `is an invalid path: ${error.message}`));
    return undefined;
  }
}
