// NodePorts: a host port that is taken on a node keeps others off it.

import { HostPorts, hostPortsOf } from '../../api/core/host-ports.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Plugin, Status } from '../framework.ts';
import type { PodInfo } from '../pod-info.ts';

const NAME = 'NodePorts';
const TAKEN: Status = {
  code: 'Unschedulable',
  reasons: ["node(s) didn't have free ports for the requested pod ports"],
  plugin: NAME,
};

export function nodePorts(): Plugin {
  return {
    name: NAME,
    events: () => [
      { resources: ['AssignedPod'], actions: ['Delete'], hint: freesPort },
      // A pod may have been turned down by the ports of one node and the node that was added has them free.
      { resources: ['Node'], actions: ['Add'] },
    ],
    preFilter: (_state, { hostPorts }) =>
      hostPorts.length > 0 ? undefined : { code: 'Skip', reasons: [], plugin: NAME },
    filter: (_state, { hostPorts }, node) =>
      hostPorts.some((port) => node.hostPorts.conflicts(port)) ? TAKEN : undefined,
  };
}

function freesPort({ hostPorts }: PodInfo, deleted: unknown): boolean {
  const freed = new HostPorts();
  for (const port of hostPortsOf(deleted as Pod)) freed.add(port);
  return hostPorts.some((port) => freed.conflicts(port));
}
