// NodeUnschedulable: nodes that are cordoned take only pods that tolerate the taint of that.

import type { Node } from '../../api/core/node.ts';
import type { Pod } from '../../api/core/pod.ts';
import { toleratesTaint } from '../../api/core/taint-tolerance.ts';
import type { Plugin, Status } from '../framework.ts';

const NAME = 'NodeUnschedulable';
const CORDONED: Status = {
  code: 'UnschedulableAndUnresolvable',
  reasons: ['node(s) were unschedulable'],
  plugin: NAME,
};

export function nodeUnschedulable(): Plugin {
  const fits = (pod: Pod, node: Node) => !node.spec.unschedulable || toleratesCordon(pod);
  return {
    name: NAME,
    events: () => [
      {
        resources: ['Node'],
        actions: ['Add', 'UpdateNodeTaint'],
        hint: ({ pod }, oldNode, newNode) =>
          fits(pod, newNode as Node) && !(oldNode !== undefined && fits(pod, oldNode as Node)),
      },
      {
        resources: ['TargetPod'],
        actions: ['UpdatePodToleration'],
        hint: (_pod, _old, changed) => toleratesCordon(changed as Pod),
      },
    ],
    filter: (_state, { pod }, { node }) => (fits(pod, node) ? undefined : CORDONED),
  };
}

function toleratesCordon(pod: Pod): boolean {
  const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;
  return pod.spec.tolerations?.some((toleration) => toleratesTaint(toleration, taint)) === true;
}
