// What volumes show of the pod itself (downward API) that may change while it runs.

import type { Pod } from '../../api/core/pod.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { allContainers } from '../runtime-pod.ts';

/** Whether volumes that show the one may have to show something else for the other: labels, annotations, resources. */
export function showsOtherwise(before: Pod, after: Pod): boolean {
  return before !== after && !deepEqual(shown(before), shown(after));
}

function shown(pod: Pod) {
  const { labels, annotations } = pod.metadata;
  return [labels, annotations, allContainers(pod).map(({ resources }) => resources)];
}
