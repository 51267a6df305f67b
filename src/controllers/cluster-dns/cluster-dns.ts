// Publishes cluster DNS, which every node serves by itself: Service kube-system/kube-dns and slices with the node's own
// address each. The service's internal traffic stays on the node, so a lookup never crosses the network.

import { Namespace } from '../../api/core/namespace.ts';
import { Node } from '../../api/core/node.ts';
import { Service } from '../../api/core/service.ts';
import { type Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import type { InputOf } from '../../api/kind.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import type { EndpointGroup } from '../endpointslice/plan-slices.ts';
import { MANAGED_BY, SERVICE_NAME, type SliceTemplate, writeSlices } from '../endpointslice/write-slices.ts';
import { controllerReference } from '../owner-reference.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';

const NAMESPACE = 'kube-system';
const NAME = 'kube-dns';
const MANAGER = 'cluster-dns-controller.typernetes.io';
/** The most that a slice may hold: a node is one endpoint, and there may be thousands. */
const MAX_PER_SLICE = 1000;
const DNS_PORT = 53;

export function clusterDns({ client, clock, informers, config }: ControllerDeps): Controller {
  const nodes = informers.informer(Node);
  const services = informers.informer(Service);
  const slices = informers.informer(EndpointSlice);
  const namespaces = informers.informer(Namespace);
  const writes = new PendingWrites({ clock });
  const key = `${NAMESPACE}/${NAME}`;
  return {
    name: 'cluster-dns-controller',
    concurrency: 1,
    reads: [nodes, services, slices, namespaces],
    watch(enqueue) {
      return [
        namespaces.subscribe((changes) => {
          if (changes.some(({ object }) => object.metadata.name === NAMESPACE)) enqueue(key);
        }),
        nodes.subscribe((changes) => {
          const matters = changes.some(
            (change) => change.type !== 'updated' || !deepEqual(endpointOf(change.object), endpointOf(change.previous)),
          );
          if (matters) enqueue(key);
        }),
        services.subscribe((changes) => {
          if (changes.some(({ object }) => isDns(object.metadata.namespace, object.metadata.name))) enqueue(key);
        }),
        slices.subscribe((changes) => {
          if (changes.some(({ object }) => isOurs(object))) enqueue(key);
        }),
      ];
    },
    async reconcile(_key, { signal }) {
      if (namespaces.get(NAMESPACE)?.status.phase !== 'Active') return undefined; // system-namespaces makes it.
      const service = services.get(key);
      if (!writes.settled(key)) return UNSETTLED;
      if (!service) {
        writes.wrote(key, services, await client.create(Service, wantedService(config.dns.clusterIp), { signal }));
        return UNSETTLED; // Its slices refer to it.
      }
      const groups = endpointGroups(nodes.list(), config.dns.nodePort);
      const existing = slices.list(NAMESPACE).filter(isOurs);
      return writeSlices({ client, signal }, templateOf(service), existing, groups, {
        maxPerSlice: MAX_PER_SLICE,
        onWrite: (slice) => writes.wrote(key, slices, slice),
        onDelete: (slice) => writes.deleted(key, slices, slice),
      });
    },
  };
}

function endpointGroups(nodes: readonly Node[], port: number): readonly EndpointGroup[] {
  const endpoints = nodes.map(endpointOf).filter((endpoint) => endpoint !== undefined);
  if (endpoints.length === 0) return [];
  const ports = [
    { name: 'dns', protocol: 'UDP', port },
    { name: 'dns-tcp', protocol: 'TCP', port },
  ] as const;
  return [{ ports, endpoints }];
}

function wantedService(clusterIp: string): InputOf<typeof Service> {
  return {
    metadata: {
      namespace: NAMESPACE,
      name: NAME,
      labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: clusterIp,
      internalTrafficPolicy: 'Local',
      ports: [
        { name: 'dns', protocol: 'UDP', port: DNS_PORT, targetPort: DNS_PORT },
        { name: 'dns-tcp', protocol: 'TCP', port: DNS_PORT, targetPort: DNS_PORT },
      ],
    },
  };
}

/** A node that is not ready answers no lookups, and there is nobody on it to ask. */
function endpointOf({ metadata, status }: Node): Endpoint | undefined {
  const address = status.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  const isReady = status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  if (address === undefined || !isReady) return undefined;
  return { addresses: [address], conditions: { ready: true }, nodeName: metadata.name };
}

function templateOf(service: Service): SliceTemplate {
  return {
    addressType: service.spec.clusterIP?.includes(':') ? 'IPv6' : 'IPv4',
    metadata: {
      generateName: `${NAME}-`,
      namespace: NAMESPACE,
      labels: { 'k8s-app': 'kube-dns', [SERVICE_NAME]: NAME, [MANAGED_BY]: MANAGER },
      ownerReferences: [controllerReference(Service, service)],
    },
  };
}

function isDns(namespace: string, name: string): boolean {
  return namespace === NAMESPACE && name === NAME;
}

function isOurs({ metadata }: EndpointSlice): boolean {
  return metadata.namespace === NAMESPACE && metadata.labels?.[MANAGED_BY] === MANAGER;
}
