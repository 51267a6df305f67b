// Services and endpoint slices as they come from the API server, for tests: only what a test is about is spelled out.

import { Service } from '../../src/api/core/service.ts';
import { EndpointSlice } from '../../src/api/discovery/endpoint-slice.ts';
import type { InputOf } from '../../src/api/kind.ts';
import { readInput } from '../../src/api/read-input.ts';

type ServiceSpec = NonNullable<InputOf<typeof Service>['spec']>;
type SliceInput = InputOf<typeof EndpointSlice>;
type Served = { uid: string; resourceVersion: string; creationTimestamp: string };

const SERVED: Served = { uid: 'uid', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

/** With the cluster IP 10.96.0.10 and a port `web` 80 unless said otherwise. */
export function service(
  name: string,
  spec: Partial<ServiceSpec> = {},
  { namespace = 'default', status }: { readonly namespace?: string; readonly status?: Service['status'] } = {},
): Service {
  const full = { clusterIP: '10.96.0.10', ports: [{ name: 'web', port: 80, protocol: 'TCP' }], ...spec } as ServiceSpec;
  const draft = readInput(Service, { metadata: { name, namespace }, spec: full });
  return {
    ...draft,
    metadata: { ...SERVED, name, namespace },
    status: status ?? draft.status,
  } as Service;
}

export interface EndpointShape {
  readonly ip: string;
  readonly node?: string;
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
  readonly hostname?: string;
}

/** A slice of the service with a port `web` 8080 unless said otherwise. */
export function slice(
  serviceName: string,
  endpoints: readonly EndpointShape[],
  { namespace = 'default', ...more }: Partial<SliceInput> & { readonly namespace?: string } = {},
): EndpointSlice {
  const name = `${serviceName}-abc`;
  const input: SliceInput = {
    addressType: 'IPv4',
    ports: [{ name: 'web', port: 8080, protocol: 'TCP' }],
    endpoints: endpoints.map(({ ip, node, hostname, ...conditions }) => ({
      addresses: [ip],
      conditions,
      ...(node === undefined ? {} : { nodeName: node }),
      ...(hostname === undefined ? {} : { hostname }),
    })),
    ...more,
    metadata: { name, namespace },
  };
  const labels = { 'kubernetes.io/service-name': serviceName };
  return { ...readInput(EndpointSlice, input), metadata: { ...SERVED, name, namespace, labels } } as EndpointSlice;
}
