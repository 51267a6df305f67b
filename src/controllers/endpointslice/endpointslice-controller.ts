// Keeps the EndpointSlices of every service with a selector. Upstream: pkg/controller/endpointslice and
// staging/src/k8s.io/endpointslice.

import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { AddressType, EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { messageOf } from '../../base/message-of.ts';
import type { EventType } from '../../client/event-recorder.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf, type ObjectKey } from '../../client/object-key.ts';
import type { Controller, Enqueue, ReconcileContext } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { byNode, NODE_INDEX } from '../node-lifecycle/node-lifecycle-controller.ts';
import { controllerReference } from '../owner-reference.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { hasSelector, isHeadless, selectedPods, servicesOf, watchServicePods } from '../service-pods.ts';
import { TriggerTimes, withTriggerTime } from '../trigger-times.ts';
import { hintPolicyOf, wantsProportions, withHints } from './endpoint-hints.ts';
import type { SlicePlan } from './plan-slices.ts';
import { addressTypesOf, serviceEndpoints } from './service-endpoints.ts';
import {
  deleteSlices,
  MANAGED_BY,
  SERVICE_INDEX,
  SERVICE_NAME,
  type SliceTemplate,
  serviceKeys,
  watchOwnSlices,
  writeSlices,
} from './write-slices.ts';
import { cpuShares, zoneCapacity, zoneOf } from './zone-capacity.ts';

const MANAGER = 'endpointslice-controller.k8s.io';
const HEADLESS = 'service.kubernetes.io/headless';
const MAX_PER_SLICE = 100;
/** Pods that change together are written together. */
const BATCH_MS = 50;

export function endpointSliceController(deps: ControllerDeps): Controller {
  const { informers } = deps;
  const services = informers.informer(Service);
  const pods = informers.informer(Pod, { indexes: { [NODE_INDEX]: byNode } });
  const nodes = informers.informer(Node);
  const slices = informers.informer(EndpointSlice, { indexes: { [SERVICE_INDEX]: serviceKeys } });
  const writes = new PendingWrites(deps);
  const state: State = {
    ...deps,
    ...{ services, pods, nodes, slices, writes },
    triggerTimes: new TriggerTimes(),
    proportions: new Map(),
  };
  return {
    name: 'endpointslice-controller',
    reads: [services, pods, nodes, slices],
    watch: (enqueue) => watchSlices(state, enqueue),
    async reconcile(key, context) {
      const service = services.get(key);
      if (!service) {
        state.triggerTimes.forget(key);
        state.proportions.delete(key);
        return writes.forget(key); // Its slices are the garbage collector's.
      }
      if (!hasSelector(service)) return;
      if (!writes.settled(key)) return UNSETTLED;
      try {
        await syncSlices(state, service, context);
      } catch (error) {
        const why = messageOf(error);
        const text = `Error updating Endpoint Slices for Service ${key}: ${why}`;
        deps.events.event(service, 'Warning', 'FailedToUpdateEndpointSlices', text);
        throw error;
      }
    },
  };
}

interface State extends ControllerDeps {
  readonly services: Informer<Service>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly slices: Informer<EndpointSlice>;
  readonly writes: PendingWrites;
  readonly triggerTimes: TriggerTimes;
  /** What was last said of hints in proportion, of services that ask for them. */
  readonly proportions: Map<ObjectKey, string>;
}

async function syncSlices(state: State, service: Service, { signal }: ReconcileContext): Promise<void> {
  const { client, pods, nodes, slices, writes, triggerTimes } = state;
  const key = keyOf(service.metadata);
  const selected = selectedPods(service, pods);
  const triggerTime = triggerTimes.next(service, selected);
  const managed = slices.byIndex(SERVICE_INDEX, key).filter(isOurs);
  const wanted = addressTypesOf(service);
  const isKept = (slice: EndpointSlice) => wanted.includes(slice.addressType) && isOwnedBy(slice, service);
  const options = {
    maxPerSlice: MAX_PER_SLICE,
    // The garbage collector is after its slices already.
    mayCreate: service.metadata.deletionTimestamp === undefined,
    onWrite: (slice: EndpointSlice) => writes.wrote(key, slices, slice),
    onDelete: (slice: EndpointSlice) => writes.deleted(key, slices, slice),
  };
  for (const addressType of AddressType.filter((type) => wanted.includes(type))) {
    const existing = managed.filter((slice) => slice.addressType === addressType && isKept(slice));
    const groups = serviceEndpoints(service, selected, addressType, (name) => nodes.get(name));
    const refine = hintsFor(state, service, addressType, existing);
    const template = templateOf(service, addressType, triggerTime);
    await writeSlices({ client, signal }, template, existing, groups, { ...options, refine });
  }
  // Of a family that the service no longer has, or of an earlier service of its name.
  await deleteSlices(
    { client, signal },
    managed.filter((slice) => !isKept(slice)),
    options,
  );
}

const HINTS_ENABLED = 'Topology Aware Hints has been enabled';
const HINTS_DISABLED = 'Topology Aware Hints has been disabled';

/** Adds the hints that the service asks for, and says when those in proportion begin, end, or cannot be given. */
function hintsFor(
  { nodes, events, proportions }: State,
  service: Service,
  addressType: AddressType,
  existing: readonly EndpointSlice[],
) {
  const key = keyOf(service.metadata);
  const say = (type: EventType, reason: string, text: string) =>
    events.event(service, type, reason, `${text}, addressType: ${addressType}`);
  return (planned: SlicePlan): SlicePlan => {
    const policy = hintPolicyOf(service, () => cpuShares(nodes.list()));
    const { plan, refusal } = withHints(planned, existing, policy);
    const before = proportions.get(key);
    const now = policy.type === 'proportional' ? (refusal ?? HINTS_ENABLED) : undefined;
    if (now === before) return plan;
    if (now !== undefined) proportions.set(key, now);
    else proportions.delete(key);
    if (now === HINTS_ENABLED) say('Normal', 'TopologyAwareHintsEnabled', HINTS_ENABLED);
    else if (now !== undefined) say('Warning', 'TopologyAwareHintsDisabled', now);
    else if (before === HINTS_ENABLED) say('Warning', 'TopologyAwareHintsDisabled', HINTS_DISABLED);
    return plan;
  };
}

function watchSlices(state: State, enqueue: Enqueue): readonly Disposable[] {
  const { services, pods, nodes, slices } = state;
  const present = new Set(nodes.list().map(({ metadata }) => metadata.name));
  return [
    ...watchServicePods({ services, pods }, enqueue, { batchMs: BATCH_MS }),
    watchOwnSlices(slices, isOurs, enqueue),
    nodes.subscribe((changes) => {
      let spreadChanges = false;
      for (const change of changes) {
        const { type, object } = change;
        // All services are in line at the beginning.
        if (type === 'added' && present.delete(object.metadata.name)) continue;
        const previous = type === 'updated' ? change.previous : undefined;
        spreadChanges ||= !previous || !deepEqual(zoneCapacity(object), zoneCapacity(previous));
        if (type === 'deleted' || (previous && zoneOf(previous) === zoneOf(object))) continue;
        for (const pod of pods.byIndex(NODE_INDEX, object.metadata.name)) {
          for (const service of servicesOf(pod, services)) enqueue(keyOf(service.metadata), BATCH_MS);
        }
      }
      if (!spreadChanges) return;
      for (const service of services.list()) {
        if (wantsProportions(service)) enqueue(keyOf(service.metadata), BATCH_MS);
      }
    }),
  ];
}

function isOurs({ metadata }: EndpointSlice): boolean {
  return metadata.labels?.[MANAGED_BY] === MANAGER;
}

function isOwnedBy({ metadata }: EndpointSlice, service: Service): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === service.metadata.uid) ?? false;
}

function templateOf(service: Service, addressType: AddressType, triggerTime: string | undefined): SliceTemplate {
  const { namespace, name, labels = {} } = service.metadata;
  const { [HEADLESS]: _headless, ...own } = labels;
  return {
    addressType,
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: {
        ...own,
        [SERVICE_NAME]: name,
        [MANAGED_BY]: MANAGER,
        ...(isHeadless(service) ? { [HEADLESS]: '' } : {}),
      },
      ownerReferences: [controllerReference(Service, service)],
    },
    annotations: { after: (current) => withTriggerTime(current, triggerTime), areCompared: false },
  };
}
