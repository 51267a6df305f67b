// Lease.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { int32, message, microTime, type Read, string, struct } from '../schema.ts';
import { prepareLeaseForCreate, prepareLeaseForUpdate } from './lease-strategy.ts';
import { validateLease } from './lease-validation.ts';

export const LeaseSpec = struct('coordination.k8s.io/v1.LeaseSpec', {
  holderIdentity: string(1, { optional: true }),
  leaseDurationSeconds: int32(2, { optional: true }),
  acquireTime: microTime(3, { optional: true }),
  renewTime: microTime(4, { optional: true }),
  leaseTransitions: int32(5, { optional: true }),
  strategy: string(6, { optional: true }),
  preferredHolder: string(7, { optional: true }),
});
export type LeaseSpec = Read<typeof LeaseSpec>;

const schema = struct('coordination.k8s.io/v1.Lease', {
  metadata: message(1, ObjectMeta),
  spec: message(2, LeaseSpec),
});
export type Lease = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const Lease = kind({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  updateNeedsVersion: true,
  createOnUpdate: true,
  schema,
  columns: [
    nameColumn,
    {
      name: 'Holder',
      type: 'string',
      description: 'Who holds the lease.',
      value: ({ spec }) => spec.holderIdentity ?? '',
    },
    ageColumn,
  ],
  prepareForCreate: prepareLeaseForCreate,
  prepareForUpdate: prepareLeaseForUpdate,
  validate: validateLease,
});
