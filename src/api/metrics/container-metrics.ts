// What a container uses, and the columns that kinds of used resources have in common. Upstream:
// k8s.io/metrics/pkg/apis/metrics/v1beta1, and the tables of metrics-server.

import type { Column } from '../kind.ts';
import { nameColumn } from '../printing.ts';
import { map, type Read, string, struct } from '../schema.ts';

export const ContainerMetrics = struct('metrics.k8s.io/v1beta1.ContainerMetrics', {
  name: string(1, { required: true }),
  usage: map(2, 'quantity', { required: true }),
});
export type ContainerMetrics = Read<typeof ContainerMetrics>;

/** Quantities by the names of resources. */
export type Usage = Readonly<Record<string, string>>;

export interface Measured {
  readonly metadata: { readonly name: string };
  readonly window: string;
}

/** `usageOf` is all that the object uses. */
export function usageColumns<Object extends Measured>(usageOf: (object: Object) => Usage): readonly Column<Object>[] {
  const resource = (name: string, description: string): Column<Object> => ({
    name,
    type: 'string',
    format: 'quantity',
    description,
    value: (object) => usageOf(object)[name] ?? '0',
  });
  return [
    nameColumn,
    resource('cpu', 'CPUs that are used on average over the window.'),
    resource('memory', 'Memory that is used and cannot be taken back.'),
    {
      name: 'Window',
      type: 'string',
      format: 'duration',
      description: 'The time over which was measured.',
      value: ({ window }) => window,
    },
  ];
}
