import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allFaultsOf, statusFaultsOf } from '../../../test/support/faults.ts';
import { dns1123Label, dns1123Subdomain } from '../names.ts';
import { FlowSchema } from './flow-schema.ts';
import { MANDATORY_FLOW_SCHEMAS } from './mandatory-objects.ts';

type Input = Parameters<typeof allFaultsOf<typeof FlowSchema>>[1];
type Spec = NonNullable<Input['spec']>;
type Rule = NonNullable<Spec['rules']>[number];
type Subject = Rule['subjects'][number];
type ResourceRule = NonNullable<Rule['resourceRules']>[number];

const priorityLevelConfiguration = { name: 'workload' };
const resourceRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] };
const jane: Subject = { kind: 'User', user: { name: 'jane' } };
const ruled = (rule: Partial<Rule>): Spec => ({
  priorityLevelConfiguration,
  rules: [{ subjects: [jane], resourceRules: [resourceRule], ...rule }],
});
const of = (...subjects: Subject[]) => ruled({ subjects });
const to = (rule: Partial<ResourceRule>) => ruled({ resourceRules: [{ ...resourceRule, ...rule }] });
const toUrls = (...nonResourceURLs: string[]) => ruled({ nonResourceRules: [{ verbs: ['get'], nonResourceURLs }] });
const spec = (more: Partial<Spec>): Spec => ({ priorityLevelConfiguration, ...more });

const SUBJECT = 'spec.rules[0].subjects[0]';
const RESOURCES = 'spec.rules[0].resourceRules[0]';
const URLS = 'spec.rules[0].nonResourceRules[0]';
const VERBS =
  'supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"';
const MEMBER = "each member of this list must be '*' or a DNS-1123 label;";

