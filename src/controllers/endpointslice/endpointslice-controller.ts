// Keeps the EndpointSlices of every service with a selector. Upstream: pkg/controller/endpointslice and
// staging/src/k8s.io/endpointslice. Not done: topology hints, and the annotation with the time of the last change.

import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { AddressType, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { controllerReference } from '../owner-reference.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { hasSelector, isHeadless, selectedPods, watchServicePods } from '../service-pods.ts';
import { addressTypesOf, serviceEndpoints } from './service-endpoints.ts';
import { MANAGED_BY, SERVICE_NAME, type SliceTemplate, writeSlices } from './write-slices.ts';

const MANAGER = 'endpointslice-controller.k8s.io';
const HEADLESS = 'service.kubernetes.io/headless';
const MAX_PER_SLICE = 100;
/** Pods that change together are written together. */
const BATCH_MS = 50;
const SERVICE_INDEX = 'service';

export function endpointSliceController({ client, clock, informers, events }: ControllerDeps): Controller {
  const services = informers.informer(Service);
  const pods = informers.informer(Pod);
  const nodes = informers.informer(Node);
  const slices = informers.informer(EndpointSlice, { indexes: { [SERVICE_INDEX]: (slice) => serviceKeys(slice) } });
  const writes = new PendingWrites({ clock });
  const zoneOf = (nodeName: string) => nodes.get(nodeName)?.metadata.labels?.['topology.kubernetes.io/zone'];
  return {
    name: 'endpointslice-controller',
    reads: [services, pods, nodes, slices],
    watch: (enqueue) => [
      ...watchServicePods({ services, pods }, enqueue, { batchMs: BATCH_MS }),
      // Somebody else's change to a slice is put right; our own finds nothing to do.
      slices.subscribe((changes) => {
        for (const { object } of changes) if (isOurs(object)) for (const key of serviceKeys(object)) enqueue(key);
      }),
    ],
    async reconcile(key, { signal }) {
      const service = services.get(key);
      if (!service) return writes.forget(key); // Its slices are the garbage collector's.
      if (!hasSelector(service) || service.metadata.deletionTimestamp !== undefined) return;
      if (!writes.settled(key)) return UNSETTLED;
      const existing = slices.byIndex(SERVICE_INDEX, key).filter(isOurs);
      const selected = selectedPods(service, pods);
      const wanted = addressTypesOf(service);
      try {
        for (const addressType of AddressType) {
          const ofType = existing.filter((slice) => slice.addressType === addressType);
          if (wanted.includes(addressType)) {
            const groups = serviceEndpoints(service, selected, addressType, zoneOf);
            await writeSlices({ client, signal }, templateOf(service, addressType), ofType, groups, {
              maxPerSlice: MAX_PER_SLICE,
              onWrite: (slice) => writes.wrote(key, slices, slice),
              onDelete: (slice) => writes.deleted(key, slices, slice),
            });
            continue;
          }
          for (const slice of ofType) {
            await client.delete(EndpointSlice, slice.metadata, { signal });
            writes.deleted(key, slices, slice);
          }
        }
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        const text = `Error updating Endpoint Slices for Service ${key}: ${why}`;
        events.event(service, 'Warning', 'FailedToUpdateEndpointSlices', text);
        throw error;
      }
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

function templateOf(service: Service, addressType: AddressType): SliceTemplate {
  const { namespace, name } = service.metadata;
  return {
    addressType,
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: {
        ...service.metadata.labels,
        [SERVICE_NAME]: name,
        [MANAGED_BY]: MANAGER,
        ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
      },
      ownerReferences: [controllerReference(Service, service)],
    },
  };
}
