// How many objects there are of each resource, under upstream's names (k8s.io/apiserver/pkg/storage/etcd3/metrics).

import type { MetricsRegistry } from '../../base/metrics.ts';
import type { ResourceTable } from '../registry/resource.ts';

export function cacheMetrics(registry: MetricsRegistry, resources: ResourceTable): void {
  /** Kinds that share their objects with another one are not counted twice. */
  const stored = resources.all.filter(({ servesStored }) => servesStored);
  const counts = () =>
    stored.flatMap(({ name: { group, resource }, storage }) =>
      storage ? [{ group, resource, count: storage.cache.size }] : [],
    );
  registry.gaugeOf(
    { name: 'apiserver_resource_objects', help: 'Stored objects by resource.', labels: ['group', 'resource'] },
    () => counts().map(({ group, resource, count }) => [{ group, resource }, count]),
  );
  registry.gaugeOf(
    { name: 'apiserver_storage_objects', help: 'Stored objects by resource.', labels: ['resource'] },
    () =>
      counts().map(({ group, resource, count }) => [
        { resource: group === '' ? resource : `${resource}.${group}` },
        count,
      ]),
  );
}