const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  ['nothing', spec({}), []],
  ['a rule', ruled({}), []],
  ['all there is', spec({ matchingPrecedence: 10000, distinguisherMethod: { type: 'ByNamespace' } }), []],
  [
    'subjects of all kinds',
    of(
      jane,
      { kind: 'Group', group: { name: 'a' } },
      { kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: '*' } },
      { kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: 'b.c' } },
    ),
    [],
  ],
  ['resources of the cluster', to({ namespaces: [], clusterScope: true }), []],
  ['everything', to({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }), []],
  ['paths', toUrls('/', '/healthz', '/apis/*'), []],
  ['all paths', toUrls('*'), []],
  [
    'a precedence of none',
    spec({ matchingPrecedence: -1 }),
    ['spec.matchingPrecedence: Invalid value: -1: must be a positive value'],
  ],
  [
    'a precedence that is too great',
    spec({ matchingPrecedence: 10001 }),
    ['spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
  ],
  [
    'the first precedence',
    spec({ matchingPrecedence: 1 }),
    ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
  ],
  [
    'an unknown method',
    spec({ distinguisherMethod: { type: 'ByVerb' } }),
    ['spec.distinguisherMethod.type: Unsupported value: {"Type":"ByVerb"}: supported values: "ByNamespace", "ByUser"'],
  ],
  [
    'no level',
    { priorityLevelConfiguration: { name: '' } },
    ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level'],
  ],
  [
    'a level of no name',
    { priorityLevelConfiguration: { name: 'A' } },
    [`spec.priorityLevelConfiguration.name: Invalid value: "A": ${dns1123Subdomain('A')}`],
  ],
  ['no subjects', of(), ['spec.rules[0].subjects: Required value: subjects must contain at least one value']],
  [
    'a subject of an unknown kind',
    of({ kind: 'Robot' }),
    [`${SUBJECT}.kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"`],
  ],
  [
    'a user who is not named',
    of({ kind: 'User' }),
    [`${SUBJECT}.user: Required value: user is required when subject kind is 'User'`],
  ],
  [
    'a user who is everything else as well',
    of({ ...jane, group: { name: 'a' }, serviceAccount: { namespace: 'a', name: 'b' } }),
    [
      `${SUBJECT}.serviceAccount: Forbidden: serviceAccount is forbidden when subject kind is not 'ServiceAccount'`,
      `${SUBJECT}.group: Forbidden: group is forbidden when subject kind is not 'Group'`,
    ],
  ],
  [
    'a group that is a user',
    of({ ...jane, kind: 'Group' }),
    [
      `${SUBJECT}.user: Forbidden: user is forbidden when subject kind is not 'User'`,
      `${SUBJECT}.group: Required value: group is required when subject kind is 'Group'`,
    ],
  ],
  [
    'a user and a group of no name',
    of({ kind: 'User', user: { name: '' } }, { kind: 'Group', group: { name: '' } }),
    [`${SUBJECT}.user.name: Required value`, 'spec.rules[0].subjects[1].group.name: Required value'],
  ],
  [
    'an account that is not named',
    of({ kind: 'ServiceAccount' }),
    [`${SUBJECT}.serviceAccount: Required value: serviceAccount is required when subject kind is 'ServiceAccount'`],
  ],
  [
    'an account of no name',
    of({ kind: 'ServiceAccount', serviceAccount: { namespace: '', name: '' } }),
    [
      `${SUBJECT}.serviceAccount.name: Required value`,
      `${SUBJECT}.serviceAccount.namespace: Required value: must specify namespace for service account`,
    ],
  ],
  [
    'an account that cannot be',
    of({ kind: 'ServiceAccount', serviceAccount: { namespace: 'a.b', name: 'A' } }),
    [
      `${SUBJECT}.serviceAccount.name: Invalid value: "A": ${dns1123Subdomain('A')}`,
      `${SUBJECT}.serviceAccount.namespace: Invalid value: "a.b": ${dns1123Label('a.b')}`,
    ],
  ],
  [
    'a rule for nothing',
    ruled({ resourceRules: [] }),
    ['spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty'],
  ],
  [
    'a rule of nothing',
    to({ verbs: [], apiGroups: [], resources: [], namespaces: [] }),
    [
      `${RESOURCES}.verbs: Required value: verbs must contain at least one value`,
      `${RESOURCES}.apiGroups: Required value: resource rules must supply at least one api group`,
      `${RESOURCES}.resources: Required value: resource rules must supply at least one resource`,
      `${RESOURCES}.namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace`,
    ],
  ],
  [
    'a rule of everything and more',
    to({ verbs: ['*', 'get'], apiGroups: ['*', 'a'], resources: ['b', '*'], namespaces: ['*', 'c'] }),
    [
      `${RESOURCES}.verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs`,
      `${RESOURCES}.apiGroups: Invalid value: ["*","a"]: if '*' is present, must not specify other api groups`,
      `${RESOURCES}.resources: Invalid value: ["b","*"]: if '*' is present, must not specify other resources`,
      `${RESOURCES}.namespaces: Invalid value: ["*","c"]: if '*' is present, must not specify other namespaces`,
    ],
  ],
  ['an unknown verb', to({ verbs: ['get', 'do'] }), [`${RESOURCES}.verbs: Unsupported value: ["get","do"]: ${VERBS}`]],
  [
    'a namespace of no name',
    to({ namespaces: ['a', 'B'] }),
    [`${RESOURCES}.namespaces[1]: Invalid value: "B": ${MEMBER} ${dns1123Label('B')}`],
  ],
  ['no paths', toUrls(), [`${URLS}.nonResourceURLs: Required value: nonResourceURLs must contain at least one value`]],
  [
    'all paths and more',
    toUrls('*', '/a'),
    [`${URLS}.nonResourceURLs: Invalid value: ["*","/a"]: if '*' is present, must not specify other non-resource URLs`],
  ],
  [
    'paths that are none',
    toUrls('', 'a', '/a b', '/a//b', '/a*', '/*/*'),
    [
      `${URLS}.nonResourceURLs[0]: Invalid value: "": must not be empty`,
      `${URLS}.nonResourceURLs[1]: Invalid value: "a": must start with slash`,
      `${URLS}.nonResourceURLs[2]: Invalid value: "/a b": must not contain white-space`,
      `${URLS}.nonResourceURLs[3]: Invalid value: "/a//b": must not contain double slash`,
      `${URLS}.nonResourceURLs[4]: Invalid value: "/a*": wildcard can only do suffix matching`,
      `${URLS}.nonResourceURLs[5]: Invalid value: "/*/*": wildcard can only do suffix matching`,
    ],
  ],
  [
    'paths by unknown verbs',
    ruled({ nonResourceRules: [{ verbs: ['do'], nonResourceURLs: ['*'] }] }),
    [`${URLS}.verbs: Unsupported value: ["do"]: ${VERBS}`],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`FlowSchema.validate of ${title}`, () => assert.deepEqual(allFaultsOf(FlowSchema, { spec }), expected));
}

for (const [name, fixed] of MANDATORY_FLOW_SCHEMAS) {
  test(`FlowSchema.validate: ${name} stays as it is`, () => {
    assert.deepEqual(allFaultsOf(FlowSchema, { metadata: { name }, spec: fixed }), []);
    const [fault, ...others] = allFaultsOf(FlowSchema, {
      metadata: { name },
      spec: { ...fixed, matchingPrecedence: 2 },
    });
    assert.match(
      fault ?? '',
      new RegExp(`^spec: Invalid value: \\{.*\\}: spec of '${name}' must equal the fixed value$`),
    );
    assert.deepEqual(others, []);
  });
}

test('FlowSchema.validateStatusUpdate: one condition of each type', () => {
  const status = (...types: string[]): Input => ({
    spec: spec({}),
    status: { conditions: types.map((type) => ({ type })) },
  });
  assert.deepEqual(statusFaultsOf(FlowSchema, status('Dangling', 'Other'), status()), []);
  assert.deepEqual(statusFaultsOf(FlowSchema, status('Dangling', '', 'Dangling'), status()), [
    'status.conditions[1].type: Required value: must not be empty',
    'status.conditions[2].type: Duplicate value: "Dangling"',
  ]);
});
