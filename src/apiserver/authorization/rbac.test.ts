import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import type { PolicyRule } from '../../api/rbac/policy-rule.ts';
import { Role } from '../../api/rbac/role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import { serviceAccountUser, type User } from '../../client/user.ts';
import { MapObjectReader } from '../registry/map-object-reader.ts';
import type { RequestInfo } from '../request-info.ts';
import { authorizerUnion, superuserAuthorizer } from './authorizer-union.ts';
import { forbiddenRequest } from './forbidden.ts';
import { RbacAuthorizer } from './rbac.ts';
import { compactRules, describeRule, missingRules, ruleAllows } from './rbac-rules.ts';

const person = (name: string, ...groups: string[]): User => ({ name, uid: undefined, groups, extra: {} });

const resourceRequest = (text: string, more: Partial<RequestInfo> = {}): RequestInfo => {
  const [verb = '', path = ''] = text.split(' ');
  const [resource = '', subresource = ''] = path.split('/');
  return {
    path: '',
    verb,
    isResource: true,
    group: '',
    version: 'v1',
    resource,
    subresource,
    namespace: '',
    name: '',
    suffix: '',
    ...more,
  };
};
const urlRequest = (verb: string, path: string): RequestInfo => ({
  ...resourceRequest(verb),
  resource: '',
  isResource: false,
  path,
});

