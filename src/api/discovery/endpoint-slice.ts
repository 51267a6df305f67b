// EndpointSlice.

import { Protocol } from '../core/container.ts';
import { ObjectReference } from '../core/references.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, formatFirst, nameColumn } from '../printing.ts';
import { bool, int32, list, map, message, type Read, string, struct } from '../schema.ts';
import { prepareSliceForCreate, prepareSliceForUpdate } from './endpoint-slice-strategy.ts';
import { validateEndpointSlice, validateEndpointSliceUpdate } from './endpoint-slice-validation.ts';
import { endpointSliceWarnings } from './endpoint-slice-warnings.ts';

export const EndpointConditions = struct('discovery.k8s.io/v1.EndpointConditions', {
  ready: bool(1, { optional: true }),
  serving: bool(2, { optional: true }),
  terminating: bool(3, { optional: true }),
});
export type EndpointConditions = Read<typeof EndpointConditions>;

export const ForZone = struct('discovery.k8s.io/v1.ForZone', {
  name: string(1, { required: true }),
});
export type ForZone = Read<typeof ForZone>;

export const ForNode = struct('discovery.k8s.io/v1.ForNode', {
  name: string(1, { required: true }),
});
export type ForNode = Read<typeof ForNode>;

export const EndpointHints = struct('discovery.k8s.io/v1.EndpointHints', {
  forZones: list(1, ForZone, { list: 'atomic' }),
  forNodes: list(2, ForNode, { list: 'atomic' }),
});
export type EndpointHints = Read<typeof EndpointHints>;

export const Endpoint = struct('discovery.k8s.io/v1.Endpoint', {
  addresses: list(1, 'string', { required: true, list: 'set' }),
  conditions: message(2, EndpointConditions),
  hostname: string(3, { optional: true }),
  targetRef: message(4, ObjectReference, { optional: true }),
  deprecatedTopology: map(5, 'string', { deprecated: true }),
  nodeName: string(6, { optional: true }),
  zone: string(7, { optional: true }),
  hints: message(8, EndpointHints, { optional: true }),
});
export type Endpoint = Read<typeof Endpoint>;

export const EndpointPort = struct(
  'discovery.k8s.io/v1.EndpointPort',
  {
    name: string(1, { optional: true, defaultsTo: '' }),
    protocol: string(2, { optional: true, defaultsTo: 'TCP', enum: Protocol }),
    port: int32(3, { optional: true }),
    appProtocol: string(4, { optional: true }),
  },
  { atomic: true },
);
export type EndpointPort = Read<typeof EndpointPort>;

export const AddressType = ['IPv4', 'IPv6', 'FQDN'] as const;
export type AddressType = (typeof AddressType)[number];

const schema = struct('discovery.k8s.io/v1.EndpointSlice', {
  metadata: message(1, ObjectMeta),
  addressType: string(4, { required: true, enum: AddressType }),
  endpoints: list(2, Endpoint, { omit: 'never', list: 'atomic' }),
  ports: list(3, EndpointPort, { omit: 'never', list: 'atomic' }),
});
export type EndpointSlice = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const EndpointSlice = kind({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
  schema,
  generation: [['addressType'], ['endpoints'], ['ports'], ['metadata', 'labels']],
  columns: [
    nameColumn,
    {
      name: 'AddressType',
      type: 'string',
      description: 'Kind of the addresses.',
      value: ({ addressType }) => addressType,
    },
    {
      name: 'Ports',
      type: 'string',
      description: 'Ports of the endpoints.',
      value: ({ ports }) => formatFirst((ports ?? []).map(formatPort), MAX_SHOWN) || '<unset>',
    },
    {
      name: 'Endpoints',
      type: 'string',
      description: 'Addresses of the endpoints.',
      value: ({ endpoints }) =>
        formatFirst(
          (endpoints ?? []).flatMap(({ addresses }) => addresses ?? []),
          MAX_SHOWN,
        ) || '<unset>',
    },
    ageColumn,
  ],
  prepareForCreate: prepareSliceForCreate,
  prepareForUpdate: prepareSliceForUpdate,
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  warnings: endpointSliceWarnings,
});

const MAX_SHOWN = 3;

function formatPort({ port, name }: EndpointPort): string {
  return String(port ?? name ?? '*');
}
