import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from '../../../test/support/faults.ts';
import { ClusterRole } from './cluster-role.ts';
import { Role } from './role.ts';

type Rule = NonNullable<NonNullable<Parameters<typeof faultsOf<typeof Role>>[1]['rules']>[number]>;
const faults = (rule: Rule) => faultsOf(Role, { rules: [rule] });

const cases: readonly [title: string, rule: Rule, expected: readonly string[]][] = [
  ['resources', { verbs: ['get'], apiGroups: [''], resources: ['pods', 'services'], resourceNames: ['a'] }, []],
  [
    'nothing',
    { verbs: [] },
    [
      'rules[0].verbs: Required value: verbs must contain at least one value',
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[0].resources: Required value: resource rules must supply at least one resource',
    ],
  ],
  [
    'paths',
    { verbs: ['get'], nonResourceURLs: ['/healthz'] },
    ['rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs'],
  ],
  [
    'paths and resources',
    { verbs: ['get'], nonResourceURLs: ['/healthz'], resources: ['pods'] },
    [
      'rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs',
      'rules[0].nonResourceURLs: Invalid value: ["/healthz"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
  ],
];

for (const [title, rule, expected] of cases) {
  test(`Role.validate of a rule about ${title}`, () => {
    assert.deepEqual(faults(rule), expected);
  });
}

test('ClusterRole.validate lets rules be about paths', () => {
  const paths = { verbs: ['get'], nonResourceURLs: ['/healthz'] };
  assert.deepEqual(faultsOf(ClusterRole, { rules: [paths] }), []);
  assert.deepEqual(faultsOf(ClusterRole, { rules: [{ ...paths, apiGroups: [''] }] }), [
    'rules[0].nonResourceURLs: Invalid value: ["/healthz"]: rules cannot apply to both regular resources and non-resource URLs',
  ]);
});

test('ClusterRole.validate asks whom an aggregated role is made of', () => {
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] };
  assert.deepEqual(faultsOf(ClusterRole, { rules: [], aggregationRule }), []);
  assert.deepEqual(faultsOf(ClusterRole, { rules: [], aggregationRule: {} }), [
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  ]);
});
