// Which nodes a daemon set is for, by its template's node name, node selector, affinity and tolerations. Upstream:
// NodeShouldRunDaemonPod in pkg/controller/daemon.

import type { DaemonSet } from '../../api/apps/daemon-set.ts';
import type { Node } from '../../api/core/node.ts';
import { matchesRequiredNodeAffinity } from '../../api/core/node-selector.ts';
import { untoleratedTaint } from '../../api/core/taint-tolerance.ts';
import { daemonTolerations } from './daemon-pod.ts';

/** `run`: a pod belongs there. `stay`: one that is there may stay, but none is made. */
export type NodeFit = 'run' | 'stay' | 'leave';

export function nodeFitOf({ spec }: DaemonSet): (node: Node) => NodeFit {
  const { template } = spec;
  const { nodeName } = template.spec;
  const tolerations = daemonTolerations(template.spec);
  return (node) => {
    if (nodeName && nodeName !== node.metadata.name) return 'leave';
    if (!matchesRequiredNodeAffinity(template, node)) return 'leave';
    const { taints = [] } = node.spec;
    if (!untoleratedTaint(taints, tolerations)) return 'run';
    const evicting = taints.filter(({ effect }) => effect === 'NoExecute');
    return untoleratedTaint(evicting, tolerations) ? 'leave' : 'stay';
  };
}
