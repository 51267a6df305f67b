// Endpoints.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, formatFirst, nameColumn, orNone } from '../printing.ts';
import { int32, list, message, type Read, string, struct } from '../schema.ts';
import { Protocol } from './container.ts';
import { validateEndpoints } from './endpoints-validation.ts';
import { endpointsWarnings } from './endpoints-warnings.ts';
import { ObjectReference } from './references.ts';

export const EndpointAddress = struct(
  'core/v1.EndpointAddress',
  {
    ip: string(1, { required: true }),
    hostname: string(3),
    nodeName: string(4, { optional: true }),
    targetRef: message(2, ObjectReference, { optional: true }),
  },
  { atomic: true },
);
export type EndpointAddress = Read<typeof EndpointAddress>;

export const EndpointPort = struct(
  'core/v1.EndpointPort',
  {
    name: string(1),
    port: int32(2, { required: true }),
    protocol: string(3, { defaultsTo: 'TCP', enum: Protocol }),
    appProtocol: string(4, { optional: true }),
  },
  { atomic: true },
);
export type EndpointPort = Read<typeof EndpointPort>;

export const EndpointSubset = struct('core/v1.EndpointSubset', {
  addresses: list(1, EndpointAddress, { list: 'atomic' }),
  notReadyAddresses: list(2, EndpointAddress, { list: 'atomic' }),
  ports: list(3, EndpointPort, { list: 'atomic' }),
});
export type EndpointSubset = Read<typeof EndpointSubset>;

const schema = struct('core/v1.Endpoints', {
  metadata: message(1, ObjectMeta),
  subsets: list(2, EndpointSubset, { list: 'atomic' }),
});
export type Endpoints = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const Endpoints = kind({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  scope: 'Namespaced',
  createOnUpdate: true,
  deprecated: { since: '1.33', use: 'discovery.k8s.io/v1 EndpointSlice' },
  shortNames: ['ep'],
  schema,
  columns: [
    nameColumn,
    {
      name: 'Endpoints',
      type: 'string',
      description: 'Addresses of the service, each with its port.',
      value: ({ subsets }) => formatSubsets(subsets),
    },
    ageColumn,
  ],
  validate: validateEndpoints,
  warnings: endpointsWarnings,
});

const MAX_SHOWN = 3;

function formatSubsets(subsets: readonly EndpointSubset[] = []): string {
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) =>
          addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
        ),
  );
  return subsets.length === 0 ? orNone('') : formatFirst(all, MAX_SHOWN);
}
