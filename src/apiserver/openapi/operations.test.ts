import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS } from '../../api/catalog.ts';
import { operationsOf } from './operations.ts';
import { groupOperation, resourcesOperation } from './server-operations.ts';

const operations = KINDS.flatMap(operationsOf);

/** What generated clients call their functions by. */
const IDS: readonly (readonly [request: string, id: string, action: string, kind: string])[] = [
  ['get /api/v1/namespaces/{namespace}/pods', 'listCoreV1NamespacedPod', 'list', 'Pod'],
  ['get /api/v1/pods', 'listCoreV1PodForAllNamespaces', 'list', 'Pod'],
  ['post /api/v1/nodes', 'createCoreV1Node', 'post', 'Node'],
  ['delete /api/v1/namespaces/{namespace}/pods', 'deleteCoreV1CollectionNamespacedPod', 'deletecollection', 'Pod'],
  ['delete /api/v1/namespaces/{namespace}/pods/{name}', 'deleteCoreV1NamespacedPod', 'delete', 'Pod'],
  ['get /api/v1/watch/pods', 'watchCoreV1PodListForAllNamespaces', 'watchlist', 'Pod'],
  ['get /api/v1/watch/namespaces/{namespace}/pods', 'watchCoreV1NamespacedPodList', 'watchlist', 'Pod'],
  ['get /api/v1/watch/namespaces/{namespace}/pods/{name}', 'watchCoreV1NamespacedPod', 'watch', 'Pod'],
  ['get /api/v1/namespaces/{namespace}/pods/{name}/log', 'readCoreV1NamespacedPodLog', 'get', 'Pod'],
  ['post /api/v1/namespaces/{namespace}/pods/{name}/eviction', 'createCoreV1NamespacedPodEviction', 'post', 'Eviction'],
  [
    'get /api/v1/namespaces/{namespace}/pods/{name}/exec',
    'connectCoreV1GetNamespacedPodExec',
    'connect',
    'PodExecOptions',
  ],
  ['options /api/v1/nodes/{name}/proxy/{path}', 'connectCoreV1OptionsNodeProxyWithPath', 'connect', 'NodeProxyOptions'],
  [
    'put /apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale',
    'replaceAppsV1NamespacedDeploymentScale',
    'put',
    'Scale',
  ],
  [
    'patch /apis/rbac.authorization.k8s.io/v1/clusterroles/{name}',
    'patchRbacAuthorizationV1ClusterRole',
    'patch',
    'ClusterRole',
  ],
];

for (const [request, id, action, kind] of IDS) {
  test(`operationsOf: ${request}`, () => {
    const operation = operations.find(({ method, path }) => `${method} ${path}` === request);
    assert.deepEqual([operation?.id, operation?.about?.action, operation?.about?.identity.kind], [id, action, kind]);
  });
}

test('operationsOf: no two operations have the same name', () => {
  const ids = operations.map(({ id }) => id);
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
});

test('operationsOf: parameters are what declared options have', () => {
  const parametersOf = (id: string) => operations.find((one) => one.id === id)?.parameters.map(({ name }) => name);
  assert.deepEqual(parametersOf('patchCoreV1Node'), [
    'name',
    'pretty',
    'dryRun',
    'force',
    'fieldManager',
    'fieldValidation',
  ]);
  assert.ok(!parametersOf('deleteCoreV1CollectionNode')?.includes('watch'));
  assert.ok(!parametersOf('readCoreV1NamespacedPodLog')?.includes('sinceTime'));
});

test('discovery has operations of its own', () => {
  const core = resourcesOperation({ group: '', version: 'v1' });
  assert.deepEqual([core.path, core.id, core.tag], ['/api/v1/', 'getCoreV1APIResources', 'core_v1']);
  const group = groupOperation('flowcontrol.apiserver.k8s.io');
  assert.deepEqual([group.id, group.tag], ['getFlowcontrolApiserverAPIGroup', 'flowcontrolApiserver']);
});
