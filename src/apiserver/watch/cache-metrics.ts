// How many objects there are of each resource and how often they are listed, under upstream's names
// (k8s.io/apiserver/pkg/storage/etcd3/metrics and storage/cacher/metrics).

import type { MetricsRegistry } from '../../base/metrics.ts';
import type { ResourceTable } from '../registry/resource.ts';
import type { ListFigures } from './resource-cache.ts';

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
  const byIndex = function* (read: (figures: ListFigures) => number) {
    for (const { name, storage } of stored) {
      for (const [index, figures] of storage?.cache.lists ?? []) yield [{ ...name, index }, read(figures)] as const;
    }
  };
  const show = (name: string, help: string, read: (figures: ListFigures) => number) =>
    registry.counterOf({ name: `apiserver_cache_list_${name}`, help, labels: ['group', 'resource', 'index'] }, () =>
      byIndex(read),
    );
  show('total', 'Lists given from memory.', ({ count }) => count);
  show('fetched_objects_total', 'Objects looked at for lists given from memory.', ({ examined }) => examined);
  registry.counterOf(
    {
      name: 'apiserver_cache_list_returned_objects_total',
      help: 'Objects in lists given from memory.',
      labels: ['group', 'resource'],
    },
    () =>
      stored.flatMap(({ name, storage }) => {
        const figures = [...(storage?.cache.lists.values() ?? [])];
        return figures.length === 0 ? [] : [[{ ...name }, figures.reduce((sum, { given }) => sum + given, 0)] as const];
      }),
  );
}
