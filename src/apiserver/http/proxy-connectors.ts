// The proxy subresources of pods, services and nodes: finds where they lead and passes the request on.

import type { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import type { Service } from '../../api/core/service.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import type { Logger } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { Connector } from './connector.ts';
import type { BackendTls } from './pass-upgrade.ts';
import { nodeLocation, podLocation, serviceLocation } from './proxy-locations.ts';
import { proxyTo } from './reverse-proxy.ts';

export interface ProxyConnectorDeps {
  readonly reader: ObjectReader;
  readonly random: Random;
  readonly log: Logger;
  /** Who the node agents are signed by, and what the API server shows them. */
  readonly tls: BackendTls;
}

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** By resource and subresource. */
export function proxyConnectors(deps: ProxyConnectorDeps): Readonly<Record<string, Connector>> {
  const { reader, random } = deps;
  return {
    'pods/proxy': async (request) => {
      return proxyTo(deps, podLocation(request.object as unknown as Pod, request.target), request);
    },
    'services/proxy': async (request) => {
      const service = request.object as unknown as Service;
      const { name, namespace } = service.metadata;
      const slices = reader
        .list(EndpointSlice, namespace)
        .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME_LABEL] === name);
      const pod = (podName: string) => reader.get(Pod, { name: podName, namespace });
      return proxyTo(deps, serviceLocation(service, request.target, { slices, pod, random }), request);
    },
    'nodes/proxy': async (request) => {
      const { agent, ...location } = nodeLocation(request.object as unknown as Node, request.target);
      return proxyTo(deps, location, request, agent ? deps.tls : 'insecure');
    },
  };
}
