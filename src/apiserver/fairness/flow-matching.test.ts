import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FlowSchemaSpec } from '../../api/flowcontrol/flow-schema.ts';
import type { Method } from '../../client/transport.ts';
import { serviceAccountUser, type User } from '../../client/user.ts';
import { requestInfoOf } from '../request-info.ts';
import { MANDATORY_SCHEMAS, SUGGESTED_SCHEMAS } from './bootstrap-flow-control.ts';
import { planFlowControl } from './flow-control-plan.ts';
import { byMatchingPrecedence, distinguisherOf, flowMatcher } from './flow-matching.ts';

type Rules = NonNullable<FlowSchemaSpec['rules']>[number];

const person = (name: string, ...groups: string[]): User => ({
  name,
  uid: undefined,
  groups: [...groups, 'system:authenticated'],
  extra: {},
});
const ALICE = person('alice', 'devs');
const infoOf = (request: string) => {
  const [method, target = ''] = request.split(' ');
  const [path = '', query = ''] = target.split('?');
  return requestInfoOf({ method: method as Method, path, query: new URLSearchParams(query) });
};
const schema = (rules: Partial<Rules>) => ({
  spec: {
    priorityLevelConfiguration: { name: 'x' },
    matchingPrecedence: 1,
    rules: [{ subjects: [{ kind: 'Group', group: { name: '*' } }], ...rules }],
  },
});
const subject = (...subjects: Rules['subjects'] & object) =>
  schema({ subjects, nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] });
const resource = (verbs: string, groups: string, resources: string, namespaces: string, clusterScope = false) => {
  const words = (text: string) => text.split(' ');
  const rule = { verbs: words(verbs), apiGroups: words(groups), resources: words(resources), clusterScope };
  return schema({ resourceRules: [{ ...rule, namespaces: words(namespaces) }] });
};
const path = (verbs: string[], ...nonResourceURLs: string[]) =>
  schema({ nonResourceRules: [{ verbs, nonResourceURLs }] });

const PODS = 'GET /api/v1/namespaces/a/pods';
const ACCOUNT = serviceAccountUser('a', 'robot');
const account = (namespace: string, name: string) =>
  subject({ kind: 'ServiceAccount', serviceAccount: { namespace, name } });
const cases: readonly [title: string, ReturnType<typeof schema>, User, request: string, expected: boolean][] = [
  ['a user', subject({ kind: 'User', user: { name: 'alice' } }), ALICE, 'GET /version', true],
  ['another user', subject({ kind: 'User', user: { name: 'bob' } }), ALICE, 'GET /version', false],
  ['every user', subject({ kind: 'User', user: { name: '*' } }), ALICE, 'GET /version', true],
  ['a group', subject({ kind: 'Group', group: { name: 'devs' } }), ALICE, 'GET /version', true],
  ['another group', subject({ kind: 'Group', group: { name: 'ops' } }), ALICE, 'GET /version', false],
  ['a service account', account('a', 'robot'), ACCOUNT, 'GET /version', true],
  ['a service account of another namespace', account('b', 'robot'), ACCOUNT, 'GET /version', false],
  ['every service account of a namespace', account('a', '*'), ACCOUNT, 'GET /version', true],
  ['a namespace whose name only begins like it', account('', '*'), ACCOUNT, 'GET /version', false],
  [
    'one of several subjects',
    subject({ kind: 'User', user: { name: 'bob' } }, { kind: 'Group', group: { name: 'devs' } }),
    ALICE,
    'GET /version',
    true,
  ],
  ['a subject that says nothing', subject({ kind: 'User' }), ALICE, 'GET /version', false],
  ['no rules for resources', path(['*'], '*'), ALICE, PODS, false],
  ['a resource', resource('list', '', 'pods', 'a'), ALICE, PODS, true],
  ['everything in namespaces', resource('*', '*', '*', '*'), ALICE, PODS, true],
  ['another verb', resource('get', '', 'pods', 'a'), ALICE, PODS, false],
  ['another group of the API', resource('list', 'apps', 'pods', 'a'), ALICE, PODS, false],
  ['another resource', resource('list', '', 'secrets', 'a'), ALICE, PODS, false],
  ['another namespace', resource('list', '', 'pods', 'b'), ALICE, PODS, false],
  ['a wildcard beside something else', resource('* get', '', 'pods', 'a'), ALICE, PODS, false],
  ['a subresource', resource('get', '', 'pods/status', 'a'), ALICE, `${PODS}/p/status`, true],
  ['the resource of a subresource', resource('get', '', 'pods', 'a'), ALICE, `${PODS}/p/status`, false],
  ['what is in no namespace', resource('get', '', 'nodes', '*', true), ALICE, 'GET /api/v1/nodes/n', true],
  [
    'what is in no namespace, with a rule for namespaces',
    resource('get', '', 'nodes', '*'),
    ALICE,
    'GET /api/v1/nodes/n',
    false,
  ],
  ['all namespaces at once', resource('list', '', 'pods', '*'), ALICE, 'GET /api/v1/pods', false],
  ['a path', path(['get'], '/livez'), ALICE, 'GET /livez', true],
  ['what is below a path', path(['get'], '/livez'), ALICE, 'GET /livez/ping', true],
  ['a path that only begins like it', path(['get'], '/livez'), ALICE, 'GET /livezz', false],
  ['a path with a wildcard at its end', path(['get'], '/healthz/*'), ALICE, 'GET /healthz/etcd', true],
  ['another method', path(['get'], '/livez'), ALICE, 'POST /livez', false],
];
for (const [title, flowSchema, user, request, expected] of cases) {
  test(`flowMatcher: ${title}`, () => {
    assert.equal(flowMatcher(flowSchema)(user, infoOf(request)), expected);
  });
}