describe('ruleAllows', () => {
  const pods: PolicyRule = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] };
  const everything: PolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
  const scales: PolicyRule = { verbs: ['update'], apiGroups: ['*'], resources: ['*/scale'] };
  const named: PolicyRule = { verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'] };
  const urls: PolicyRule = { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez/*', '/api*'] };
  const cases: [string, PolicyRule, RequestInfo, boolean][] = [
    ['a verb and resource of its list', pods, resourceRequest('get pods'), true],
    ['no other verb', pods, resourceRequest('delete pods'), false],
    ['no other group', pods, resourceRequest('get pods', { group: 'metrics.k8s.io' }), false],
    ['a subresource that is listed', pods, resourceRequest('get pods/log'), true],
    ['no subresource that is not listed', pods, resourceRequest('get pods/exec'), false],
    ['no URL', pods, urlRequest('get', '/pods'), false],
    ['all resources and subresources by a star', everything, resourceRequest('patch deployments/status'), true],
    ['no URL by a star for resources', everything, urlRequest('get', '/metrics'), false],
    ['one subresource of everything', scales, resourceRequest('update deployments/scale', { group: 'apps' }), true],
    ['not the resource itself by a star before a subresource', scales, resourceRequest('update deployments'), false],
    ['not another subresource', scales, resourceRequest('update deployments/status'), false],
    ['the name it lists', named, resourceRequest('get configmaps', { name: 'mine' }), true],
    ['no other name', named, resourceRequest('get configmaps', { name: 'yours' }), false],
    ['no request without a name', named, resourceRequest('get configmaps'), false],
    ['a URL that is listed', urls, urlRequest('get', '/healthz'), true],
    ['no URL below it', urls, urlRequest('get', '/healthz/etcd'), false],
    ['URLs below a prefix', urls, urlRequest('get', '/livez/etcd'), true],
    ['not the prefix without its slash', urls, urlRequest('get', '/livez'), false],
    ['URLs that start with a prefix', urls, urlRequest('get', '/apis/apps'), true],
    ['no other method', urls, urlRequest('post', '/healthz'), false],
  ];
  for (const [name, rule, request, expected] of cases) {
    test(`allows ${name}`, () => assert.equal(ruleAllows(rule, request), expected));
  }
});

describe('missingRules', () => {
  const held: PolicyRule[] = [
    { verbs: ['get', 'list'], apiGroups: ['', 'apps'], resources: ['pods', 'deployments'] },
    { verbs: ['*'], apiGroups: ['batch'], resources: ['*'] },
    { verbs: ['update'], apiGroups: ['apps'], resources: ['*/scale'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['one', 'two'] },
    { verbs: ['get'], nonResourceURLs: ['/healthz*'] },
  ];
  const cases: [string, PolicyRule, string[]][] = [
    ['nothing of what is held', { verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'] }, []],
    ['nothing under a star', { verbs: ['delete'], apiGroups: ['batch'], resources: ['jobs', 'jobs/status'] }, []],
    ['nothing of a subresource of everything', { verbs: ['update'], apiGroups: ['apps'], resources: ['x/scale'] }, []],
    [
      'the verbs that are not held, together',
      { verbs: ['get', 'create', 'delete'], apiGroups: [''], resources: ['pods'] },
      ['{APIGroups:[""], Resources:["pods"], Verbs:["create" "delete"]}'],
    ],
    [
      'a star that only single verbs are held of',
      { verbs: ['*'], apiGroups: [''], resources: ['pods'] },
      ['{APIGroups:[""], Resources:["pods"], Verbs:["*"]}'],
    ],
    [
      'the names that are not held',
      { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['two', 'three'] },
      ['{APIGroups:[""], Resources:["secrets"], ResourceNames:["three"], Verbs:["get"]}'],
    ],
    [
      'all names when only some are held',
      { verbs: ['get'], apiGroups: [''], resources: ['secrets'] },
      ['{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'],
    ],
    [
      'URLs that are not held',
      { verbs: ['get'], nonResourceURLs: ['/healthz/etcd', '/metrics'] },
      ['{NonResourceURLs:["/metrics"], Verbs:["get"]}'],
    ],
  ];
  for (const [name, wanted, expected] of cases) {
    test(`finds ${name}`, () => {
      assert.deepEqual(compactRules(missingRules(held, [wanted])).map(describeRule), expected);
    });
  }
});

describe('RbacAuthorizer', () => {
  const setUp = () => {
    const objects = new MapObjectReader();
    objects.put(ClusterRole, {
      metadata: { name: 'reader' },
      rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }],
    });
    objects.put(Role, {
      metadata: { name: 'writer', namespace: 'a' },
      rules: [{ verbs: ['create'], apiGroups: [''], resources: ['pods'] }],
    });
    objects.put(ClusterRoleBinding, {
      metadata: { name: 'readers' },
      subjects: [
        { kind: 'Group', name: 'readers' },
        { kind: 'ServiceAccount', name: 'robot', namespace: 'a' },
      ],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
    });
    objects.put(RoleBinding, {
      metadata: { name: 'writers', namespace: 'a' },
      subjects: [
        { kind: 'User', name: 'jane' },
        { kind: 'ServiceAccount', name: 'robot' },
      ],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'writer' },
    });
    objects.put(RoleBinding, {
      metadata: { name: 'readers-here', namespace: 'a' },
      subjects: [{ kind: 'User', name: 'jane' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
    });
    return { objects, rbac: new RbacAuthorizer({ objects }) };
  };

  const jane = person('jane');
  const reader = person('joe', 'readers');
  const robot = serviceAccountUser('a', 'robot');
  const inA = { namespace: 'a' };
  const inB = { namespace: 'b' };
  const cases: [string, User, RequestInfo, string | undefined][] = [
    [
      'a group by a cluster binding, everywhere',
      reader,
      resourceRequest('list pods', inB),
      'RBAC: allowed by ClusterRoleBinding "readers" of ClusterRole "reader" to Group "readers"',
    ],
    ['a group by a cluster binding, over all namespaces', reader, resourceRequest('list pods'), ''],
    ['nobody who is not bound', person('joe'), resourceRequest('list pods'), undefined],
    [
      'a user by a binding in its namespace',
      jane,
      resourceRequest('create pods', inA),
      'RBAC: allowed by RoleBinding "writers/a" of Role "writer" to User "jane"',
    ],
    ['no user in another namespace', jane, resourceRequest('create pods', inB), undefined],
    ['no user over all namespaces by a binding in one', jane, resourceRequest('list pods'), undefined],
    [
      'a user by a cluster role bound in a namespace',
      jane,
      resourceRequest('get pods', inA),
      'RBAC: allowed by RoleBinding "readers-here/a" of ClusterRole "reader" to User "jane"',
    ],
    [
      'a service account by a cluster binding',
      robot,
      resourceRequest('get pods', inB),
      'RBAC: allowed by ClusterRoleBinding "readers" of ClusterRole "reader" to ServiceAccount "robot/a"',
    ],
    ['a service account of the namespace of its binding', robot, resourceRequest('create pods', inA), ''],
    [
      'no service account of the same name elsewhere',
      serviceAccountUser('b', 'robot'),
      resourceRequest('create pods', inA),
      undefined,
    ],
  ];
  for (const [name, user, request, reason] of cases) {
    test(`authorize allows ${name}`, () => {
      const { rbac } = setUp();
      const decision = rbac.authorize(user, request);
      assert.equal(decision.verdict, reason === undefined ? 'noOpinion' : 'allow');
      if (reason) assert.equal(decision.reason, reason);
    });
  }

  test('authorize follows every change of roles and bindings', () => {
    const { objects, rbac } = setUp();
    const verdict = (verb: string) => rbac.authorize(jane, resourceRequest(`${verb} pods`, inA)).verdict;
    assert.equal(verdict('delete'), 'noOpinion');
    objects.put(Role, {
      metadata: { name: 'writer', namespace: 'a' },
      rules: [{ verbs: ['delete'], apiGroups: [''], resources: ['pods'] }],
    });
    assert.equal(verdict('delete'), 'allow');
    assert.equal(verdict('create'), 'noOpinion');
    objects.put(RoleBinding, {
      metadata: { name: 'writers', namespace: 'a' },
      subjects: [{ kind: 'User', name: 'joe' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'writer' },
    });
    assert.equal(verdict('delete'), 'noOpinion');
    objects.remove(RoleBinding, { name: 'readers-here', namespace: 'a' });
    assert.equal(verdict('get'), 'noOpinion');
  });

  test('authorize names the roles that are bound and do not exist', () => {
    const { objects, rbac } = setUp();
    objects.remove(ClusterRole, { name: 'reader' });
    objects.remove(Role, { name: 'writer', namespace: 'a' });
    assert.deepEqual(rbac.authorize(robot, resourceRequest('get pods', inA)), {
      verdict: 'noOpinion',
      reason:
        'RBAC: [clusterrole.rbac.authorization.k8s.io "reader" not found, role.rbac.authorization.k8s.io "writer" not found]',
    });
  });

  test('rulesFor gathers what holds for the cluster and in the namespace', () => {
    const { rbac } = setUp();
    assert.deepEqual(
      rbac.rulesFor(robot, 'a').rules.map(({ verbs }) => verbs),
      [['get', 'list'], ['create']],
    );
    assert.deepEqual(
      rbac.rulesFor(robot, '').rules.map(({ verbs }) => verbs),
      [['get', 'list']],
    );
  });

  test('authorize finds the one rule among hundreds', () => {
    const { objects, rbac } = setUp();
    for (let i = 0; i < 300; i++) {
      objects.put(ClusterRole, {
        metadata: { name: `role-${i}` },
        rules: [{ verbs: ['get', 'list', 'watch'], apiGroups: [`group-${i}`], resources: ['things', 'things/status'] }],
      });
      objects.put(ClusterRoleBinding, {
        metadata: { name: `binding-${i}` },
        subjects: [{ kind: 'Group', name: 'everybody' }],
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `role-${i}` },
      });
    }
    const somebody = person('somebody', 'everybody');
    const verdict = (group: string) =>
      rbac.authorize(somebody, resourceRequest('watch things/status', { group })).verdict;
    assert.deepEqual([verdict('group-0'), verdict('group-299'), verdict('group-300')], ['allow', 'allow', 'noOpinion']);
  });
});

