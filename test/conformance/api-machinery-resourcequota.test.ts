// The ResourceQuota tests of the conformance suite, as upstream's test/e2e/apimachinery/resource_quota.go checks them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplicaSet } from '../../src/api/apps/replica-set.ts';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { ReplicationController } from '../../src/api/core/replication-controller.ts';
import { ResourceQuota } from '../../src/api/core/resource-quota.ts';
import { Secret } from '../../src/api/core/secret.ts';
import { Service } from '../../src/api/core/service.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { controlledCluster } from '../support/controlled-cluster.ts';

const NAMESPACE = 'resourcequota';
const QUOTA = { namespace: NAMESPACE, name: 'test-quota' };

/** As upstream's newTestResourceQuota. */
const HARD = {
  pods: '5',
  services: '10',
  'services.nodeports': '1',
  'services.loadbalancers': '1',
  replicationcontrollers: '10',
  resourcequotas: '1',
  cpu: '1',
  memory: '500Mi',
  configmaps: '10',
  secrets: '10',
  persistentvolumeclaims: '10',
  'requests.storage': '10Gi',
  'ephemeral-storage': '50Gi',
  'requests.ephemeral-storage': '50Gi',
  'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '10',
  'gold.storageclass.storage.k8s.io/requests.storage': '10Gi',
  'count/replicasets.apps': '5',
  'count/resourceclaims.resource.k8s.io': '1',
  'gold.deviceclass.resource.k8s.io/devices': '1',
  'requests.example.com/dongle': '3',
};

interface QuotaSpec {
  readonly hard: Readonly<Record<string, string>>;
  readonly scopes?: readonly ('BestEffort' | 'NotBestEffort' | 'Terminating' | 'NotTerminating')[];
}

async function open() {
  const cluster = await controlledCluster();
  const { admin, until } = cluster;
  const quota = (name = QUOTA.name) => admin.get(ResourceQuota, { namespace: NAMESPACE, name });
  const waitForUsage = async (used: Readonly<Record<string, string>>, name = QUOTA.name) => {
    await until(`${name} to use ${JSON.stringify(used)}`, async () => {
      const { status } = await quota(name);
      return Object.entries(used).every(([resource, amount]) => status.used?.[resource] === amount);
    });
  };
  const createQuota = async ({ hard, scopes }: QuotaSpec, name = QUOTA.name) => {
    const metadata = { namespace: NAMESPACE, name };
    await admin.create(ResourceQuota, { metadata, spec: { hard, ...(scopes ? { scopes: [...scopes] } : {}) } });
    await until('the status', async () => Object.keys((await quota(name)).status.used ?? {}).length > 0);
  };
  const createPod = (name: string, resources: object = {}, spec: object = {}) =>
    admin.create(Pod, {
      metadata: { namespace: NAMESPACE, name },
      spec: { containers: [{ name: 'pause', image: 'pause', resources }], ...spec },
    });
  const deletePod = (name: string) => admin.delete(Pod, { namespace: NAMESPACE, name }, { gracePeriodSeconds: 0 });
  await admin.create(Namespace, { metadata: { name: NAMESPACE } });
  await until('what a namespace has', async () => {
    const lists = [
      admin.list(ConfigMap, { namespace: NAMESPACE }),
      admin.list(ServiceAccount, { namespace: NAMESPACE }),
    ];
    return (await Promise.all(lists)).every(({ items }) => items.length > 0);
  });
  return { ...cluster, cluster, quota, waitForUsage, createQuota, createPod, deletePod };
}

