import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment } from '../../../src/api/apps/deployment.ts';
import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Endpoints } from '../../../src/api/core/endpoints.ts';
import { Namespace } from '../../../src/api/core/namespace.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { Service } from '../../../src/api/core/service.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { EndpointSlice } from '../../../src/api/discovery/endpoint-slice.ts';
import { ClusterRole } from '../../../src/api/rbac/cluster-role.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

test('a new cluster gets its namespaces, accounts, certificate, API service and DNS', async () => {
  await using cluster = await controlledCluster();
  const { admin, until, addNode } = cluster;
  await addNode('node-1');
  await until('system namespaces', async () => (await admin.list(Namespace)).items.length === 4);
  await until('accounts', async () => (await admin.list(ServiceAccount)).items.length === 4);
  await until(
    'certificates',
    async () => (await admin.list(ConfigMap, { fieldSelector: 'metadata.name=kube-root-ca.crt' })).items.length === 4,
  );
  const [map] = (await admin.list(ConfigMap)).items;
  assert.equal(map?.metadata.name, 'kube-root-ca.crt');
  assert.deepEqual(map?.data, { 'ca.crt': 'CA' });

  const at = { namespace: 'default', name: 'kubernetes' };
  await until(
    'the API service',
    async () => (await admin.list(EndpointSlice, { namespace: 'default' })).items.length > 0,
  );
  const service = await admin.get(Service, at);
  assert.equal(service.spec.clusterIP, '10.96.0.1');
  assert.deepEqual((await admin.get(Endpoints, at)).subsets, [
    { addresses: [{ ip: '192.0.2.1' }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] },
  ]);
  await admin.delete(Service, at);
  await until(
    'the API service again',
    async () => (await admin.list(Service, { namespace: 'default' })).items.length === 1,
  );

  await until('DNS', async () => (await admin.list(EndpointSlice, { namespace: 'kube-system' })).items.length === 1);
  const dns = await admin.get(Service, { namespace: 'kube-system', name: 'kube-dns' });
  assert.deepEqual([dns.spec.clusterIP, dns.spec.internalTrafficPolicy], ['10.96.0.10', 'Local']);
  const [slice] = (await admin.list(EndpointSlice, { namespace: 'kube-system' })).items;
  assert.deepEqual(
    slice?.endpoints?.map(({ nodeName, addresses }) => [nodeName, addresses]),
    [['node-1', ['192.0.2.16']]],
  );
  await cluster.pass(60_000);
  assert.deepEqual(cluster.complaints, []);
});

test('what every namespace has is put back when it is removed, but not while the namespace goes', async () => {
  await using cluster = await controlledCluster();
  const { admin, until, pass } = cluster;
  const at = { namespace: 'web', name: 'kube-root-ca.crt' };
  const has = (name: string) => async () => {
    const maps = await admin.list(ConfigMap, { namespace: 'web' });
    const accounts = await admin.list(ServiceAccount, { namespace: 'web' });
    return [...maps.items, ...accounts.items].some(({ metadata }) => metadata.name === name);
  };
  await admin.create(Namespace, { metadata: { name: 'web' } });
  await until('the certificate', has('kube-root-ca.crt'));
  await until('the account', has('default'));
  await admin.update(ConfigMap, { metadata: at, data: { 'ca.crt': 'forged' } });
  await until('the true certificate', async () => (await admin.get(ConfigMap, at)).data?.['ca.crt'] === 'CA');
  await admin.delete(ConfigMap, at);
  await admin.delete(ServiceAccount, { namespace: 'web', name: 'default' });
  await until('the certificate again', has('kube-root-ca.crt'));
  await until('the account again', has('default'));
  await admin.delete(Namespace, { name: 'web' });
  await pass(60_000);
  await assert.rejects(admin.get(Namespace, { name: 'web' }), (error) => isStatusError(error, 'NotFound'));
  assert.equal((await admin.list(ServiceAccount, { namespace: 'web' })).items.length, 0);
});