describe('the flows of every cluster', () => {
  const { flows } = planFlowControl([], []);
  const all = [...MANDATORY_SCHEMAS, ...SUGGESTED_SCHEMAS].toSorted(byMatchingPrecedence);
  const nameFor = (user: User, request: string) =>
    all.find((each) => flowMatcher(each)(user, infoOf(request)))?.metadata.name;
  const node = person('system:node:n', 'system:nodes');
  const scheduler = person('system:kube-scheduler');
  const lease = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/l';
  const table: readonly [User, request: string, expected: string][] = [
    [person('root', 'system:masters'), PODS, 'exempt'],
    [{ ...person('system:anonymous'), groups: ['system:unauthenticated'] }, 'GET /readyz', 'probes'],
    [{ ...person('system:anonymous'), groups: ['system:unauthenticated'] }, 'GET /version', 'global-default'],
    [scheduler, `PUT ${lease}`, 'system-leader-election'],
    [scheduler, 'GET /api/v1/pods?watch=1', 'kube-scheduler'],
    [person('system:kube-controller-manager'), PODS, 'kube-controller-manager'],
    [node, `PUT ${lease}`, 'system-node-high'],
    [node, 'PATCH /api/v1/nodes/n/status', 'system-node-high'],
    [node, PODS, 'system-nodes'],
    [serviceAccountUser('kube-system', 'job-controller'), `GET ${lease}`, 'system-leader-election'],
    [serviceAccountUser('kube-system', 'job-controller'), PODS, 'kube-system-service-accounts'],
    [ACCOUNT, PODS, 'service-accounts'],
    [ALICE, PODS, 'global-default'],
  ];
  for (const [user, request, expected] of table) {
    test(`${request} of ${user.name} goes to ${expected}`, () => assert.equal(nameFor(user, request), expected));
  }

  test('without objects are the mandatory ones', () => {
    assert.deepEqual(
      flows.map(({ name }) => name),
      ['exempt', 'catch-all'],
    );
  });
});

test('byMatchingPrecedence puts the least first, of equals the one whose name comes first', () => {
  const of = (name: string, matchingPrecedence: number) => {
    const { spec } = schema({});
    return { metadata: { name }, spec: { ...spec, matchingPrecedence } };
  };
  const sorted = [of('b', 2), of('c', 1), of('a', 2)].toSorted(byMatchingPrecedence);
  assert.deepEqual(
    sorted.map(({ metadata }) => metadata.name),
    ['c', 'a', 'b'],
  );
});

test('distinguisherOf goes by user, by namespace, or not at all', () => {
  const by = (type?: string) => {
    const { spec } = schema({});
    return { spec: { ...spec, ...(type ? { distinguisherMethod: { type } } : {}) } };
  };
  assert.equal(distinguisherOf(by('ByUser'), ALICE, infoOf(PODS)), 'alice');
  assert.equal(distinguisherOf(by('ByNamespace'), ALICE, infoOf(PODS)), 'a');
  assert.equal(distinguisherOf(by(), ALICE, infoOf(PODS)), '');
});
