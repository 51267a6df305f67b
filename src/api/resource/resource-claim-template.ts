// ResourceClaimTemplate.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { message, type Read, struct } from '../schema.ts';
import { defaultDeviceRequests } from './device-request-defaults.ts';
import { ResourceClaimSpec } from './resource-claim-spec.ts';
import { validateResourceClaimTemplate, validateResourceClaimTemplateUpdate } from './resource-claim-validation.ts';

export const ResourceClaimTemplateSpec = struct('resource.k8s.io/v1.ResourceClaimTemplateSpec', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ResourceClaimSpec, { required: true }),
});
export type ResourceClaimTemplateSpec = Read<typeof ResourceClaimTemplateSpec>;

const schema = struct('resource.k8s.io/v1.ResourceClaimTemplate', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ResourceClaimTemplateSpec, { required: true }),
});
export type ResourceClaimTemplate = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const ResourceClaimTemplate = kind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  returnsDeleted: true,
  scope: 'Namespaced',
  schema,
  columns: [nameColumn, ageColumn],
  defaults({ spec }) {
    defaultDeviceRequests(spec.spec);
  },
  validateCreate: validateResourceClaimTemplate,
  validateUpdate: validateResourceClaimTemplateUpdate,
});
