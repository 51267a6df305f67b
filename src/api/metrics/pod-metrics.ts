// PodMetrics: what the containers of a pod use. Made up when asked for, from the figures of the pod's node.

import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { addQuantities } from '../quantity.ts';
import { duration, list, message, struct, time } from '../schema.ts';
import { ContainerMetrics, type Measured, type Usage, usageColumns } from './container-metrics.ts';

export const PodMetrics = kind({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'PodMetrics',
  plural: 'pods',
  singular: '',
  scope: 'Namespaced',
  verbs: ['get', 'list'],
  virtual: true,
  schema: struct('metrics.k8s.io/v1beta1.PodMetrics', {
    metadata: message(1, ObjectMeta),
    timestamp: time(2, { required: true }),
    window: duration(3, { required: true }),
    containers: list(4, ContainerMetrics, { required: true, list: 'atomic' }),
  }),
  columns: usageColumns((pod: Measured & { readonly containers: readonly ContainerMetrics[] }) =>
    totalUsage(pod.containers),
  ),
});
export type PodMetrics = ObjectOf<typeof PodMetrics>;

function totalUsage(containers: readonly ContainerMetrics[]): Usage {
  const total: Record<string, string> = {};
  for (const { usage } of containers) {
    for (const [name, value] of Object.entries(usage)) total[name] = addQuantities(total[name] ?? '0', value);
  }
  return total;
}
