// NodeName: a pod that names its node fits only there. (Such a pod is bound already; this matters to other users of the
// filters, which ask whether a pod would fit a node.)

import type { Plugin, Status } from '../framework.ts';

const NAME = 'NodeName';
const MISMATCH: Status = {
  code: 'UnschedulableAndUnresolvable',
  reasons: ["node(s) didn't match the requested node name"],
  plugin: NAME,
};

export function nodeName(): Plugin {
  return {
    name: NAME,
    events: () => [{ resources: ['Node'], actions: ['Add'] }],
    preFilter: (_state, { pod }) => (pod.spec.nodeName ? undefined : { code: 'Skip', reasons: [], plugin: NAME }),
    filter: (_state, { pod }, node) => (pod.spec.nodeName === node.name ? undefined : MISMATCH),
  };
}
