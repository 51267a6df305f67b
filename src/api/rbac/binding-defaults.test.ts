import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { readInput } from '../read-input.ts';
import { ClusterRoleBinding } from './cluster-role-binding.ts';
import { Role } from './role.ts';
import { RoleBinding } from './role-binding.ts';

const cases: readonly [title: string, row: string, expected: string][] = [
  ['Role', rowOf(Role, { rules: [] }), 'x | 2026-01-01T00:00:00Z'],
  [
    'RoleBinding',
    rowOf(RoleBinding, {
      roleRef: { apiGroup: '', kind: 'Role', name: 'reader' },
      subjects: [
        { kind: 'User', name: 'a' },
        { kind: 'User', name: 'b' },
        { kind: 'Group', name: 'c' },
        { kind: 'ServiceAccount', name: 'd', namespace: 'e' },
      ],
    }),
    'x | Role/reader | 60m | a, b | c | e/d',
  ],
  [
    'ClusterRoleBinding',
    rowOf(ClusterRoleBinding, { roleRef: { apiGroup: '', kind: 'ClusterRole', name: 'admin' } }),
    'x | ClusterRole/admin | 60m |  |  | ',
  ],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test('RoleBinding fills in the group of users, groups and roles', () => {
  const group = 'rbac.authorization.k8s.io';
  const { roleRef, subjects } = readInput(RoleBinding, {
    roleRef: { apiGroup: '', kind: 'Role', name: 'reader' },
    subjects: [
      { kind: 'User', name: 'a' },
      { kind: 'Group', name: 'b' },
      { kind: 'ServiceAccount', name: 'c' },
      { kind: 'User', name: 'd', apiGroup: 'e' },
    ],
  });
  assert.equal(roleRef.apiGroup, group);
  assert.deepEqual(
    subjects?.map(({ apiGroup }) => apiGroup),
    [group, group, undefined, 'e'],
  );
});
