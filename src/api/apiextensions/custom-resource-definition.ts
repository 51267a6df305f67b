// CustomResourceDefinition.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { createdAtColumn, nameColumn } from '../printing.ts';
import { bool, bytes, int32, int64, list, message, type Read, string, struct, time } from '../schema.ts';
import { defaultDefinition, definitionWarnings, storeVersion } from './custom-resource-definition-strategy.ts';
import {
  validateDefinitionCreate,
  validateDefinitionStatusUpdate,
  validateDefinitionUpdate,
} from './custom-resource-definition-validation.ts';
import { JSONSchemaProps } from './json-schema-props.ts';

export const CustomResourceDefinitionNames = struct('apiextensions.k8s.io/v1.CustomResourceDefinitionNames', {
  plural: string(1, { required: true }),
  singular: string(2),
  shortNames: list(3, 'string', { list: 'atomic' }),
  kind: string(4, { required: true }),
  listKind: string(5),
  categories: list(6, 'string', { list: 'atomic' }),
});
export type CustomResourceDefinitionNames = Read<typeof CustomResourceDefinitionNames>;

export const CustomResourceValidation = struct('apiextensions.k8s.io/v1.CustomResourceValidation', {
  openAPIV3Schema: message(1, JSONSchemaProps, { optional: true }),
});
export type CustomResourceValidation = Read<typeof CustomResourceValidation>;

export const CustomResourceSubresourceStatus = struct('apiextensions.k8s.io/v1.CustomResourceSubresourceStatus', {});
export type CustomResourceSubresourceStatus = Read<typeof CustomResourceSubresourceStatus>;

export const CustomResourceSubresourceScale = struct('apiextensions.k8s.io/v1.CustomResourceSubresourceScale', {
  specReplicasPath: string(1, { required: true }),
  statusReplicasPath: string(2, { required: true }),
  labelSelectorPath: string(3, { optional: true }),
});
export type CustomResourceSubresourceScale = Read<typeof CustomResourceSubresourceScale>;

export const CustomResourceSubresources = struct('apiextensions.k8s.io/v1.CustomResourceSubresources', {
  status: message(1, CustomResourceSubresourceStatus, { optional: true }),
  scale: message(2, CustomResourceSubresourceScale, { optional: true }),
});
export type CustomResourceSubresources = Read<typeof CustomResourceSubresources>;

export const CustomResourceColumnDefinition = struct('apiextensions.k8s.io/v1.CustomResourceColumnDefinition', {
  name: string(1, { required: true }),
  type: string(2, { required: true }),
  format: string(3),
  description: string(4),
  priority: int32(5),
  jsonPath: string(6, { required: true }),
});
export type CustomResourceColumnDefinition = Read<typeof CustomResourceColumnDefinition>;

export const SelectableField = struct('apiextensions.k8s.io/v1.SelectableField', {
  jsonPath: string(1, { required: true }),
});
export type SelectableField = Read<typeof SelectableField>;

export const CustomResourceDefinitionVersion = struct('apiextensions.k8s.io/v1.CustomResourceDefinitionVersion', {
  name: string(1, { required: true }),
  served: bool(2, { required: true }),
  storage: bool(3, { required: true }),
  deprecated: bool(7, { deprecated: true }),
  deprecationWarning: string(8, { optional: true }),
  schema: message(4, CustomResourceValidation, { optional: true }),
  subresources: message(5, CustomResourceSubresources, { optional: true }),
  additionalPrinterColumns: list(6, CustomResourceColumnDefinition, { list: 'atomic' }),
  selectableFields: list(9, SelectableField, { list: 'atomic' }),
});
export type CustomResourceDefinitionVersion = Read<typeof CustomResourceDefinitionVersion>;

export const ServiceReference = struct('apiextensions.k8s.io/v1.ServiceReference', {
  namespace: string(1, { required: true }),
  name: string(2, { required: true }),
  path: string(3, { optional: true }),
  port: int32(4, { optional: true, defaultsTo: 443 }),
});
export type ServiceReference = Read<typeof ServiceReference>;

export const WebhookClientConfig = struct('apiextensions.k8s.io/v1.WebhookClientConfig', {
  url: string(3, { optional: true }),
  service: message(1, ServiceReference, { optional: true }),
  caBundle: bytes(2),
});
export type WebhookClientConfig = Read<typeof WebhookClientConfig>;

export const WebhookConversion = struct('apiextensions.k8s.io/v1.WebhookConversion', {
  clientConfig: message(2, WebhookClientConfig, { optional: true }),
  conversionReviewVersions: list(3, 'string', { required: true, list: 'atomic' }),
});
export type WebhookConversion = Read<typeof WebhookConversion>;

export const CustomResourceConversion = struct('apiextensions.k8s.io/v1.CustomResourceConversion', {
  strategy: string(1, { required: true }),
  webhook: message(2, WebhookConversion, { optional: true }),
});
export type CustomResourceConversion = Read<typeof CustomResourceConversion>;

export const CustomResourceDefinitionSpec = struct('apiextensions.k8s.io/v1.CustomResourceDefinitionSpec', {
  group: string(1, { required: true }),
  names: message(3, CustomResourceDefinitionNames, { required: true }),
  scope: string(4, { required: true }),
  versions: list(7, CustomResourceDefinitionVersion, { required: true, list: 'atomic' }),
  conversion: message(9, CustomResourceConversion, { optional: true, defaultsTo: { strategy: 'None' } }),
  preserveUnknownFields: bool(10),
});
export type CustomResourceDefinitionSpec = Read<typeof CustomResourceDefinitionSpec>;

export const CustomResourceDefinitionCondition = struct('apiextensions.k8s.io/v1.CustomResourceDefinitionCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  lastTransitionTime: time(3),
  reason: string(4),
  message: string(5),
  observedGeneration: int64(6),
});
export type CustomResourceDefinitionCondition = Read<typeof CustomResourceDefinitionCondition>;

export const CustomResourceDefinitionStatus = struct('apiextensions.k8s.io/v1.CustomResourceDefinitionStatus', {
  conditions: list(1, CustomResourceDefinitionCondition, { omit: 'never', list: { keys: ['type'] } }),
  acceptedNames: message(2, CustomResourceDefinitionNames, { omit: 'never' }),
  storedVersions: list(3, 'string', { omit: 'never', list: 'atomic' }),
  observedGeneration: int64(4),
});
export type CustomResourceDefinitionStatus = Read<typeof CustomResourceDefinitionStatus>;

const schema = struct('apiextensions.k8s.io/v1.CustomResourceDefinition', {
  metadata: message(1, ObjectMeta),
  spec: message(2, CustomResourceDefinitionSpec, { required: true }),
  status: message(3, CustomResourceDefinitionStatus),
});
export type CustomResourceDefinition = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const CustomResourceDefinition = kind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  scope: 'Cluster',
  updateNeedsVersion: true,
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  schema,
  subresources: {
    status: { type: 'status' },
  },
  generation: [['spec']],
  columns: [nameColumn, createdAtColumn],
  checksOwnFields: true,
  defaults: defaultDefinition,
  prepareForCreate: storeVersion,
  prepareForUpdate: storeVersion,
  validateCreate: validateDefinitionCreate,
  validateUpdate: validateDefinitionUpdate,
  validateStatusUpdate: validateDefinitionStatusUpdate,
  warnings: definitionWarnings,
});
