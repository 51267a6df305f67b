// ServiceCIDR.

import { kind, type ObjectOf } from '../kind.ts';
import { Condition } from '../meta/condition.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { list, message, type Read, struct } from '../schema.ts';

export const ServiceCIDRSpec = struct('networking.k8s.io/v1.ServiceCIDRSpec', {
  cidrs: list(1, 'string', { list: 'atomic' }),
});
export type ServiceCIDRSpec = Read<typeof ServiceCIDRSpec>;

export const ServiceCIDRStatus = struct('networking.k8s.io/v1.ServiceCIDRStatus', {
  conditions: list(1, Condition, { list: { keys: ['type'] }, merge: 'type' }),
});
export type ServiceCIDRStatus = Read<typeof ServiceCIDRStatus>;

export const ServiceCIDR = kind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  scope: 'Cluster',
  schema: struct('networking.k8s.io/v1.ServiceCIDR', {
    metadata: message(1, ObjectMeta),
    spec: message(2, ServiceCIDRSpec),
    status: message(3, ServiceCIDRStatus),
  }),
  subresources: {
    status: { type: 'status' },
  },
  generation: [['spec']],
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
});
export type ServiceCIDR = ObjectOf<typeof ServiceCIDR>;
