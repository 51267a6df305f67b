// Publishes the API server inside the cluster: Service default/kubernetes with its Endpoints and EndpointSlice. Upstream:
// pkg/controlplane/controller/kubernetesservice and reconcilers; like there, it runs with the API server's own identity.

import { Endpoints } from '../../api/core/endpoints.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Service, type ServicePort } from '../../api/core/service.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import type { InputOf, Kind, ObjectOf } from '../../api/kind.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Client } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';

export interface ApiServerEndpointsOptions {
  /** `10.96.0.1`: the first address of the service range. */
  readonly clusterIp: string;
  /** Addresses of all API servers of the cluster, of one family. */
  readonly addresses: readonly string[];
  /** The port on which they listen. */
  readonly port: number;
}

const NAMESPACE = 'default';
const NAME = 'kubernetes';
const SERVICE_PORT = 443;

export function apiServerEndpoints(
  { client, informers }: Pick<ControllerDeps, 'client' | 'informers'>,
  options: ApiServerEndpointsOptions,
): Controller {
  const selection = { namespace: NAMESPACE, fieldSelector: `metadata.name=${NAME}` };
  const services = informers.informer(Service, selection);
  const endpoints = informers.informer(Endpoints, selection);
  const slices = informers.informer(EndpointSlice, selection);
  const all = [services, endpoints, slices] as const;
  const namespaces = informers.informer(Namespace);
  return {
    name: 'apiserver-endpoints',
    concurrency: 1,
    reads: [...all, namespaces],
    watch: (enqueue) => [
      ...all.map((informer: Pick<Informer<unknown>, 'subscribe'>) => informer.subscribe(() => enqueue(NAME))),
      namespaces.subscribe((changes) => {
        if (changes.some(({ object }) => object.metadata.name === NAMESPACE)) enqueue(NAME);
      }),
    ],
    async reconcile(_key, { signal }) {
      if (namespaces.get(NAMESPACE)?.status.phase !== 'Active') return; // system-namespaces makes it.
      const deps = { client, signal };
      await ensure(deps, Service, services, wantedService(options), hasWantedPorts);
      await ensure(deps, Endpoints, endpoints, wantedEndpoints(options), (current, wanted) =>
        deepEqual(current.subsets ?? [], wanted.subsets),
      );
      await ensure(deps, EndpointSlice, slices, wantedSlice(options), (current, wanted) =>
        deepEqual([current.endpoints, current.ports], [wanted.endpoints, wanted.ports]),
      );
    },
  };
}

/** Creates the object, or puts the wanted fields back where they are not `same`. */
async function ensure<K extends Kind>(
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
  kind: K,
  informer: Pick<Informer<ObjectOf<K>>, 'get'>,
  wanted: InputOf<K>,
  same: (current: ObjectOf<K>, wanted: InputOf<K>) => boolean,
): Promise<void> {
  const current = informer.get({ namespace: NAMESPACE, name: NAME });
  if (current && same(current, wanted)) return;
  try {
    if (!current) {
      await client.create(kind, wanted, { signal });
      return;
    }
    const metadata = { ...(current as { metadata: object }).metadata, labels: wanted.metadata?.labels };
    await client.update(kind, { ...current, ...wanted, metadata } as InputOf<K>, { signal });
  } catch (error) {
    // Not in the cache yet: the event of it comes and it is looked at again.
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}

function wantedService({ clusterIp, port }: ApiServerEndpointsOptions): InputOf<typeof Service> {
  return {
    metadata: { namespace: NAMESPACE, name: NAME, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP: clusterIp,
      clusterIPs: [clusterIp],
      ipFamilies: [clusterIp.includes(':') ? 'IPv6' : 'IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'None',
      ports: [{ name: 'https', protocol: 'TCP', port: SERVICE_PORT, targetPort: port }],
    },
  };
}

function hasWantedPorts(current: Service, wanted: InputOf<typeof Service>): boolean {
  return deepEqual(portShapes(current.spec.ports), portShapes(wanted.spec?.ports));
}

type PortShape = Partial<Pick<ServicePort, 'name' | 'protocol' | 'port' | 'targetPort'>>;

function portShapes(ports: readonly PortShape[] = []): unknown {
  return ports.map(({ name, protocol, port, targetPort }) => [name, protocol, port, targetPort]);
}

function wantedEndpoints({ addresses, port }: ApiServerEndpointsOptions): InputOf<typeof Endpoints> {
  return {
    metadata: {
      namespace: NAMESPACE,
      name: NAME,
      // Its slice is written here, not mirrored from it.
      labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  };
}

function wantedSlice({ addresses, port }: ApiServerEndpointsOptions): InputOf<typeof EndpointSlice> {
  return {
    metadata: { namespace: NAMESPACE, name: NAME, labels: { 'kubernetes.io/service-name': NAME } },
    addressType: addresses[0]?.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  };
}
