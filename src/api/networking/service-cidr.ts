// ServiceCIDR.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { Condition } from '../meta/condition.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { list, message, type Read, struct } from '../schema.ts';
import { validateServiceCIDR, validateServiceCIDRUpdate } from './service-cidr-validation.ts';

export const ServiceCIDRSpec = struct('networking.k8s.io/v1.ServiceCIDRSpec', {
  cidrs: list(1, 'string', { list: 'atomic' }),
});
export type ServiceCIDRSpec = Read<typeof ServiceCIDRSpec>;

export const ServiceCIDRStatus = struct('networking.k8s.io/v1.ServiceCIDRStatus', {
  conditions: list(1, Condition, { list: { keys: ['type'] }, merge: 'type' }),
});
export type ServiceCIDRStatus = Read<typeof ServiceCIDRStatus>;

const schema = struct('networking.k8s.io/v1.ServiceCIDR', {
  metadata: message(1, ObjectMeta),
  spec: message(2, ServiceCIDRSpec),
  status: message(3, ServiceCIDRStatus),
});
export type ServiceCIDR = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const ServiceCIDR = kind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  scope: 'Cluster',
  schema,
  subresources: {
    status: { type: 'status' },
  },
  columns: [
    nameColumn,
    {
      name: 'CIDRs',
      type: 'string',
      description: 'Ranges that addresses of services are from.',
      value: ({ spec }) => (spec.cidrs ?? []).join(','),
    },
    ageColumn,
  ],
  validate: validateServiceCIDR,
  validateUpdate: validateServiceCIDRUpdate,
});
