// Keeps the Endpoints of every service with a selector, for readers that know no EndpointSlices. Upstream:
// pkg/controller/endpoint. Not done: the annotation with the time of the last change.

import { Endpoints } from '../../api/core/endpoints.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { type Client, refOf } from '../../client/client.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { isNamespaceTerminating } from '../pod-from-template.ts';
import { hasSelector, isHeadless, selectedPods, watchServicePods } from '../service-pods.ts';
import { planSubsets } from './plan-subsets.ts';

const HEADLESS = 'service.kubernetes.io/headless';
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
/** Pods that change together are written together. */
const BATCH_MS = 50;

export function endpointsController({ client, clock, informers, events }: ControllerDeps): Controller {
  const services = informers.informer(Service);
  const pods = informers.informer(Pod);
  const endpoints = informers.informer(Endpoints);
  const writes = new PendingWrites({ clock });
  return {
    name: 'endpoints-controller',
    reads: [services, pods, endpoints],
    watch: (enqueue) => watchServicePods({ services, pods }, enqueue, { batchMs: BATCH_MS }),
    async reconcile(key, { signal }) {
      const service = services.get(key);
      const current = endpoints.get(key);
      if (!service) {
        writes.forget(key);
        return current && remove(client, current, signal);
      }
      if (!hasSelector(service)) return undefined;
      if (!writes.settled(key)) return UNSETTLED;
      const wanted = wantedEndpoints(service, selectedPods(service, pods), current);
      if (current && isSame(current, wanted)) return undefined;
      try {
        const written = current
          ? await client.update(Endpoints, { ...current, ...wanted }, { signal })
          : await client.create(Endpoints, wanted, { signal });
        writes.wrote(key, endpoints, written);
        return undefined;
      } catch (error) {
        if (isNamespaceTerminating(error)) return undefined;
        const why = error instanceof Error ? error.message : String(error);
        const verb = current ? 'update' : 'create';
        const reason = current ? 'FailedToUpdateEndpoint' : 'FailedToCreateEndpoint';
        events.event(service, 'Warning', reason, `Failed to ${verb} endpoint ${key}: ${why}`);
        throw error;
      }
    },
  };
}

function wantedEndpoints(service: Service, selected: readonly Pod[], current: Endpoints | undefined) {
  const { subsets, isTruncated } = planSubsets(service, selected);
  const { namespace, name } = service.metadata;
  const { [OVER_CAPACITY]: _over, ...annotations } = current?.metadata.annotations ?? {};
  const { [HEADLESS]: _headless, ...labels } = service.metadata.labels ?? {};
  return {
    metadata: {
      ...current?.metadata,
      namespace,
      name,
      labels: { ...labels, [MANAGED_BY]: 'endpoint-controller', ...(isHeadless(service) ? { [HEADLESS]: '' } : {}) },
      annotations: { ...annotations, ...(isTruncated ? { [OVER_CAPACITY]: 'truncated' } : {}) },
    },
    subsets,
  };
}

function isSame(current: Endpoints, wanted: ReturnType<typeof wantedEndpoints>): boolean {
  return (
    deepEqual(current.subsets ?? [], wanted.subsets) &&
    deepEqual(current.metadata.labels ?? {}, wanted.metadata.labels) &&
    deepEqual(current.metadata.annotations ?? {}, wanted.metadata.annotations)
  );
}

async function remove(client: Client, current: Endpoints, signal: AbortSignal): Promise<void> {
  try {
    await client.delete(Endpoints, refOf(current), { preconditions: { uid: current.metadata.uid }, signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound', 'Conflict')) throw error;
  }
}
