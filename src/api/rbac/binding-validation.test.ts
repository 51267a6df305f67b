import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { ClusterRoleBinding } from './cluster-role-binding.ts';
import { RoleBinding } from './role-binding.ts';

type Input = Parameters<typeof faultsOf<typeof RoleBinding>>[1];
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' };
const faults = (binding: Partial<Input>) => faultsOf(RoleBinding, { roleRef, ...binding });

const cases: readonly [title: string, binding: Partial<Input>, expected: readonly string[]][] = [
  [
    'subjects of each sort',
    {
      subjects: [
        { kind: 'User', name: 'Jane Doe' },
        { kind: 'Group', name: 'system:masters' },
        { kind: 'ServiceAccount', name: 'default' },
      ],
    },
    [],
  ],
  ['a role of the cluster', { roleRef: { ...roleRef, kind: 'ClusterRole' } }, []],
  [
    'something else than a role',
    { roleRef: { apiGroup: 'a', kind: 'User', name: 'a/b' } },
    [
      'roleRef.apiGroup: Unsupported value: "a": supported values: "rbac.authorization.k8s.io"',
      'roleRef.kind: Unsupported value: "User": supported values: "Role", "ClusterRole"',
      'roleRef.name: Invalid value: "a/b": may not contain \'/\'',
    ],
  ],
  ['a role without a name', { roleRef: { ...roleRef, name: '' } }, ['roleRef.name: Required value']],
  [
    'subjects without names',
    {
      subjects: [
        { kind: 'User', name: '' },
        { kind: 'Group', name: '' },
        { kind: 'ServiceAccount', name: '' },
      ],
    },
    ['subjects[0].name: Required value', 'subjects[1].name: Required value', 'subjects[2].name: Required value'],
  ],
  [
    'subjects of another group',
    {
      subjects: [
        { kind: 'User', name: 'a', apiGroup: 'b' },
        { kind: 'Group', name: 'a', apiGroup: 'b' },
        { kind: 'ServiceAccount', name: 'a', apiGroup: 'b' },
      ],
    },
    [
      'subjects[0].apiGroup: Unsupported value: "b": supported values: "rbac.authorization.k8s.io"',
      'subjects[1].apiGroup: Unsupported value: "b": supported values: "rbac.authorization.k8s.io"',
      'subjects[2].apiGroup: Unsupported value: "b": supported values: ""',
    ],
  ],
  [
    'an account of a name that is none',
    { subjects: [{ kind: 'ServiceAccount', name: 'A' }] },
    [
      "subjects[0].name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    'a subject of another sort',
    { subjects: [{ kind: 'Robot', name: 'a' }] },
    ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"'],
  ],
];

for (const [title, binding, expected] of cases) {
  test(`RoleBinding.validate of ${title}`, () => {
    assert.deepEqual(faults(binding), expected);
  });
}

const clusterRef = { ...roleRef, kind: 'ClusterRole' };
const clusterFaults = (binding: Partial<Input>) => faultsOf(ClusterRoleBinding, { roleRef: clusterRef, ...binding });

const clusterCases: readonly [title: string, binding: Partial<Input>, expected: readonly string[]][] = [
  ['an account', { subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }] }, []],
  [
    'an account of no namespace',
    { subjects: [{ kind: 'ServiceAccount', name: 'default' }] },
    ['subjects[0].namespace: Required value'],
  ],
  ['a role of a namespace', { roleRef }, ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"']],
];

for (const [title, binding, expected] of clusterCases) {
  test(`ClusterRoleBinding.validate of ${title}`, () => {
    assert.deepEqual(clusterFaults(binding), expected);
  });
}

test('RoleBinding.validateUpdate keeps the role', () => {
  const subjects = [{ kind: 'User', name: 'a' }];
  assert.deepEqual(updateFaultsOf(RoleBinding, { roleRef, subjects }, { roleRef }), []);
  assert.deepEqual(updateFaultsOf(RoleBinding, { roleRef: clusterRef }, { roleRef }), [
    'roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"reader"}: cannot change roleRef',
  ]);
});
