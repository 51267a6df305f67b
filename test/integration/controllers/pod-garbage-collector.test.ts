import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node } from '../../../src/api/core/node.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

const FINALIZER = 'example.com/hold';

async function open() {
  const cluster = await controlledCluster();
  const { admin, until } = cluster;
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: 'default' })).items.length > 0);
  const get = (name: string) => admin.get(Pod, { namespace: 'default', name });
  const addPod = (name: string, nodeName?: string, finalizers: readonly string[] = []) =>
    admin.create(Pod, {
      metadata: { namespace: 'default', name, finalizers },
      spec: { containers: [{ name: 'c', image: 'i' }], ...(nodeName ? { nodeName } : {}) },
    });
  const hasGone = async (name: string) => {
    try {
      await get(name);
      return false;
    } catch (error) {
      return isStatusError(error, 'NotFound');
    }
  };
  return { ...cluster, cluster, get, addPod, hasGone };
}

test('a pod that is being deleted and never came to a node is failed, and goes', async () => {
  const { cluster, admin, addPod, get, until, pass, hasGone } = await open();
  await using _ = cluster;
  await addPod('held', undefined, [FINALIZER]);
  await admin.delete(Pod, { namespace: 'default', name: 'held' });
  await until('the failure', async () => (await get('held')).status.phase === 'Failed');
  await pass(2_000);
  const before = (await get('held')).metadata.resourceVersion;
  await pass(60_000);
  assert.equal((await get('held')).metadata.resourceVersion, before, 'what others hold is left alone');
  const body = { metadata: { finalizers: null } };
  await admin.patch(Pod, { namespace: 'default', name: 'held' }, { type: 'merge', body });
  await until('the end', () => hasGone('held'));
  assert.deepEqual(cluster.complaints, []);
});

test('a pod of a node that has gone says that it was disrupted', async () => {
  const { cluster, admin, addNode, addPod, get, until, tendPods } = await open();
  await using _ = cluster;
  await addNode('lost');
  await addPod('orphan', 'lost', [FINALIZER]);
  await tendPods();
  await admin.delete(Node, { name: 'lost' });
  await until('the failure', async () => (await get('orphan')).status.phase === 'Failed', 120_000);
  const condition = (await get('orphan')).status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.deepEqual(
    [condition?.status, condition?.reason, condition?.message],
    ['True', 'DeletionByPodGC', 'PodGC: node no longer exists'],
  );
});

test('pods that are being deleted go at once from a node that is out of service', async () => {
  const { cluster, admin, addNode, addPod, until, pass, hasGone, tendPods } = await open();
  await using _ = cluster;
  await addNode('down');
  await addPod('stuck', 'down');
  await tendPods();
  await admin.delete(Pod, { namespace: 'default', name: 'stuck' });
  await pass(2_000);
  assert.equal(await hasGone('stuck'), false);
  const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }];
  await admin.patch(Node, { name: 'down' }, { type: 'merge', body: { spec: { taints } } });
  await pass(2_000);
  assert.equal(await hasGone('stuck'), false, 'the node is ready: the taint alone does not count');
  const body = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };
  await admin.patch(Node, { name: 'down' }, { type: 'strategic', body }, { subresource: 'status' });
  await until('the end', () => hasGone('stuck'));
});