test('a namespace deletes its pods before anything else, says what it waits for, and goes', async () => {
  await using cluster = await controlledCluster();
  const { admin, until, addNode, tendPods } = cluster;
  await addNode('node-1');
  await admin.create(Namespace, { metadata: { name: 'web' } });
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: 'web' })).items.length === 1);
  const spec = { nodeName: 'node-1', terminationGracePeriodSeconds: 30, containers: [{ name: 'c', image: 'i' }] };
  await admin.create(Pod, { metadata: { namespace: 'web', name: 'a' }, spec });
  await admin.create(ConfigMap, { metadata: { namespace: 'web', name: 'data', finalizers: ['example.com/wait'] } });
  await tendPods();
  await admin.delete(Namespace, { name: 'web' });

  const condition = async (type: string) =>
    (await admin.get(Namespace, { name: 'web' })).status.conditions?.find((one) => one.type === type);
  await until('the wait for the pod', async () => {
    const text = (await condition('NamespaceContentRemaining'))?.message;
    return text === 'Some resources are remaining: pods. has 1 resource instances';
  });
  const data = await admin.get(ConfigMap, { namespace: 'web', name: 'data' });
  assert.equal(data.metadata.deletionTimestamp, undefined);
  await tendPods();

  await until('the wait for the finalizer', async () => {
    const text = (await condition('NamespaceFinalizersRemaining'))?.message;
    return text === 'Some content in the namespace has finalizers remaining: example.com/wait in 1 resource instances';
  });
  const body = { metadata: { finalizers: null } };
  await admin.patch(ConfigMap, { namespace: 'web', name: 'data' }, { type: 'merge', body });
  await until(
    'the end',
    async () => !(await admin.list(Namespace)).items.some(({ metadata }) => metadata.name === 'web'),
  );
  assert.deepEqual(cluster.complaints, []);
});

test('a role that is put together gets the rules of a role that is added to it', async () => {
  await using cluster = await controlledCluster();
  const { admin, until } = cluster;
  const widgets = { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] };
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
  await admin.create(ClusterRole, { metadata: { name: 'widgets-view', labels }, rules: [widgets] });
  const knows = (name: string) => async () => {
    const { rules } = await admin.get(ClusterRole, { name });
    return rules?.some(({ resources }) => resources?.includes('widgets')) ?? false;
  };
  await until('the view', knows('view'));
  await admin.delete(ClusterRole, { name: 'widgets-view' });
  await until('the view without it', async () => !(await knows('view')()));
  assert.deepEqual(cluster.complaints, []);
});

test('a cluster in which nothing happens is not written to', async () => {
  await using cluster = await controlledCluster();
  const { admin, until, addNode, tendPods, pass } = cluster;
  await addNode('node-1');
  await until(
    'the account',
    async () => (await admin.list(ServiceAccount, { namespace: 'default' })).items.length === 1,
  );
  const labels = { app: 'web' };
  const spec = { nodeName: 'node-1', containers: [{ name: 'c', image: 'i' }] };
  await admin.create(Deployment, {
    metadata: { namespace: 'default', name: 'web' },
    spec: { replicas: 3, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
  await admin.create(Service, {
    metadata: { namespace: 'default', name: 'web' },
    spec: { clusterIP: '10.96.0.50', selector: labels, ports: [{ port: 80 }] },
  });
  await until('the rollout', async () => {
    await tendPods();
    return (await admin.get(Deployment, { namespace: 'default', name: 'web' })).status.availableReplicas === 3;
  });
  await pass(60_000); // The node falls silent after 50 s, which is the last that happens.
  const revision = async () => (await admin.list(Namespace)).metadata.resourceVersion;
  const before = await revision();
  await pass(600_000);
  assert.equal(await revision(), before);
  assert.deepEqual(cluster.complaints, []);
});
