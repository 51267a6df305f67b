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
    const address = addressOf(service, pod);
    const ports = portsOn(service, pod);
    const isPortless = ports.length === 0 && !(isHeadless(service) && (service.spec.ports ?? []).length === 0);
    if (!address || isPortless) continue;
    const key = ports.map(({ name, port, protocol }) => `${name}|${port}|${protocol}`).join(',');
    const group = groups.get(key) ?? { ports, ready: [], notReady: [] };
    groups.set(key, group);
    (publishes || isPodReady(pod) ? group.ready : group.notReady).push(address);
  }
  const ordered = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  return truncated(ordered);
}

/** Ready addresses are kept before others; of what there are too many each subset keeps its share. */
function truncated(groups: readonly Group[]): SubsetsPlan {
  const ready = groups.reduce((sum, group) => sum + group.ready.length, 0);
  const notReady = groups.reduce((sum, group) => sum + group.notReady.length, 0);
  const readyShares = shares(
    groups.map((group) => group.ready.length),
    MAX_ADDRESSES,
  );
  const notReadyShares = shares(
    groups.map((group) => group.notReady.length),
    Math.max(0, MAX_ADDRESSES - ready),
  );
  const subsets = groups.map((group, i) =>
    subsetOf({
      ports: group.ports,
      addresses: group.ready.slice(0, readyShares[i]),
      notReadyAddresses: group.notReady.slice(0, notReadyShares[i]),
    }),
  );
  return { subsets: subsets.filter((subset) => subset !== undefined), isTruncated: ready + notReady > MAX_ADDRESSES };
}

/** How many of each are kept, in proportion and rounded up as long as there is room. */
function shares(counts: readonly number[], limit: number): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= limit) return counts;
  let room = limit;
  return counts.map((count) => {
    const share = Math.min(room, Math.ceil((count / total) * limit));
    room -= share;
    return share;
  });
}

function subsetOf({ ports, addresses, notReadyAddresses }: Required<EndpointSubset>): EndpointSubset | undefined {
  if (addresses.length === 0 && notReadyAddresses.length === 0) return undefined;
  return {
    ...(addresses.length > 0 ? { addresses } : {}),
    ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  };
}

/** Endpoints are of one family: the service's first. Undefined for a pod without an address of it. */
function addressOf(service: Service, pod: Pod): EndpointAddress | undefined {
  const { namespace, name, uid } = pod.metadata;
  const isSix = isOfSix(service, pod);
  const ip = podAddresses(pod).find((address) => address.includes(':') === isSix);
  if (ip === undefined) return undefined;
  const hostname = endpointHostname(pod, service);
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

/** A headless service that says nothing of families has those of its pods. */
function isOfSix(service: Service, pod: Pod): boolean {
  const { ipFamilies = [], clusterIP } = service.spec;
  if (ipFamilies[0] !== undefined) return ipFamilies[0] === 'IPv6';
  const from = isHeadless(service) ? podAddresses(pod)[0] : clusterIP;
  return from?.includes(':') ?? false;
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
