// The rules of the schema of a version as a whole: it is a JSON schema, structural, with defaults that fit, and where the
// status is a subresource its root says nothing that would be lost with the status taken apart. Upstream:
// validateCustomResourceDefinitionValidation in k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation.

import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { validateDefaults } from './default-validation.ts';
import { internalSchema } from './internal-form.ts';
import type { JsonSchema } from './json-schema.ts';
import { validateJsonSchema } from './json-schema-validation.ts';
import { NotStructuralError, type StructuralSchema, structuralSchema } from './structural-schema.ts';
import { validateStructuralSchema } from './structural-validation.ts';

/** `at`: where the schema is. */
export function validateSchema(
  schema: JsonSchema,
  at: Path,
  options: { readonly hasStatus: boolean },
): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (options.hasStatus) checkRoot(schema, at, errors);
  if (schema.nullable) errors.push(fieldError.forbidden(at.child('nullable'), 'nullable cannot be true at the root'));
  const structural = asStructural(schema);
  if (typeof structural !== 'string') errors.push(...structuralErrors(structural, at));
  errors.push(...validateJsonSchema(schema, at));
  // What makes a schema not structural mostly is wrong with it anyway, and said better then.
  if (typeof structural === 'string' && errors.length === 0) errors.push(fieldError.invalid(at, '', structural));
  return errors;
}

function structuralErrors(schema: StructuralSchema, at: Path): readonly FieldError[] {
  const errors = validateStructuralSchema(schema, at);
  return errors.length > 0 ? errors : validateDefaults(schema, at);
}

/** The schema, or why it cannot be structural. */
function asStructural(schema: JsonSchema): StructuralSchema | string {
  try {
    return structuralSchema(schema);
  } catch (error) {
    if (error instanceof NotStructuralError) return error.message;
    throw error;
  }
}

/** The fields that may be set at the root, with the names that upstream tells. */
const ROOT_FIELDS: Partial<Record<keyof JsonSchema, string>> = {
  description: 'Description',
  type: 'Type',
  format: 'Format',
  title: 'Title',
  maximum: 'Maximum',
  exclusiveMaximum: 'ExclusiveMaximum',
  minimum: 'Minimum',
  exclusiveMinimum: 'ExclusiveMinimum',
  maxLength: 'MaxLength',
  minLength: 'MinLength',
  pattern: 'Pattern',
  maxItems: 'MaxItems',
  minItems: 'MinItems',
  uniqueItems: 'UniqueItems',
  multipleOf: 'MultipleOf',
  required: 'Required',
  items: 'Items',
  properties: 'Properties',
  externalDocs: 'ExternalDocs',
  example: 'Example',
  'x-kubernetes-preserve-unknown-fields': 'XPreserveUnknownFields',
  'x-kubernetes-validations': 'XValidations',
};
const SUFFIX = 'at the root of the schema if the status subresource is enabled';
/** Upstream looks at fields in an order of its own, and tells the first that is wrong. */
const BEFORE_TYPE = ['id', '$schema', '$ref'] as const;

function checkRoot(schema: JsonSchema, at: Path, errors: FieldError[]): void {
  const { type = '' } = schema;
  const isTypeWrong = type !== '' && type !== 'object' && !BEFORE_TYPE.some((field) => schema[field] !== undefined);
  if (isTypeWrong) {
    const why = `only "object" is allowed as the type ${SUFFIX}`;
    errors.push(fieldError.invalid(at.child('type'), type, why));
  } else if (Object.keys(schema).some((field) => !Object.hasOwn(ROOT_FIELDS, field))) {
    const why = `only [${Object.values(ROOT_FIELDS).join(' ')}] fields are allowed ${SUFFIX}`;
    errors.push(fieldError.invalid(at, internalSchema(schema), why));
  }
}
