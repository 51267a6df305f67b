// ResourceQuota.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { list, map, message, type Read, string, struct } from '../schema.ts';
import {
  validateResourceQuota,
  validateResourceQuotaStatusUpdate,
  validateResourceQuotaUpdate,
} from './resource-quota-validation.ts';

export const ResourceQuotaScope = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
] as const;
export type ResourceQuotaScope = (typeof ResourceQuotaScope)[number];

export const ScopeSelectorOperator = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;
export type ScopeSelectorOperator = (typeof ScopeSelectorOperator)[number];

export const ScopedResourceSelectorRequirement = struct('core/v1.ScopedResourceSelectorRequirement', {
  scopeName: string(1, { required: true, enum: ResourceQuotaScope, ownRules: true }),
  operator: string(2, { required: true, enum: ScopeSelectorOperator, ownRules: true }),
  values: list(3, 'string', { list: 'atomic' }),
});
export type ScopedResourceSelectorRequirement = Read<typeof ScopedResourceSelectorRequirement>;

export const ScopeSelector = struct(
  'core/v1.ScopeSelector',
  {
    matchExpressions: list(1, ScopedResourceSelectorRequirement, { list: 'atomic' }),
  },
  { atomic: true },
);
export type ScopeSelector = Read<typeof ScopeSelector>;

export const ResourceQuotaSpec = struct('core/v1.ResourceQuotaSpec', {
  hard: map(1, 'quantity'),
  scopes: list(2, 'string', { enum: ResourceQuotaScope, ownRules: true, list: 'atomic' }),
  scopeSelector: message(3, ScopeSelector, { optional: true }),
});
export type ResourceQuotaSpec = Read<typeof ResourceQuotaSpec>;

export const ResourceQuotaStatus = struct('core/v1.ResourceQuotaStatus', {
  hard: map(1, 'quantity'),
  used: map(2, 'quantity'),
});
export type ResourceQuotaStatus = Read<typeof ResourceQuotaStatus>;

const schema = struct('core/v1.ResourceQuota', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ResourceQuotaSpec),
  status: message(3, ResourceQuotaStatus),
});
export type ResourceQuota = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const ResourceQuota = kind({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  scope: 'Namespaced',
  returnsDeleted: true,
  shortNames: ['quota'],
  schema,
  subresources: {
    status: { type: 'status' },
  },
  columns: [
    nameColumn,
    {
      name: 'Request',
      type: 'string',
      description: 'What is used of each quota, but for limits.',
      value: ({ status }) => formatUsage(status, (name) => !name.startsWith('limits.')),
    },
    {
      name: 'Limit',
      type: 'string',
      description: 'What is used of each quota for limits.',
      value: ({ status }) => formatUsage(status, (name) => name.startsWith('limits.')),
    },
    ageColumn,
  ],
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  validateStatusUpdate: validateResourceQuotaStatusUpdate,
});

function formatUsage({ hard = {}, used = {} }: ResourceQuotaStatus, isShown: (name: string) => boolean): string {
  return Object.keys(hard)
    .filter(isShown)
    .sort()
    .map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`)
    .join(', ');
}
