// IPAddress.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { message, type Read, string, struct } from '../schema.ts';
import { validateIPAddress, validateIPAddressUpdate } from './ip-address-validation.ts';

export const ParentReference = struct('networking.k8s.io/v1.ParentReference', {
  group: string(1),
  resource: string(2, { required: true, omit: 'empty' }),
  namespace: string(3),
  name: string(4, { required: true, omit: 'empty' }),
});
export type ParentReference = Read<typeof ParentReference>;

export const IPAddressSpec = struct('networking.k8s.io/v1.IPAddressSpec', {
  parentRef: message(1, ParentReference, { required: true, optional: true, omit: 'empty' }),
});
export type IPAddressSpec = Read<typeof IPAddressSpec>;

const schema = struct('networking.k8s.io/v1.IPAddress', {
  metadata: message(1, ObjectMeta),
  spec: message(2, IPAddressSpec, { required: true, omit: 'empty' }),
});
export type IPAddress = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const IPAddress = kind({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  scope: 'Cluster',
  shortNames: ['ip'],
  schema,
  nameRule: 'ip',
  columns: [
    nameColumn,
    {
      name: 'ParentRef',
      type: 'string',
      description: 'What has the address.',
      value: ({ spec }) => formatParent(spec.parentRef),
    },
    ageColumn,
  ],
  validate: validateIPAddress,
  validateUpdate: validateIPAddressUpdate,
});

function formatParent(parent: ParentReference | undefined): string {
  if (!parent) return '<none>';
  const resource = (parent.group ? `${parent.resource}.${parent.group}` : parent.resource).toLowerCase();
  return [resource, parent.namespace, parent.name].filter(Boolean).join('/');
}
