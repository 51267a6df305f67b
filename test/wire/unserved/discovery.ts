// Types of discovery that v1.36 knows and serves nothing as unless it is told to.

import { ObjectReference } from '../../../src/api/core/references.ts';
import type { ObjectType } from '../../../src/api/decode-object.ts';
import { EndpointConditions, EndpointHints, EndpointPort } from '../../../src/api/discovery/endpoint-slice.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { list, map, message, string, struct } from '../../../src/api/schema.ts';

const Endpoint = struct('discovery.k8s.io/v1beta1.Endpoint', {
  addresses: list(1, 'string', { required: true }),
  conditions: message(2, EndpointConditions),
  hostname: string(3, { optional: true }),
  targetRef: message(4, ObjectReference, { optional: true }),
  topology: map(5, 'string'),
  nodeName: string(6, { optional: true }),
  hints: message(7, EndpointHints, { optional: true }),
});

const EndpointSlice = struct('discovery.k8s.io/v1beta1.EndpointSlice', {
  metadata: message(1, ObjectMeta),
  addressType: string(4, { required: true }),
  endpoints: list(2, Endpoint, { required: true }),
  ports: list(3, EndpointPort, { omit: 'never' }),
});

export const DISCOVERY_TYPES: readonly ObjectType[] = [
  { group: 'discovery.k8s.io', version: 'v1beta1', kind: 'EndpointSlice', schema: EndpointSlice },
];
