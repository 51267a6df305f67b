// Copies Endpoints that people keep by hand, for services without a selector, into EndpointSlices, which is what the
// service proxy reads. Upstream: pkg/controller/endpointslicemirroring.

import { type EndpointAddress, type EndpointSubset, Endpoints } from '../../api/core/endpoints.ts';
import { Service } from '../../api/core/service.ts';
import { AddressType, type Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import type { EndpointGroup } from '../endpointslice/plan-slices.ts';
import { MANAGED_BY, SERVICE_NAME, type SliceTemplate, writeSlices } from '../endpointslice/write-slices.ts';
import { controllerReference } from '../owner-reference.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { hasSelector } from '../service-pods.ts';

const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SKIP_MIRROR = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER_ELECTION = 'control-plane.alpha.kubernetes.io/leader';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const MAX_PER_SLICE = 1000;
const SERVICE_INDEX = 'service';

export function endpointSliceMirroring({ client, clock, informers }: ControllerDeps): Controller {
  const services = informers.informer(Service);
  const endpoints = informers.informer(Endpoints);
  const slices = informers.informer(EndpointSlice, { indexes: { [SERVICE_INDEX]: serviceKeys } });
  const writes = new PendingWrites({ clock });
  return {
    name: 'endpointslice-mirroring-controller',
    reads: [services, endpoints, slices],
    watch: (enqueue) => [
      ...[services, endpoints].map((informer) =>
        informer.subscribe((changes: readonly { readonly object: Service | Endpoints }[]) => {
          for (const { object } of changes) enqueue(keyOf(object.metadata));
        }),
      ),
      slices.subscribe((changes) => {
        for (const { object } of changes) if (isOurs(object)) for (const key of serviceKeys(object)) enqueue(key);
      }),
    ],
    async reconcile(key, { signal }) {
      const service = services.get(key);
      const mirrored = endpoints.get(key);
      if (!writes.settled(key)) return UNSETTLED;
      const existing = slices.byIndex(SERVICE_INDEX, key).filter(isOurs);
      if (!service || !mirrored || hasSelector(service) || !isMirrored(mirrored)) {
        for (const slice of existing) {
          await client.delete(EndpointSlice, slice.metadata, { signal });
          writes.deleted(key, slices, slice);
        }
        return undefined;
      }
      for (const addressType of AddressType) {
        const groups = (mirrored.subsets ?? []).map((subset) => groupOf(subset, addressType));
        const filled = groups.filter((group) => group.endpoints.length > 0);
        const ofType = existing.filter((slice) => slice.addressType === addressType);
        // An empty slice says that the service was looked at; one is enough.
        if (filled.length === 0 && ofType.length === 0 && addressType !== 'IPv4') continue;
        await writeSlices({ client, signal }, templateOf(mirrored, addressType), ofType, filled, {
          maxPerSlice: MAX_PER_SLICE,
          onWrite: (slice) => writes.wrote(key, slices, slice),
          onDelete: (slice) => writes.deleted(key, slices, slice),
        });
      }
      return undefined;
    },
  };
}

function serviceKeys({ metadata }: EndpointSlice): readonly string[] {
  const name = metadata.labels?.[SERVICE_NAME];
  return name ? [keyOf({ namespace: metadata.namespace, name })] : [];
}

function isOurs({ metadata }: EndpointSlice): boolean {
  return metadata.labels?.[MANAGED_BY] === MANAGER;
}

function isMirrored({ metadata }: Endpoints): boolean {
  return metadata.labels?.[SKIP_MIRROR] !== 'true' && metadata.annotations?.[LEADER_ELECTION] === undefined;
}

function groupOf(
  { addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset,
  type: AddressType,
): EndpointGroup {
  const ofType = ({ ip }: EndpointAddress) => ip.includes(':') === (type === 'IPv6') && type !== 'FQDN';
  return {
    ports: ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
      name,
      protocol,
      port,
      ...(appProtocol === undefined ? {} : { appProtocol }),
    })),
    endpoints: [
      ...addresses.filter(ofType).map((address) => endpointOf(address, true)),
      ...notReadyAddresses.filter(ofType).map((address) => endpointOf(address, false)),
    ],
  };
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  };
}

function templateOf(mirrored: Endpoints, addressType: AddressType): SliceTemplate {
  const { namespace, name, labels, annotations = {} } = mirrored.metadata;
  const { [LAST_APPLIED]: _applied, ...copied } = annotations;
  return {
    addressType,
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, [SERVICE_NAME]: name, [MANAGED_BY]: MANAGER },
      ...(Object.keys(copied).length > 0 ? { annotations: copied } : {}),
      ownerReferences: [controllerReference(Endpoints, mirrored)],
    },
  };
}
