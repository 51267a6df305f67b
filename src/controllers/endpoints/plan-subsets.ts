// The subsets of a service's Endpoints: its pods grouped by the ports that they are reached by. Pure. Upstream:
// pkg/controller/endpoint, pkg/api/v1/endpoints/util.go.

import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../api/core/endpoints.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Service } from '../../api/core/service.ts';
import { isPodReady } from '../pod-state.ts';
import { endpointHostname, hasEndpoint, isHeadless, podAddresses, targetPortOn } from '../service-pods.ts';

/** How many addresses an Endpoints object holds; what is above is in EndpointSlices only. */
export const MAX_ADDRESSES = 1000;

export interface SubsetsPlan {
  readonly subsets: readonly EndpointSubset[];
  readonly isTruncated: boolean;
}

interface Group {
  readonly ports: readonly EndpointPort[];
  readonly ready: EndpointAddress[];
  readonly notReady: EndpointAddress[];
}

export function planSubsets(service: Service, pods: readonly Pod[]): SubsetsPlan {
  const groups = new Map<string, Group>();
  const publishes = service.spec.publishNotReadyAddresses === true;
  for (const pod of [...pods].sort(byAddress)) {
    if (!hasEndpoint(pod) || (pod.metadata.deletionTimestamp !== undefined && !publishes)) continue;
    const ports = portsOn(service, pod);
    if (ports.length === 0 && !(isHeadless(service) && (service.spec.ports ?? []).length === 0)) continue;
    const key = ports.map(({ name, port, protocol }) => `${name}|${port}|${protocol}`).join(',');
    const group = groups.get(key) ?? { ports, ready: [], notReady: [] };
    groups.set(key, group);
    (publishes || isPodReady(pod) ? group.ready : group.notReady).push(addressOf(service, pod));
  }
  const ordered = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  return truncated(ordered);
}

/** Ready addresses are kept before others. */
function truncated(groups: readonly Group[]): SubsetsPlan {
  let room = MAX_ADDRESSES;
  const take = <T>(list: readonly T[]): readonly T[] => {
    const taken = list.slice(0, room);
    room -= taken.length;
    return taken;
  };
  const kept = groups
    .map((group) => ({ group, addresses: take(group.ready) }))
    .map(({ group, addresses }) => ({ ports: group.ports, addresses, notReadyAddresses: take(group.notReady) }));
  const total = groups.reduce((sum, { ready, notReady }) => sum + ready.length + notReady.length, 0);
  return { subsets: kept.map(subsetOf).filter((subset) => subset !== undefined), isTruncated: total > MAX_ADDRESSES };
}

function subsetOf({ ports, addresses, notReadyAddresses }: Required<EndpointSubset>): EndpointSubset | undefined {
  if (addresses.length === 0 && notReadyAddresses.length === 0) return undefined;
  return {
    ...(addresses.length > 0 ? { addresses } : {}),
    ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  };
}

function addressOf(service: Service, pod: Pod): EndpointAddress {
  const { namespace, name, uid } = pod.metadata;
  const hostname = endpointHostname(pod, service);
  return {
    ip: addressIn(service, pod),
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

/** Endpoints are of one family: the service's first. */
function addressIn({ spec }: Service, pod: Pod): string {
  const isSix = spec.ipFamilies?.[0] === 'IPv6' || spec.clusterIP?.includes(':');
  const addresses = podAddresses(pod);
  return addresses.find((ip) => ip.includes(':') === (isSix === true)) ?? addresses[0] ?? '';
}

function portsOn(service: Service, pod: Pod): readonly EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPortOn(pod, servicePort);
    if (port === undefined) return [];
    const { name, protocol = 'TCP', appProtocol } = servicePort;
    return [{ ...(name ? { name } : {}), port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function byAddress(a: Pod, b: Pod): number {
  const left = podAddresses(a)[0] ?? '';
  const right = podAddresses(b)[0] ?? '';
  return left < right ? -1 : left > right ? 1 : 0;
}
