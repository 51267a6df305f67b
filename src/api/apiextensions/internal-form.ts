// How upstream shows versions and schemas in errors: as its internal types, with all their fields, set or not. Upstream:
// k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/types.go and types_jsonschema.go.

import type { CustomResourceDefinitionVersion } from './custom-resource-definition.ts';
import { isSchema, type JsonSchema, schemaOf } from './json-schema.ts';

export function internalVersions(versions: readonly CustomResourceDefinitionVersion[]): readonly unknown[] {
  return versions.map((version) => {
    const { subresources, additionalPrinterColumns, selectableFields } = version;
    return {
      Name: version.name,
      Served: version.served,
      Storage: version.storage,
      Deprecated: version.deprecated ?? false,
      DeprecationWarning: version.deprecationWarning ?? null,
      Schema: version.schema ? { OpenAPIV3Schema: orNull(schemaOf(version.schema), internalSchema) } : null,
      Subresources: orNull(subresources, ({ status = null, scale }) => ({
        Status: status,
        Scale: orNull(scale, ({ specReplicasPath, statusReplicasPath, labelSelectorPath = null }) => ({
          SpecReplicasPath: specReplicasPath,
          StatusReplicasPath: statusReplicasPath,
          LabelSelectorPath: labelSelectorPath,
        })),
      })),
      AdditionalPrinterColumns: orNull(additionalPrinterColumns, (columns) =>
        columns.map(({ name, type, format = '', description = '', priority = 0, jsonPath }) => ({
          Name: name,
          Type: type,
          Format: format,
          Description: description,
          Priority: priority,
          JSONPath: jsonPath,
        })),
      ),
      SelectableFields: orNull(selectableFields, (fields) => fields.map(({ jsonPath }) => ({ JSONPath: jsonPath }))),
    };
  });
}

export function internalItems(items: JsonSchema['items']): unknown {
  return {
    Schema: isSchema(items) ? internalSchema(items) : null,
    JSONSchemas: Array.isArray(items) ? items.map(internalSchema) : null,
  };
}

type Show = (schema: JsonSchema) => unknown;

const value =
  (field: keyof JsonSchema, unset: unknown = null): Show =>
  (schema) =>
    schema[field] ?? unset;
const text = (field: keyof JsonSchema) => value(field, '');
const flag = (field: keyof JsonSchema) => value(field, false);

const FIELDS: Readonly<Record<string, Show>> = {
  ID: text('id'),
  Schema: text('$schema'),
  Ref: value('$ref'),
  Description: text('description'),
  Type: text('type'),
  Nullable: flag('nullable'),
  Format: text('format'),
  Title: text('title'),
  Default: value('default'),
  Maximum: value('maximum'),
  ExclusiveMaximum: flag('exclusiveMaximum'),
  Minimum: value('minimum'),
  ExclusiveMinimum: flag('exclusiveMinimum'),
  MaxLength: value('maxLength'),
  MinLength: value('minLength'),
  Pattern: text('pattern'),
  MaxItems: value('maxItems'),
  MinItems: value('minItems'),
  UniqueItems: flag('uniqueItems'),
  MultipleOf: value('multipleOf'),
  Enum: value('enum'),
  MaxProperties: value('maxProperties'),
  MinProperties: value('minProperties'),
  Required: value('required'),
  Items: ({ items }) => orNull(items, internalItems),
  AllOf: ({ allOf }) => orNull(allOf, (schemas) => schemas.map(internalSchema)),
  OneOf: ({ oneOf }) => orNull(oneOf, (schemas) => schemas.map(internalSchema)),
  AnyOf: ({ anyOf }) => orNull(anyOf, (schemas) => schemas.map(internalSchema)),
  Not: ({ not }) => orNull(not, internalSchema),
  Properties: ({ properties }) => orNull(properties, internalMap),
  AdditionalProperties: ({ additionalProperties }) => orNull(additionalProperties, internalOrBool),
  PatternProperties: ({ patternProperties }) => orNull(patternProperties, internalMap),
  Dependencies: ({ dependencies }) => orNull(dependencies, internalDependencies),
  AdditionalItems: ({ additionalItems }) => orNull(additionalItems, internalOrBool),
  Definitions: ({ definitions }) => orNull(definitions, internalMap),
  ExternalDocs: ({ externalDocs }) =>
    orNull(externalDocs, ({ description = '', url = '' }) => ({ Description: description, URL: url })),
  Example: value('example'),
  XPreserveUnknownFields: value('x-kubernetes-preserve-unknown-fields'),
  XEmbeddedResource: flag('x-kubernetes-embedded-resource'),
  XIntOrString: flag('x-kubernetes-int-or-string'),
  XListMapKeys: value('x-kubernetes-list-map-keys'),
  XListType: value('x-kubernetes-list-type'),
  XMapType: value('x-kubernetes-map-type'),
  XValidations: (schema) =>
    orNull(schema['x-kubernetes-validations'], (rules) =>
      rules.map(
        ({ rule, message = '', messageExpression = '', reason = null, fieldPath = '', optionalOldSelf = null }) => ({
          Rule: rule,
          Message: message,
          MessageExpression: messageExpression,
          Reason: reason,
          FieldPath: fieldPath,
          OptionalOldSelf: optionalOldSelf,
        }),
      ),
    ),
};

export function internalSchema(schema: JsonSchema): unknown {
  return Object.fromEntries(Object.entries(FIELDS).map(([name, show]) => [name, show(schema)]));
}

function internalMap(schemas: Readonly<Record<string, JsonSchema>>): unknown {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, internalSchema(schema)]));
}

function internalOrBool(schema: JsonSchema | boolean): unknown {
  return typeof schema === 'boolean'
    ? { Allows: schema, Schema: null }
    : { Allows: true, Schema: internalSchema(schema) };
}

function internalDependencies(dependencies: NonNullable<JsonSchema['dependencies']>): unknown {
  const entries = Object.entries(dependencies).map(([name, dependency]) => [
    name,
    isSchema(dependency)
      ? { Schema: internalSchema(dependency), Property: null }
      : { Schema: null, Property: dependency },
  ]);
  return Object.fromEntries(entries);
}

function orNull<T>(given: T | undefined, show: (given: T) => unknown): unknown {
  return given === undefined ? null : show(given);
}
