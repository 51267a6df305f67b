// What the types of the metrics API are for, which no package says: in other clusters another server has them.

import type { TypeDescription } from '../apiserver/openapi/type-description.ts';

const METADATA = "Standard object's metadata: the name and the labels are those of what is measured.";
const TIMESTAMP = 'When the window ended.';
const WINDOW = 'The time over which CPU was measured: usage is the average over it.';
const USAGE = 'How much is used of each resource: `cpu`, `memory`.';

/** By the names of types. */
export const METRICS_DESCRIPTIONS: Readonly<Record<string, TypeDescription>> = {
  'metrics.k8s.io/v1beta1.NodeMetrics': {
    text: 'NodeMetrics is what a node uses, measured when it is asked for.',
    fields: { metadata: METADATA, timestamp: TIMESTAMP, window: WINDOW, usage: USAGE },
  },
  'metrics.k8s.io/v1beta1.PodMetrics': {
    text: 'PodMetrics is what the containers of a pod use, measured when it is asked for.',
    fields: {
      metadata: METADATA,
      timestamp: TIMESTAMP,
      window: WINDOW,
      containers: 'What each container uses, all of them having been measured over the same time.',
    },
  },
  'metrics.k8s.io/v1beta1.ContainerMetrics': {
    text: 'ContainerMetrics is what a container uses.',
    fields: { name: 'The name of the container.', usage: USAGE },
  },
};
