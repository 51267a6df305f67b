// The endpoints that a service ought to have, by address family and ports. Pure.

import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Service } from '../../api/core/service.ts';
import type { AddressType, Endpoint, EndpointPort } from '../../api/discovery/endpoint-slice.ts';
import { isPodReady } from '../pod-state.ts';
import { endpointHostname, hasEndpoint, isHeadless, podAddresses, targetPortOn } from '../service-pods.ts';
import { type EndpointGroup, mergeGroups } from './plan-slices.ts';
import { zoneOf } from './zone-capacity.ts';

export function addressTypesOf({ spec }: Service): readonly AddressType[] {
  const families = (spec.ipFamilies ?? []).filter((family) => family === 'IPv4' || family === 'IPv6');
  if (families.length > 0) return families as readonly AddressType[];
  if (isHeadless({ spec })) return ['IPv4', 'IPv6'];
  return [spec.clusterIP?.includes(':') ? 'IPv6' : 'IPv4'];
}

/**
 * `nodeOf` knows the nodes. A pod whose node is not there is left out, unless the service publishes whatever there is: its
 * zone is not known yet, or it will not come back.
 */
export function serviceEndpoints(
  service: Service,
  pods: readonly Pod[],
  addressType: AddressType,
  nodeOf: (nodeName: string) => Node | undefined,
): readonly EndpointGroup[] {
  const groups: EndpointGroup[] = [];
  for (const pod of pods) {
    const address = hasEndpoint(pod) ? podAddresses(pod).find((ip) => typeOf(ip) === addressType) : undefined;
    const node = nodeOf(pod.spec.nodeName ?? '');
    if (address === undefined || (!node && service.spec.publishNotReadyAddresses !== true)) continue;
    groups.push({ ports: portsOn(service, pod), endpoints: [endpointOf(service, pod, address, node)] });
  }
  return mergeGroups(groups);
}

function typeOf(ip: string): AddressType {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}

function endpointOf(service: Service, pod: Pod, address: string, node: Node | undefined): Endpoint {
  const { namespace, name, uid, deletionTimestamp } = pod.metadata;
  const serving = isPodReady(pod);
  const terminating = deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = endpointHostname(pod, service);
  const zone = node && zoneOf(node);
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
