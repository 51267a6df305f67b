// Copies Endpoints that people keep by hand, for services without a selector, into EndpointSlices, which is what the
// service proxy reads. Upstream: pkg/controller/endpointslicemirroring.

import { type EndpointAddress, type EndpointSubset, Endpoints } from '../../api/core/endpoints.ts';
import { Service } from '../../api/core/service.ts';
import { type AddressType, type Endpoint, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { type EndpointGroup, mergeGroups } from '../endpointslice/plan-slices.ts';
import {
  deleteSlices,
  MANAGED_BY,
  SERVICE_INDEX,
  SERVICE_NAME,
  type SliceTemplate,
  serviceKeys,
  watchOwnSlices,
  writeSlices,
} from '../endpointslice/write-slices.ts';
import { controllerReference } from '../owner-reference.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { LAST_CHANGE_TRIGGER_TIME } from '../trigger-times.ts';

const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SKIP_MIRROR = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER_ELECTION = 'control-plane.alpha.kubernetes.io/leader';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const MANAGED_ENDPOINTS = 'endpoints.kubernetes.io/managed-by';
/** So many addresses of each subset are mirrored, in one slice. */
const MAX_PER_SUBSET = 1000;

export function endpointSliceMirroring({ client, clock, informers, events }: ControllerDeps): Controller {
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
      watchOwnSlices(slices, isOurs, enqueue),
    ],
    async reconcile(key, { signal }) {
      const service = services.get(key);
      const mirrored = endpoints.get(key);
      if (!writes.settled(key)) return UNSETTLED;
      const existing = slices.byIndex(SERVICE_INDEX, key).filter(isOurs);
      let isNews = false;
      const options = {
        maxPerSlice: MAX_PER_SUBSET,
        placeholder: false,
        onWrite: (slice: EndpointSlice) => {
          isNews = true;
          writes.wrote(key, slices, slice);
        },
        onDelete: (slice: EndpointSlice) => writes.deleted(key, slices, slice),
      };
      if (!service || !mirrored || selects(service) || !isMirrored(mirrored)) {
        await deleteSlices({ client, signal }, existing, options);
        return mirrored ? undefined : writes.forget(key);
      }
      const mayCreate = mirrored.metadata.deletionTimestamp === undefined;
      for (const addressType of MIRRORED_TYPES) {
        const groups = groupsOf(mirrored, addressType);
        const ofType = existing.filter((slice) => slice.addressType === addressType);
        const template = templateOf(mirrored, addressType);
        await writeSlices({ client, signal }, template, ofType, groups, { ...options, mayCreate });
      }
      const surplus = surplusAddresses(mirrored);
      if (isNews && surplus > 0) events.event(mirrored, 'Warning', 'TooManyAddressesToMirror', surplusText(surplus));
      return undefined;
    },
  };
}

const MIRRORED_TYPES = ['IPv4', 'IPv6'] as const;

function isOurs({ metadata }: EndpointSlice): boolean {
  return metadata.labels?.[MANAGED_BY] === MANAGER;
}

/** Those that the endpoints controller makes have slices of their own. */
function isMirrored({ metadata }: Endpoints): boolean {
  return (
    metadata.labels?.[SKIP_MIRROR] !== 'true' &&
    metadata.labels?.[MANAGED_ENDPOINTS] === undefined &&
    metadata.annotations?.[LEADER_ELECTION] === undefined
  );
}

/** Whatever the type of the service. */
function selects({ spec }: Service): boolean {
  return Object.keys(spec.selector ?? {}).length > 0;
}

function surplusText(surplus: number): string {
  const rule = `A max of ${MAX_PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints subset.`;
  return `${rule} ${surplus} addresses were skipped`;
}

function surplusAddresses({ subsets = [] }: Endpoints): number {
  const surplus = ({ addresses = [], notReadyAddresses = [] }: EndpointSubset) =>
    Math.max(0, addresses.length + notReadyAddresses.length - MAX_PER_SUBSET);
  return subsets.reduce((sum, subset) => sum + surplus(subset), 0);
}

function groupsOf({ subsets = [] }: Endpoints, addressType: AddressType): readonly EndpointGroup[] {
  const groups = subsets.map(({ addresses = [], notReadyAddresses = [], ports = [] }) => ({
    ports: ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
      name,
      protocol,
      port,
      ...(appProtocol === undefined ? {} : { appProtocol }),
    })),
    endpoints: [
      ...addresses.map((address) => endpointOf(address, true)),
      ...notReadyAddresses.map((address) => endpointOf(address, false)),
    ]
      .slice(0, MAX_PER_SUBSET)
      .filter((endpoint) => endpoint.addresses[0]?.includes(':') === (addressType === 'IPv6')),
  }));
  return mergeGroups(groups).filter(({ endpoints }) => endpoints.length > 0);
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
  const { [LAST_APPLIED]: _applied, [LAST_CHANGE_TRIGGER_TIME]: _time, ...copied } = annotations;
  return {
    addressType,
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, [SERVICE_NAME]: name, [MANAGED_BY]: MANAGER },
      ownerReferences: [controllerReference(Endpoints, mirrored)],
    },
    annotations: { after: () => copied, areCompared: true },
  };
}
