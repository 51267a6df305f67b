// Structural schemas: those that say of every value what it consists of, apart from which values are allowed. It is what
// makes a schema good for more than checks: pruning, defaulting, merging and publishing follow it. A structural schema is
// the JSON schema itself, of which is known that it leaves nothing else in its place. Upstream:
// k8s.io/apiextensions-apiserver/pkg/apiserver/schema.

import { isSchema, type JsonSchema, type StructureRules, type ValueRules } from './json-schema.ts';

/**
 * Inside `allOf`, `anyOf`, `oneOf` and `not` are further rules for values that have their structure from here; they are no
 * structural schemas themselves. Whether it keeps the rules is for structural-validation.ts to say.
 */
export interface StructuralSchema extends StructureRules, ValueRules {
  readonly items?: StructuralSchema;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  /** True: any, of any form. */
  readonly additionalProperties?: StructuralSchema | boolean;
}

/** What a schema says that no structural one can. */
export class NotStructuralError extends Error {
  override readonly name = 'NotStructuralError';
}

/** The same schema. Throws `NotStructuralError` where it, or one in it, uses what is not supported. */
export function structuralSchema(schema: JsonSchema): StructuralSchema {
  refuseUnsupported(schema);
  return schema as StructuralSchema;
}

/** The schema of a field by its name; names are the author's, `constructor` may be among them. */
export function propertySchema(schema: StructuralSchema, name: string): StructuralSchema | undefined {
  const { properties } = schema;
  return properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The schema of all items: a list of none, which may stand there, says nothing. */
export function elementSchema({ items }: StructuralSchema): StructuralSchema | undefined {
  return Array.isArray(items) ? undefined : items;
}

/** The schema of fields that are not named. */
export function additionalSchema({ additionalProperties }: StructuralSchema): StructuralSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

const UNSUPPORTED = {
  id: 'id',
  $schema: 'schema',
  $ref: '$ref',
  patternProperties: 'patternProperties',
  dependencies: 'dependencies',
  additionalItems: 'additionalItems',
  definitions: 'definitions',
} as const satisfies Partial<Record<keyof JsonSchema, string>>;

function refuseUnsupported(schema: JsonSchema): void {
  for (const field of Object.keys(UNSUPPORTED) as (keyof typeof UNSUPPORTED)[]) {
    const value = schema[field];
    if (value === undefined || value === '') continue;
    throw new NotStructuralError(`OpenAPIV3Schema '${UNSUPPORTED[field]}' is not supported`);
  }
  const { not, allOf = [], anyOf = [], oneOf = [], items, properties = {}, additionalProperties } = schema;
  for (const nested of [not, ...allOf, ...anyOf, ...oneOf]) if (nested) refuseUnsupported(nested);
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    throw new NotStructuralError("internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined");
  }
  if (Array.isArray(items) && items.length > 0) {
    throw new NotStructuralError("OpenAPIV3Schema 'items' must be a schema, but is an array");
  }
  for (const inner of [items, ...Object.values(properties), additionalProperties]) {
    if (isSchema(inner)) refuseUnsupported(inner);
  }
}