describe('authorizerUnion', () => {
  test('lets superusers do everything, and joins the reasons of those without an opinion', () => {
    const says = (reason: string) => ({ authorize: () => ({ verdict: 'noOpinion' as const, reason }) });
    const union = authorizerUnion([superuserAuthorizer, says('one'), says(''), says('two')]);
    const request = resourceRequest('get pods');
    assert.equal(union.authorize(person('root', 'system:masters'), request).verdict, 'allow');
    assert.deepEqual(union.authorize(jane(), request), { verdict: 'noOpinion', reason: 'one\ntwo' });
  });

  test('ends at a denial', () => {
    const deny = { authorize: () => ({ verdict: 'deny' as const, reason: 'never' }) };
    const allow = { authorize: () => ({ verdict: 'allow' as const, reason: '' }) };
    assert.equal(authorizerUnion([deny, allow]).authorize(jane(), resourceRequest('get pods')).verdict, 'deny');
  });

  const jane = () => person('jane');
});

describe('forbiddenRequest', () => {
  const x = person('x');
  const cases: [RequestInfo, string, string][] = [
    [
      resourceRequest('list pods', { namespace: 'default' }),
      '',
      'pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "default"',
    ],
    [
      resourceRequest('get deployments/scale', { group: 'apps', namespace: 'a', name: 'web' }),
      '',
      'deployments.apps "web" is forbidden: User "x" cannot get resource "deployments/scale" in API group "apps" in the namespace "a"',
    ],
    [
      resourceRequest('list nodes'),
      'because',
      'nodes is forbidden: User "x" cannot list resource "nodes" in API group "" at the cluster scope: because',
    ],
    [urlRequest('get', '/metrics'), '', 'forbidden: User "x" cannot get path "/metrics"'],
  ];
  for (const [request, reason, message] of cases) {
    test(`says: ${message}`, () => {
      const error = forbiddenRequest(x, request, reason);
      assert.equal(error.message, message);
      assert.equal(error.code, 403);
    });
  }
});
