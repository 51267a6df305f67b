// APIService.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { bool, bytes, int32, list, message, type Read, string, struct, time } from '../schema.ts';
import { prepareAPIServiceForStatusUpdate, stampAPIService } from './api-service-strategy.ts';
import { validateAPIService, validateAPIServiceStatusUpdate } from './api-service-validation.ts';

export const ServiceReference = struct('apiregistration.k8s.io/v1.ServiceReference', {
  namespace: string(1),
  name: string(2),
  port: int32(3, { optional: true, defaultsTo: 443 }),
});
export type ServiceReference = Read<typeof ServiceReference>;

export const APIServiceSpec = struct('apiregistration.k8s.io/v1.APIServiceSpec', {
  service: message(1, ServiceReference, { optional: true }),
  group: string(2),
  version: string(3),
  insecureSkipTLSVerify: bool(4),
  caBundle: bytes(5, { list: 'atomic' }),
  groupPriorityMinimum: int32(7, { required: true }),
  versionPriority: int32(8, { required: true }),
});
export type APIServiceSpec = Read<typeof APIServiceSpec>;

export const APIServiceCondition = struct('apiregistration.k8s.io/v1.APIServiceCondition', {
  type: string(1, { required: true }),
  status: string(2, { required: true }),
  lastTransitionTime: time(3),
  reason: string(4),
  message: string(5),
});
export type APIServiceCondition = Read<typeof APIServiceCondition>;

export const APIServiceStatus = struct('apiregistration.k8s.io/v1.APIServiceStatus', {
  conditions: list(1, APIServiceCondition, { list: { keys: ['type'] }, merge: 'type' }),
});
export type APIServiceStatus = Read<typeof APIServiceStatus>;

const schema = struct('apiregistration.k8s.io/v1.APIService', {
  metadata: message(1, ObjectMeta),
  spec: message(2, APIServiceSpec),
  status: message(3, APIServiceStatus),
});
export type APIService = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const APIService = kind({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  scope: 'Cluster',
  updateNeedsVersion: true,
  categories: ['api-extensions'],
  schema,
  subresources: {
    status: { type: 'status', resets: [['metadata']] },
  },
  // `v1.` is the core group's.
  nameRule: 'pathSegment',
  columns: [
    nameColumn,
    {
      name: 'Service',
      type: 'string',
      description: 'Who serves the version.',
      value: ({ spec: { service } }) => (service ? `${service.namespace ?? ''}/${service.name ?? ''}` : 'Local'),
    },
    {
      name: 'Available',
      type: 'string',
      description: 'Whether it is served, and if not, why.',
      value: ({ status }) => formatAvailable(status.conditions),
    },
    ageColumn,
  ],
  prepareForStatusUpdate: prepareAPIServiceForStatusUpdate,
  stamp: stampAPIService,
  validate: validateAPIService,
  validateStatusUpdate: validateAPIServiceStatusUpdate,
});

function formatAvailable(conditions: readonly APIServiceCondition[] | undefined): string {
  const condition = conditions?.find(({ type }) => type === 'Available');
  if (!condition) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`;
}