const isForbidden = (error: unknown) => isStatusError(error, 'Forbidden');
const meta = (name: string) => ({ namespace: NAMESPACE, name });

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated.', async () => {
  const { cluster, createQuota, waitForUsage, quota } = await open();
  await using _ = cluster;
  await createQuota({ hard: HARD });
  await waitForUsage({ resourcequotas: '1' });
  assert.deepEqual((await quota()).status.hard, (await quota()).spec.hard);
});

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a service.', async () => {
  const { cluster, admin, createQuota, waitForUsage } = await open();
  await using _ = cluster;
  await createQuota({ hard: HARD });
  const service = (name: string, type: 'ClusterIP' | 'NodePort' | 'LoadBalancer') =>
    admin.create(Service, { metadata: meta(name), spec: { type, ports: [{ port: 80 }] } });
  await service('test-service', 'ClusterIP');
  await service('test-service-np', 'NodePort');
  await assert.rejects(service('test-service-lb', 'LoadBalancer'), isForbidden);
  await waitForUsage({ resourcequotas: '1', services: '2', 'services.nodeports': '1' });
  await admin.delete(Service, meta('test-service'));
  await admin.delete(Service, meta('test-service-np'));
  await waitForUsage({ services: '0', 'services.nodeports': '0' });
});

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a secret.', async () => {
  const { cluster, admin, createQuota, waitForUsage } = await open();
  await using _ = cluster;
  const before = (await admin.list(Secret, { namespace: NAMESPACE })).items.length;
  await createQuota({ hard: { ...HARD, secrets: String(before + 1) } });
  await waitForUsage({ secrets: String(before) });
  await admin.create(Secret, { metadata: meta('test-secret'), data: { 'data-1': 'dmFsdWUtMQ==' } });
  await waitForUsage({ secrets: String(before + 1) });
  await assert.rejects(admin.create(Secret, { metadata: meta('one-more') }), isForbidden);
  await admin.delete(Secret, meta('test-secret'));
  await waitForUsage({ secrets: String(before) });
});

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a pod.', async () => {
  const { cluster, admin, createQuota, createPod, deletePod, waitForUsage } = await open();
  await using _ = cluster;
  await createQuota({ hard: HARD });
  const dongles = { 'example.com/dongle': '2' };
  const requests = { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', ...dongles };
  await createPod('test-pod', { requests, limits: dongles });
  const used = {
    resourcequotas: '1',
    pods: '1',
    cpu: '500m',
    memory: '252Mi',
    'ephemeral-storage': '30Gi',
    'requests.example.com/dongle': '2',
  };
  await waitForUsage(used);
  await assert.rejects(createPod('fail-pod', { requests: { cpu: '600m', memory: '100Mi' } }), isForbidden);
  const more = { requests: { ...requests, memory: '100Mi' }, limits: dongles };
  await assert.rejects(createPod('fail-pod-for-extended-resource', more), isForbidden);
  const pod = await admin.get(Pod, meta('test-pod'));
  const smaller = { requests: { cpu: '100m', memory: '100Mi', 'ephemeral-storage': '10Gi' } };
  const containers = pod.spec.containers.map((container) => ({ ...container, resources: smaller }));
  await assert.rejects(
    admin.update(Pod, { ...pod, spec: { ...pod.spec, containers } }),
    /pod updates may not change fields/,
  );
  await waitForUsage(used);
  await deletePod('test-pod');
  const nothing = { pods: '0', cpu: '0', memory: '0', 'ephemeral-storage': '0', 'requests.example.com/dongle': '0' };
  await waitForUsage({ resourcequotas: '1', ...nothing });
});

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a configMap.', async () => {
  const { cluster, admin, createQuota, waitForUsage } = await open();
  await using _ = cluster;
  const before = (await admin.list(ConfigMap, { namespace: NAMESPACE })).items.length;
  await createQuota({ hard: { ...HARD, configmaps: String(before + 1) } });
  await waitForUsage({ configmaps: String(before) });
  await admin.create(ConfigMap, { metadata: meta('test-configmap'), data: { a: 'b' } });
  await waitForUsage({ configmaps: String(before + 1) });
  await admin.delete(ConfigMap, meta('test-configmap'));
  await waitForUsage({ configmaps: String(before) });
});

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replication controller.', async () => {
  const { cluster, admin, createQuota, waitForUsage } = await open();
  await using _ = cluster;
  await createQuota({ hard: HARD });
  await waitForUsage({ replicationcontrollers: '0' });
  const labels = { name: 'test-rc' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await admin.create(ReplicationController, {
    metadata: meta('test-rc'),
    spec: { replicas: 0, selector: labels, template },
  });
  await waitForUsage({ replicationcontrollers: '1' });
  await admin.delete(ReplicationController, meta('test-rc'), { propagationPolicy: 'Background' });
  await waitForUsage({ replicationcontrollers: '0' });
});

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replica set.', async () => {
  const { cluster, admin, createQuota, waitForUsage } = await open();
  await using _ = cluster;
  await createQuota({ hard: HARD });
  await waitForUsage({ 'count/replicasets.apps': '0' });
  const labels = { name: 'test-rs' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 0, selector: { matchLabels: labels }, template };
  await admin.create(ReplicaSet, { metadata: meta('test-rs'), spec });
  await waitForUsage({ 'count/replicasets.apps': '1' });
  await admin.delete(ReplicaSet, meta('test-rs'));
  await waitForUsage({ 'count/replicasets.apps': '0' });
});

