// Which pods stand behind a service, and by which ports: what Endpoints and EndpointSlices have in common. Upstream:
// staging/src/k8s.io/endpointslice/util, pkg/api/v1/endpoints.

import type { ContainerPort } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import type { Service, ServicePort } from '../api/core/service.ts';
import { deepEqual } from '../base/deep-equal.ts';
import type { Informer } from '../client/informer.ts';
import type { Change } from '../client/object-cache.ts';
import { keyOf } from '../client/object-key.ts';
import type { Enqueue } from './controller.ts';
import { isPodReady } from './pod-state.ts';
import { matchesLabelMap } from './selector-match.ts';

/** Endpoints of a service without one are somebody else's. */
export function hasSelector({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && spec.selector !== undefined && Object.keys(spec.selector).length > 0;
}

export function isHeadless({ spec }: Pick<Service, 'spec'>): boolean {
  return spec.clusterIP === 'None';
}

export function selectedPods(service: Service, pods: Pick<Informer<Pod>, 'list'>): readonly Pod[] {
  return pods
    .list(service.metadata.namespace)
    .filter((pod) => matchesLabelMap(service.spec.selector, pod.metadata.labels));
}

/** Whether the pod has an address at which something may still answer. */
export function hasEndpoint(pod: Pod): boolean {
  return pod.status.phase !== 'Failed' && pod.status.phase !== 'Succeeded' && podAddresses(pod).length > 0;
}

export function podAddresses({ status }: Pod): readonly string[] {
  if (status.podIPs && status.podIPs.length > 0) return status.podIPs.map(({ ip }) => ip);
  return status.podIP ? [status.podIP] : [];
}

/** The pod's name within the service's domain, if it asks for one. */
export function endpointHostname(pod: Pod, service: Service): string | undefined {
  const { hostname, subdomain } = pod.spec;
  return hostname && subdomain === service.metadata.name ? hostname : undefined;
}

/** The port number on the pod; undefined if it has no port of that name. */
export function targetPortOn(pod: Pod, { targetPort, port, protocol = 'TCP' }: ServicePort): number | undefined {
  if (typeof targetPort === 'number' && targetPort !== 0) return targetPort;
  if (typeof targetPort !== 'string' || targetPort === '') return port;
  return containerPorts(pod).find(
    (declared) => declared.name === targetPort && (declared.protocol ?? 'TCP') === protocol,
  )?.containerPort;
}

function containerPorts({ spec }: Pod): readonly ContainerPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars].flatMap(({ ports }) => ports ?? []);
}

/** The services that select the pod. */
export function servicesOf(pod: Pod, services: Pick<Informer<Service>, 'list'>): readonly Service[] {
  return services
    .list(pod.metadata.namespace)
    .filter((service) => matchesLabelMap(service.spec.selector, pod.metadata.labels));
}

/** Puts services in line: those that change, and after `batchMs` those whose pods changed in what endpoints show. */
export function watchServicePods(
  { services, pods }: { readonly services: Informer<Service>; readonly pods: Informer<Pod> },
  enqueue: Enqueue,
  { batchMs }: { readonly batchMs: number },
): readonly Disposable[] {
  const enqueueServicesOf = (pod: Pod) => {
    for (const service of servicesOf(pod, services)) enqueue(keyOf(service.metadata), batchMs);
  };
  return [
    services.subscribe((changes) => {
      for (const { object } of changes) enqueue(keyOf(object.metadata));
    }),
    pods.subscribe((changes) => {
      for (const change of changes) for (const pod of affectedSides(change)) enqueueServicesOf(pod);
    }),
  ];
}

/** The states of the pod whose services must look again. */
function affectedSides(change: Change<Pod>): readonly Pod[] {
  if (change.type !== 'updated') return [change.object];
  const { object, previous } = change;
  const isRelabelled = !deepEqual(object.metadata.labels, previous.metadata.labels);
  if (isRelabelled) return [previous, object];
  return deepEqual(shown(object), shown(previous)) ? [] : [object];
}

/** Everything about a pod that its endpoints show. */
function shown(pod: Pod): unknown {
  const { spec, status, metadata } = pod;
  const isDeleted = metadata.deletionTimestamp !== undefined;
  return [podAddresses(pod), status.phase, isPodReady(pod), isDeleted, spec.nodeName, spec.hostname, spec.subdomain];
}
