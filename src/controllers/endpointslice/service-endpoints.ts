// The endpoints that a service ought to have, by address family and ports. Pure.

import type { Pod } from '../../api/core/pod.ts';
import type { Service } from '../../api/core/service.ts';
import type { AddressType, Endpoint, EndpointPort } from '../../api/discovery/endpoint-slice.ts';
import { isPodReady } from '../pod-state.ts';
import { endpointHostname, hasEndpoint, podAddresses, targetPortOn } from '../service-pods.ts';
import { type EndpointGroup, groupKey } from './plan-slices.ts';

export function addressTypesOf({ spec }: Service): readonly AddressType[] {
  const families = (spec.ipFamilies ?? []).filter((family) => family === 'IPv4' || family === 'IPv6');
  if (families.length > 0) return families as readonly AddressType[];
  return [spec.clusterIP?.includes(':') ? 'IPv6' : 'IPv4'];
}

/** `zoneOf` says in which zone a node is. */
export function serviceEndpoints(
  service: Service,
  pods: readonly Pod[],
  addressType: AddressType,
  zoneOf: (nodeName: string) => string | undefined,
): readonly EndpointGroup[] {
  const groups = new Map<string, { ports: readonly EndpointPort[]; endpoints: Endpoint[] }>();
  for (const pod of pods) {
    const address = hasEndpoint(pod) ? podAddresses(pod).find((ip) => typeOf(ip) === addressType) : undefined;
    if (address === undefined) continue;
    const ports = portsOn(service, pod);
    const key = groupKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    group.endpoints.push(endpointOf(service, pod, address, zoneOf));
  }
  return [...groups.values()];
}

function typeOf(ip: string): AddressType {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}

function endpointOf(
  service: Service,
  pod: Pod,
  address: string,
  zoneOf: (nodeName: string) => string | undefined,
): Endpoint {
  const { namespace, name, uid, deletionTimestamp } = pod.metadata;
  const serving = isPodReady(pod);
  const terminating = deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = endpointHostname(pod, service);
  const zone = pod.spec.nodeName ? zoneOf(pod.spec.nodeName) : undefined;
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** The ports by which this pod is reached; a named port that it does not have is left out. */
function portsOn(service: Service, pod: Pod): readonly EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPortOn(pod, servicePort);
    if (port === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return [{ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}
