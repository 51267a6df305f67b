// What `kubectl get nodes` shows. Upstream: printNode in pkg/printers/internalversion.

import type { Column } from '../kind.ts';
import { ageColumn, nameColumn, orNone } from '../printing.ts';
import type { Node } from './node.ts';

export const nodeColumns: readonly Column<Node>[] = [
  nameColumn,
  {
    name: 'Status',
    type: 'string',
    description: 'Whether the node is ready, and whether it takes new pods.',
    value: nodeStatus,
  },
  {
    name: 'Roles',
    type: 'string',
    description: 'Roles of the node, as its labels say.',
    value: (node) => orNone(nodeRoles(node).join(',')),
  },
  ageColumn,
  {
    name: 'Version',
    type: 'string',
    description: 'Version of the node agent.',
    value: ({ status }) => status.nodeInfo.kubeletVersion,
  },
  {
    name: 'Internal-IP',
    type: 'string',
    priority: 1,
    description: 'Address of the node inside the cluster.',
    value: (node) => addressOf(node, 'InternalIP'),
  },
  {
    name: 'External-IP',
    type: 'string',
    priority: 1,
    description: 'Address of the node outside the cluster.',
    value: (node) => addressOf(node, 'ExternalIP'),
  },
  {
    name: 'OS-Image',
    type: 'string',
    priority: 1,
    description: 'Operating system of the node.',
    value: ({ status }) => status.nodeInfo.osImage || '<unknown>',
  },
  {
    name: 'Kernel-Version',
    type: 'string',
    priority: 1,
    description: 'Kernel of the node.',
    value: ({ status }) => status.nodeInfo.kernelVersion || '<unknown>',
  },
  {
    name: 'Container-Runtime',
    type: 'string',
    priority: 1,
    description: 'Container runtime of the node and its version.',
    value: ({ status }) => status.nodeInfo.containerRuntimeVersion || '<unknown>',
  },
];

const ROLE_PREFIX = 'node-role.kubernetes.io/';

/** Sorted, each once. */
export function nodeRoles({ metadata }: Pick<Node, 'metadata'>): string[] {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX)) roles.add(key.slice(ROLE_PREFIX.length));
    else if (key === 'kubernetes.io/role') roles.add(value);
  }
  roles.delete('');
  return [...roles].sort();
}

function nodeStatus({ spec, status }: Node): string {
  const ready = status.conditions?.findLast(({ type }) => type === 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (spec.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

function addressOf({ status }: Node, type: string): string {
  return orNone(status.addresses?.find((address) => address.type === type)?.address);
}
