// Keeps the Endpoints of every service with a selector, for readers that know no EndpointSlices. Upstream:
// pkg/controller/endpoint.

import { Endpoints } from '../../api/core/endpoints.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { messageOf } from '../../base/message-of.ts';
import { type Client, refOf } from '../../client/client.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { isNamespaceTerminating } from '../pod-from-template.ts';
import { hasSelector, isHeadless, selectedPods, watchServicePods } from '../service-pods.ts';
import { TriggerTimes, withTriggerTime } from '../trigger-times.ts';
import { planSubsets } from './plan-subsets.ts';

const HEADLESS = 'service.kubernetes.io/headless';
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const MANAGER = 'endpoint-controller';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
/** Pods that change together are written together. */
const BATCH_MS = 50;

export function endpointsController({ client, clock, informers, events }: ControllerDeps): Controller {
  const services = informers.informer(Service);
  const pods = informers.informer(Pod);
  const endpoints = informers.informer(Endpoints);
  const writes = new PendingWrites({ clock });
  const triggerTimes = new TriggerTimes();
  return {
    name: 'endpoints-controller',
    reads: [services, pods, endpoints],
    watch: (enqueue) => [
      ...watchServicePods({ services, pods }, enqueue, { batchMs: BATCH_MS }),
      // Those of services are put right; without a service, ours are left over and others' are none of our business.
      endpoints.subscribe((changes) => {
        for (const { object } of changes) {
          const key = keyOf(object.metadata);
          if (services.get(key) || object.metadata.labels?.[MANAGED_BY] === MANAGER) enqueue(key);
        }
      }),
    ],
    async reconcile(key, { signal }) {
      const service = services.get(key);
      const current = endpoints.get(key);
      if (!service) {
        writes.forget(key);
        triggerTimes.forget(key);
        return current && remove(client, current, signal);
      }
      if (!hasSelector(service)) return undefined;
      if (!writes.settled(key)) return UNSETTLED;
      const selected = selectedPods(service, pods);
      const wanted = wantedEndpoints(service, selected, current, triggerTimes.next(service, selected));
      if (current && isSame(current, wanted)) return undefined;
      try {
        const written = current
          ? await client.update(Endpoints, { ...current, ...wanted }, { signal })
          : await client.create(Endpoints, wanted, { signal });
        writes.wrote(key, endpoints, written);
        return undefined;
      } catch (error) {
        if (isNamespaceTerminating(error)) return undefined;
        const why = messageOf(error);
        if (current) {
          events.event(current, 'Warning', 'FailedToUpdateEndpoint', `Failed to update endpoint ${key}: ${why}`);
        } else {
          const { namespace, name } = service.metadata;
          const subject = { apiVersion: Endpoints.apiVersion, kind: Endpoints.kind, namespace, name };
          const text = `Failed to create endpoint for service ${key}: ${why}`;
          events.event(subject, 'Warning', 'FailedToCreateEndpoint', text);
        }
        throw error;
      }
    },
  };
}

function wantedEndpoints(
  service: Service,
  selected: readonly Pod[],
  current: Endpoints | undefined,
  triggerTime: string | undefined,
) {
  const { subsets, isTruncated } = planSubsets(service, selected);
  const { namespace, name } = service.metadata;
  const { [OVER_CAPACITY]: _over, ...annotations } = current?.metadata.annotations ?? {};
  const { [HEADLESS]: _headless, ...labels } = service.metadata.labels ?? {};
  return {
    metadata: {
      ...current?.metadata,
      namespace,
      name,
      labels: { ...labels, [MANAGED_BY]: MANAGER, ...(isHeadless(service) ? { [HEADLESS]: '' } : {}) },
      annotations: withTriggerTime(
        { ...annotations, ...(isTruncated ? { [OVER_CAPACITY]: 'truncated' } : {}) },
        triggerTime,
      ),
    },
    subsets,
  };
}

/** The time of the change is written with it, and alone is none. */
function isSame(current: Endpoints, wanted: ReturnType<typeof wantedEndpoints>): boolean {
  const withoutTime = (annotations: Readonly<Record<string, string>> = {}) => withTriggerTime(annotations, undefined);
  return (
    deepEqual(current.subsets ?? [], wanted.subsets) &&
    deepEqual(current.metadata.labels ?? {}, wanted.metadata.labels) &&
    deepEqual(withoutTime(current.metadata.annotations), withoutTime(wanted.metadata.annotations))
  );
}

async function remove(client: Client, current: Endpoints, signal: AbortSignal): Promise<void> {
  try {
    await client.delete(Endpoints, refOf(current), { preconditions: { uid: current.metadata.uid }, signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound', 'Conflict')) throw error;
  }
}
