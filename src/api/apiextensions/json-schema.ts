// The JSON schemas that custom resources are described by, as decoding leaves them (json-schema-props.ts declares them):
// what is not set is not there. How they are walked; their rules are in json-schema-validation.ts.

import type { Json } from '../schema.ts';
import type { CustomResourceValidation } from './custom-resource-definition.ts';
import type { ValidationRule } from './json-schema-props.ts';

/** What schemas say of values beyond their structure. */
export interface ValueRules {
  readonly format?: string;
  readonly maximum?: number;
  readonly exclusiveMaximum?: boolean;
  readonly minimum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly maxItems?: number;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly multipleOf?: number;
  readonly enum?: readonly Json[];
  readonly maxProperties?: number;
  readonly minProperties?: number;
  readonly required?: readonly string[];
  readonly allOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly not?: JsonSchema;
}

/** What schemas say of the structure of values, but for what is inside them. */
export interface StructureRules {
  readonly type?: string;
  readonly description?: string;
  readonly title?: string;
  readonly default?: Json;
  readonly example?: Json;
  readonly externalDocs?: { readonly description?: string; readonly url?: string };
  readonly nullable?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
}

export interface JsonSchema extends StructureRules, ValueRules {
  readonly id?: string;
  readonly $schema?: string;
  readonly $ref?: string;
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly dependencies?: Readonly<Record<string, JsonSchema | readonly string[]>>;
  readonly additionalItems?: JsonSchema | boolean;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

/** The schema of a version, which the types of kinds know as JSON only. */
export function schemaOf(validation: CustomResourceValidation | undefined): JsonSchema | undefined {
  return validation?.openAPIV3Schema as JsonSchema | undefined;
}

/** Whether the schema, or one anywhere in it, is such. */
export function someSchema(schema: JsonSchema, test: (schema: JsonSchema) => boolean): boolean {
  return test(schema) || schemasIn(schema).some((inner) => someSchema(inner, test));
}

/** The schema of all items, if there is one and not one for each. */
export function itemSchema({ items }: JsonSchema): JsonSchema | undefined {
  return isSchema(items) ? items : undefined;
}

/** Of the values that may be a schema. */
export function isSchema(value: JsonSchema | boolean | readonly unknown[] | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function schemasIn(schema: JsonSchema): readonly JsonSchema[] {
  const { items, additionalProperties, additionalItems, not } = schema;
  const { properties, patternProperties, definitions, dependencies } = schema;
  return [
    ...(Array.isArray(items) ? items : [items]),
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    not,
    ...Object.values(properties ?? {}),
    additionalProperties,
    ...Object.values(patternProperties ?? {}),
    additionalItems,
    ...Object.values(definitions ?? {}),
    ...Object.values(dependencies ?? {}),
  ].filter(isSchema);
}
