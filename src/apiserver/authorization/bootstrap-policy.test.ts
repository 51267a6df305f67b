import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { Role } from '../../api/rbac/role.ts';
import { serviceAccountUser, type User } from '../../client/user.ts';
import { mapClient } from '../registry/map-client.ts';
import { MapObjectReader } from '../registry/map-object-reader.ts';
import { bootstrapPolicy } from './bootstrap-policy.ts';
import { RbacAuthorizer } from './rbac.ts';
import { reconcileBootstrapPolicy } from './reconcile-bootstrap-policy.ts';

const { signal } = new AbortController();
const setUp = async () => {
  const objects = new MapObjectReader();
  const client = mapClient(objects);
  await reconcileBootstrapPolicy({ client }, bootstrapPolicy(), { signal });
  return { objects, client };
};
const person = (name: string, ...groups: string[]): User => ({ name, uid: undefined, groups, extra: {} });

describe('bootstrapPolicy', () => {
  test('names every object once and binds only roles that are there', () => {
    const policy = bootstrapPolicy();
    for (const objects of Object.values(policy)) {
      const names = objects.map(({ metadata }: { metadata?: { namespace?: string; name?: string } }) => {
        return `${metadata?.namespace}/${metadata?.name}`;
      });
      assert.equal(new Set(names).size, names.length);
    }
    const clusterRoles = new Set(policy.clusterRoles.map(({ metadata }) => metadata?.name));
    for (const { roleRef } of policy.clusterRoleBindings) assert.ok(clusterRoles.has(roleRef.name), roleRef.name);
    const roles = new Set(policy.roles.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`));
    for (const { metadata, roleRef } of policy.roleBindings)
      assert.ok(roles.has(`${metadata?.namespace}/${roleRef.name}`));
  });

  test('gives every controller its role and its service account the binding', () => {
    const { clusterRoles, clusterRoleBindings } = bootstrapPolicy();
    const controllers = clusterRoles.filter(({ metadata }) => metadata?.name?.startsWith('system:controller:'));
    assert.equal(controllers.length, 38);
    for (const { metadata } of controllers) {
      const binding = clusterRoleBindings.find((each) => each.metadata?.name === metadata?.name);
      const account = metadata?.name?.replace('system:controller:', '');
      assert.deepEqual(binding?.subjects, [{ kind: 'ServiceAccount', name: account, namespace: 'kube-system' }]);
    }
  });

  test('marks everything as its own', () => {
    for (const { metadata } of bootstrapPolicy().clusterRoles) {
      assert.equal(metadata?.labels?.['kubernetes.io/bootstrapping'], 'rbac-defaults');
      assert.equal(metadata?.annotations?.['rbac.authorization.kubernetes.io/autoupdate'], 'true');
    }
  });
});

describe('reconcileBootstrapPolicy', () => {
  test('writes nothing the second time', async () => {
    const { client } = await setUp();
    const before = client.writes.length;
    assert.equal(await reconcileBootstrapPolicy({ client }, bootstrapPolicy(), { signal }), 0);
    assert.equal(client.writes.length, before);
  });

  test('gathers the rules of viewers into editors and of editors into administrators', async () => {
    const { objects } = await setUp();
    const rules = (name: string) => objects.get(ClusterRole, { name })?.rules ?? [];
    const ownToViewers = ['system:aggregate-to-view', 'system:aggregated-metrics-reader'].flatMap(rules);
    assert.equal(rules('view').length, ownToViewers.length);
    for (const rule of rules('view'))
      assert.ok(rules('edit').some((held) => JSON.stringify(held) === JSON.stringify(rule)));
    for (const rule of rules('edit'))
      assert.ok(rules('admin').some((held) => JSON.stringify(held) === JSON.stringify(rule)));
    assert.ok(rules('edit').length > rules('view').length);
  });

  test('puts back what was taken away and keeps what was added', async () => {
    const { objects, client } = await setUp();
    const extra = { verbs: ['get'], apiGroups: ['example.com'], resources: ['widgets'] };
    const role = objects.get(ClusterRole, { name: 'system:kube-dns' })!;
    objects.put(ClusterRole, { ...role, metadata: { ...role.metadata, labels: {} }, rules: [extra] });
    const binding = objects.get(ClusterRoleBinding, { name: 'system:node-proxier' })!;
    objects.put(ClusterRoleBinding, { ...binding, subjects: [{ kind: 'User', name: 'me' }] });
    objects.remove(Role, { name: 'system:controller:token-cleaner', namespace: 'kube-system' });
    client.writes.length = 0;

    await reconcileBootstrapPolicy({ client }, bootstrapPolicy(), { signal });
    assert.deepEqual(client.writes.toSorted(), [
      'create Role system:controller:token-cleaner',
      'update ClusterRole system:kube-dns',
      'update ClusterRoleBinding system:node-proxier',
    ]);
    const repaired = objects.get(ClusterRole, { name: 'system:kube-dns' });
    assert.deepEqual(repaired?.rules?.[0], extra);
    assert.deepEqual(
      repaired?.rules?.slice(1).map(({ resources }) => resources),
      [['endpoints'], ['services']],
    );
    assert.equal(repaired?.metadata.labels?.['kubernetes.io/bootstrapping'], 'rbac-defaults');
    const subjects = objects.get(ClusterRoleBinding, { name: 'system:node-proxier' })?.subjects;
    assert.deepEqual(
      subjects?.map(({ name }) => name),
      ['me', 'system:kube-proxy'],
    );
  });

  test('makes a binding anew that refers to another role', async () => {
    const { objects, client } = await setUp();
    const binding = objects.get(ClusterRoleBinding, { name: 'system:discovery' })!;
    objects.put(ClusterRoleBinding, { ...binding, roleRef: { ...binding.roleRef, name: 'cluster-admin' } });
    client.writes.length = 0;
    await reconcileBootstrapPolicy({ client }, bootstrapPolicy(), { signal });
    assert.deepEqual(client.writes, [
      'delete ClusterRoleBinding system:discovery',
      'create ClusterRoleBinding system:discovery',
    ]);
  });

  test('leaves alone what is marked not to be touched', async () => {
    const { objects, client } = await setUp();
    const role = objects.get(ClusterRole, { name: 'system:discovery' })!;
    const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
    objects.put(ClusterRole, { ...role, metadata: { ...role.metadata, annotations }, rules: [] });
    assert.equal(await reconcileBootstrapPolicy({ client }, bootstrapPolicy(), { signal }), 0);
    assert.deepEqual(objects.get(ClusterRole, { name: 'system:discovery' })?.rules, []);
  });
});

describe('the default policy', () => {
  const AUTHENTICATED = 'system:authenticated';
  const scheduler = person('system:kube-scheduler', AUTHENTICATED);
  const deployments = serviceAccountUser('kube-system', 'deployment-controller');
  const dns = serviceAccountUser('kube-system', 'cluster-dns-controller');
  const anonymous = person('system:anonymous', 'system:unauthenticated');
  const cases: [string, User, string, boolean][] = [
    ['anybody', anonymous, 'get /healthz', true],
    ['anybody', anonymous, 'get /version', true],
    ['anybody', anonymous, 'get /api', false],
    ['anybody', anonymous, 'list pods', false],
    ['somebody known', person('jane', AUTHENTICATED), 'get /apis/apps', true],
    ['somebody known', person('jane', AUTHENTICATED), 'create selfsubjectaccessreviews.authorization.k8s.io', true],
    ['somebody known', person('jane', AUTHENTICATED), 'get secrets', false],
    ['an administrator', person('kubernetes-admin', 'kubeadm:cluster-admins'), 'delete nodes', true],
    ['the scheduler', scheduler, 'create pods/binding', true],
    ['the scheduler', scheduler, 'update leases.coordination.k8s.io kube-scheduler', true],
    ['the scheduler', scheduler, 'update leases.coordination.k8s.io kube-controller-manager', false],
    ['the scheduler', scheduler, 'get secrets', false],
    ['the deployment controller', deployments, 'create replicasets.apps', true],
    ['the deployment controller', deployments, 'create pods', false],
    ['the DNS controller', dns, 'create services in kube-system', true],
    ['the DNS controller', dns, 'delete endpointslices.discovery.k8s.io in kube-system', true],
    ['the DNS controller', dns, 'create services in default', false],
    ['the DNS controller', dns, 'delete services in kube-system', false],
    ['a service account', serviceAccountUser('a', 'b'), 'get /.well-known/openid-configuration', true],
    ['a node without the node authorizer', person('system:node:x', 'system:nodes', AUTHENTICATED), 'get pods', false],
    ['the proxy', person('system:kube-proxy', AUTHENTICATED), 'watch endpointslices.discovery.k8s.io', true],
    ['the server at a node agent', person('kube-apiserver-kubelet-client'), 'create nodes/proxy', true],
  ];
  for (const [who, user, what, expected] of cases) {
    test(`${expected ? 'lets' : 'does not let'} ${who} ${what}`, async () => {
      const { objects } = await setUp();
      using rbac = new RbacAuthorizer({ objects });
      const [request = '', namespace = ''] = what.split(' in ');
      const [verb = '', path = '', name = ''] = request.split(' ');
      const isResource = !path.startsWith('/');
      const [resourcePath = '', ...group] = isResource ? path.split('.') : [];
      const [resource = '', subresource = ''] = resourcePath.split('/');
      const attributes = { verb, isResource, path, group: group.join('.'), version: 'v1', resource, subresource };
      const decision = rbac.authorize(user, { ...attributes, namespace, name, suffix: '' });
      assert.equal(decision.verdict, expected ? 'allow' : 'noOpinion');
    });
  }
});
