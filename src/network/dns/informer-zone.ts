// The zone as the informers hold it, with the indexes that lookups need.

import type { Service } from '../../api/core/service.ts';
import type { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import type { Informer } from '../../client/informer.ts';
import type { ZoneSource } from './zone.ts';

const BY_SERVICE = 'dns-service';
const BY_ADDRESS = 'dns-address';

export function informerZone(services: Informer<Service>, slices: Informer<EndpointSlice>): ZoneSource {
  services.addIndex(BY_ADDRESS, ({ spec }) => (spec.clusterIPs ?? []).filter((ip) => ip !== 'None'));
  slices.addIndex(BY_SERVICE, ({ metadata }) => {
    const service = metadata.labels?.['kubernetes.io/service-name'];
    return service === undefined ? [] : [`${metadata.namespace}/${service}`];
  });
  slices.addIndex(BY_ADDRESS, ({ endpoints }) => [
    ...new Set((endpoints ?? []).flatMap(({ addresses }) => addresses ?? [])),
  ]);
  return {
    service: (namespace, name) => services.get({ namespace, name }),
    slices: (namespace, service) => slices.byIndex(BY_SERVICE, `${namespace}/${service}`),
    hasServices: (namespace) => services.list(namespace).length > 0,
    servicesAt: (ip) => services.byIndex(BY_ADDRESS, ip),
    endpointsAt: (ip) =>
      slices
        .byIndex(BY_ADDRESS, ip)
        .flatMap((slice) =>
          (slice.endpoints ?? [])
            .filter(({ addresses }) => addresses?.includes(ip))
            .map((endpoint) => ({ slice, endpoint })),
        ),
  };
}