test('[sig-api-machinery] ResourceQuota should verify ResourceQuota with terminating scopes.', async () => {
  const { cluster, createQuota, createPod, deletePod, waitForUsage } = await open();
  await using _ = cluster;
  const hard = {
    pods: '5',
    'requests.cpu': '1',
    'requests.memory': '500Mi',
    'limits.cpu': '2',
    'limits.memory': '1Gi',
  };
  await createQuota({ hard, scopes: ['Terminating'] }, 'quota-terminating');
  await createQuota({ hard, scopes: ['NotTerminating'] }, 'quota-not-terminating');
  const resources = { requests: { cpu: '500m', memory: '200Mi' }, limits: { cpu: '1', memory: '400Mi' } };
  const used = {
    pods: '1',
    'requests.cpu': '500m',
    'requests.memory': '200Mi',
    'limits.cpu': '1',
    'limits.memory': '400Mi',
  };
  const none = Object.fromEntries(Object.keys(used).map((name) => [name, '0']));

  await createPod('test-pod', resources);
  await waitForUsage(used, 'quota-not-terminating');
  await waitForUsage(none, 'quota-terminating');
  await deletePod('test-pod');
  await waitForUsage(none, 'quota-not-terminating');

  await createPod('terminating-pod', resources, { activeDeadlineSeconds: 3600 });
  await waitForUsage(used, 'quota-terminating');
  await waitForUsage(none, 'quota-not-terminating');
  await deletePod('terminating-pod');
  await waitForUsage(none, 'quota-terminating');
});

test('[sig-api-machinery] ResourceQuota should verify ResourceQuota with best effort scope.', async () => {
  const { cluster, createQuota, createPod, deletePod, waitForUsage } = await open();
  await using _ = cluster;
  await createQuota({ hard: { pods: '5' }, scopes: ['BestEffort'] }, 'quota-besteffort');
  await createQuota({ hard: { pods: '5' }, scopes: ['NotBestEffort'] }, 'quota-not-besteffort');

  await createPod('pfpod');
  await waitForUsage({ pods: '1' }, 'quota-besteffort');
  await waitForUsage({ pods: '0' }, 'quota-not-besteffort');
  await deletePod('pfpod');
  await waitForUsage({ pods: '0' }, 'quota-besteffort');

  await createPod('burstable-pod', {
    requests: { cpu: '500m', memory: '200Mi' },
    limits: { cpu: '1', memory: '400Mi' },
  });
  await waitForUsage({ pods: '1' }, 'quota-not-besteffort');
  await waitForUsage({ pods: '0' }, 'quota-besteffort');
  await deletePod('burstable-pod');
  await waitForUsage({ pods: '0' }, 'quota-not-besteffort');
});

