// What `kubectl get rolebindings` and `clusterrolebindings` show. Upstream: printRoleBinding in
// pkg/printers/internalversion.

import type { Column } from '../kind.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import type { RoleRef, Subject } from './policy-rule.ts';

interface Binding {
  readonly metadata: { readonly name: string; readonly creationTimestamp?: string };
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[];
}

export const bindingColumns: readonly Column<Binding>[] = [
  nameColumn,
  {
    name: 'Role',
    type: 'string',
    description: 'The role that is granted.',
    value: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
  },
  ageColumn,
  {
    name: 'Users',
    type: 'string',
    priority: 1,
    description: 'Users that the role is granted to.',
    value: (binding) => subjectsOf(binding, 'User', ({ name }) => name),
  },
  {
    name: 'Groups',
    type: 'string',
    priority: 1,
    description: 'Groups that the role is granted to.',
    value: (binding) => subjectsOf(binding, 'Group', ({ name }) => name),
  },
  {
    name: 'ServiceAccounts',
    type: 'string',
    priority: 1,
    description: 'Service accounts that the role is granted to, each with its namespace.',
    value: (binding) => subjectsOf(binding, 'ServiceAccount', ({ namespace = '', name }) => `${namespace}/${name}`),
  },
];

function subjectsOf({ subjects }: Binding, kind: string, format: (subject: Subject) => string): string {
  return (subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(format)
    .join(', ');
}
