// Json schema props.

import {
  bool,
  double,
  int64,
  json,
  list,
  map,
  message,
  type Read,
  type Struct,
  schemaOrArray,
  schemaOrBool,
  string,
  struct,
} from '../schema.ts';

export const ExternalDocumentation = struct('apiextensions.k8s.io/v1.ExternalDocumentation', {
  description: string(1),
  url: string(2),
});
export type ExternalDocumentation = Read<typeof ExternalDocumentation>;

export const FieldValueErrorReason = [
  'FieldValueRequired',
  'FieldValueDuplicate',
  'FieldValueInvalid',
  'FieldValueForbidden',
] as const;
export type FieldValueErrorReason = (typeof FieldValueErrorReason)[number];

export const ValidationRule = struct('apiextensions.k8s.io/v1.ValidationRule', {
  rule: string(1, { required: true }),
  message: string(2),
  messageExpression: string(3),
  reason: string(4, { optional: true, enum: FieldValueErrorReason }),
  fieldPath: string(5),
  optionalOldSelf: bool(6, { optional: true }),
});
export type ValidationRule = Read<typeof ValidationRule>;

export const JSONSchemaProps: Struct = struct('apiextensions.k8s.io/v1.JSONSchemaProps', {
  id: string(1),
  $schema: string(2),
  $ref: string(3, { optional: true }),
  description: string(4),
  type: string(5),
  format: string(6),
  title: string(7),
  default: json(8, { optional: true }),
  maximum: double(9, { optional: true }),
  exclusiveMaximum: bool(10),
  minimum: double(11, { optional: true }),
  exclusiveMinimum: bool(12),
  maxLength: int64(13, { optional: true }),
  minLength: int64(14, { optional: true }),
  pattern: string(15),
  maxItems: int64(16, { optional: true }),
  minItems: int64(17, { optional: true }),
  uniqueItems: bool(18),
  multipleOf: double(19, { optional: true }),
  enum: list(20, 'json', { list: 'atomic' }),
  maxProperties: int64(21, { optional: true }),
  minProperties: int64(22, { optional: true }),
  required: list(23, 'string', { list: 'atomic' }),
  items: schemaOrArray(24, { optional: true }),
  allOf: list(25, (): Struct => JSONSchemaProps, { list: 'atomic' }),
  oneOf: list(26, (): Struct => JSONSchemaProps, { list: 'atomic' }),
  anyOf: list(27, (): Struct => JSONSchemaProps, { list: 'atomic' }),
  not: message(28, (): Struct => JSONSchemaProps, { optional: true }),
  properties: map(29, (): Struct => JSONSchemaProps),
  additionalProperties: schemaOrBool(30, { optional: true }),
  patternProperties: map(31, (): Struct => JSONSchemaProps),
  dependencies: map(32, 'schemaOrStringArray'),
  additionalItems: schemaOrBool(33, { optional: true }),
  definitions: map(34, (): Struct => JSONSchemaProps),
  externalDocs: message(35, ExternalDocumentation, { optional: true }),
  example: json(36, { optional: true }),
  nullable: bool(37),
  'x-kubernetes-preserve-unknown-fields': bool(38, { optional: true }),
  'x-kubernetes-embedded-resource': bool(39),
  'x-kubernetes-int-or-string': bool(40),
  'x-kubernetes-list-map-keys': list(41, 'string', { list: 'atomic' }),
  'x-kubernetes-list-type': string(42, { optional: true }),
  'x-kubernetes-map-type': string(43, { optional: true }),
  'x-kubernetes-validations': list(44, ValidationRule, { list: { keys: ['rule'] }, merge: 'rule' }),
});