test('[sig-api-machinery] ResourceQuota should be able to update and delete ResourceQuota.', async () => {
  const { cluster, admin, createQuota, quota, until } = await open();
  await using _ = cluster;
  await createQuota({ hard: { cpu: '1', memory: '500Mi' } });
  const created = await quota();
  assert.deepEqual(created.spec.hard, { cpu: '1', memory: '500Mi' });
  const hard = { cpu: '2', memory: '1Gi' };
  const updated = await admin.update(ResourceQuota, { ...created, spec: { hard } });
  assert.deepEqual(updated.spec.hard, hard);
  await until('the status', async () => (await quota()).status.hard?.['memory'] === '1Gi');
  await admin.delete(ResourceQuota, QUOTA);
  await assert.rejects(quota(), (error) => isStatusError(error, 'NotFound'));
});

test('[sig-api-machinery] ResourceQuota should manage the lifecycle of a ResourceQuota', async () => {
  const { cluster, admin, quota } = await open();
  await using _ = cluster;
  const labels = { 'test-quota': 'patched' };
  await admin.create(ResourceQuota, {
    metadata: { ...QUOTA, labels: { 'test-quota': 'created' } },
    spec: { hard: { cpu: '500m', memory: '500Mi' } },
  });
  assert.deepEqual((await quota()).spec.hard, { cpu: '500m', memory: '500Mi' });
  const { items } = await admin.list(ResourceQuota, { labelSelector: 'test-quota' });
  assert.equal(items.length, 1);
  const body = { metadata: { labels }, spec: { hard: { memory: '750Mi' } } };
  const patched = await admin.patch(ResourceQuota, QUOTA, { type: 'strategic', body });
  assert.equal(patched.metadata.labels?.['test-quota'], 'patched');
  assert.equal(patched.spec.hard?.['memory'], '750Mi');
  assert.ok(Number(patched.metadata.resourceVersion) > Number(items[0]?.metadata.resourceVersion));
  await admin.deleteCollection(ResourceQuota, { namespace: NAMESPACE, labelSelector: 'test-quota=patched' });
  await assert.rejects(quota(), (error) => isStatusError(error, 'NotFound'));
});

test('[sig-api-machinery] ResourceQuota should apply changes to a resourcequota status', async () => {
  const { cluster, admin, quota, until } = await open();
  await using _ = cluster;
  const hard = { cpu: '500m', memory: '500Mi' };
  await admin.create(ResourceQuota, { metadata: QUOTA, spec: { hard } });
  const updated = await admin.updateStatus(ResourceQuota, { metadata: QUOTA, spec: {}, status: { hard } });
  assert.deepEqual([updated.status.hard, updated.spec.hard], [hard, hard]);
  const isHard = (cpu: string, memory: string) => async () => {
    const { spec, status } = await quota();
    return status.hard?.['cpu'] === cpu && status.hard['memory'] === memory && spec.hard?.['cpu'] === cpu;
  };
  await until('the status', isHard('500m', '500Mi'));
  await admin.patch(ResourceQuota, QUOTA, { type: 'strategic', body: { spec: { hard: { cpu: '1', memory: '1Gi' } } } });
  const patchStatus = (cpu: string, memory: string) =>
    admin.patch(
      ResourceQuota,
      QUOTA,
      { type: 'strategic', body: { status: { hard: { cpu, memory } } } },
      { subresource: 'status' },
    );
  await patchStatus('1', '1Gi');
  await until('the status', isHard('1', '1Gi'));
  const repatched = await patchStatus('2', '2Gi');
  assert.deepEqual(repatched.status.hard, { cpu: '2', memory: '2Gi' });
  assert.deepEqual(repatched.spec.hard, { cpu: '1', memory: '1Gi' }, 'a patch of the status leaves the spec alone');
  await until('the status to be put right', isHard('1', '1Gi'));
  assert.deepEqual((await quota()).status.used, { cpu: '0', memory: '0' });
});
