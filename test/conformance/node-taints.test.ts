// The conformance suite's tests of evictions from tainted nodes (test/e2e/node/taints.go), under their names.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event } from '../../src/api/core/event.ts';
import { Node } from '../../src/api/core/node.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { ServiceAccount } from '../../src/api/core/service-account.ts';
import { controlledCluster } from '../support/controlled-cluster.ts';

const TAINT = { key: 'kubernetes.io/e2e-evict-taint-key', value: 'evictTaintVal', effect: 'NoExecute' } as const;

async function open() {
  const cluster = await controlledCluster();
  const { admin, until, addNode, tendPods, pass } = cluster;
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: 'default' })).items.length > 0);
  await addNode('node-1');
  const startPod = async (name: string, tolerationSeconds: number) => {
    const tolerations = [{ ...TAINT, tolerationSeconds }];
    const spec = { nodeName: 'node-1', tolerations, containers: [{ name: 'pause', image: 'pause' }] };
    await admin.create(Pod, { metadata: { namespace: 'default', name, labels: { group: 'evicted' } }, spec });
    await tendPods();
  };
  const taintNode = (taints: readonly (typeof TAINT)[]) =>
    admin.patch(Node, { name: 'node-1' }, { type: 'merge', body: { spec: { taints } } });
  const names = async () => {
    await tendPods();
    return (await admin.list(Pod, { labelSelector: 'group=evicted' })).items.map(({ metadata }) => metadata.name);
  };
  const said = async (name: string) =>
    (await admin.list(Event, { fieldSelector: `involvedObject.name=${name}` })).items
      .filter(({ reason }) => reason === 'TaintManagerEviction')
      .map(({ message }) => message);
  return { cluster, admin, startPod, taintNode, names, said, pass, until };
}

test('[sig-node] NoExecuteTaintManager Single Pod removing taint cancels eviction', async () => {
  const { cluster, startPod, taintNode, names, said, pass } = await open();
  await using _ = cluster;
  await startPod('taint-eviction-4', 10);
  await taintNode([TAINT]);
  await pass(5_000);
  assert.deepEqual(await names(), ['taint-eviction-4']);
  await taintNode([]);
  await pass(30_000);
  assert.deepEqual(await names(), ['taint-eviction-4']);
  assert.deepEqual(await said('taint-eviction-4'), ['Cancelling deletion of Pod default/taint-eviction-4']);
  assert.deepEqual(cluster.complaints, []);
});

test('[sig-node] NoExecuteTaintManager Multiple Pods evicts pods with minTolerationSeconds', async () => {
  const { cluster, admin, startPod, taintNode, names, said, pass } = await open();
  await using _ = cluster;
  await startPod('taint-eviction-b1', 5);
  await startPod('taint-eviction-b2', 25);
  await taintNode([TAINT]);
  await pass(4_000);
  assert.deepEqual(await names(), ['taint-eviction-b1', 'taint-eviction-b2']);
  await pass(1_500);
  const evicted = await admin.get(Pod, { namespace: 'default', name: 'taint-eviction-b1' });
  const { reason, message, status } = evicted.status.conditions?.find(({ type }) => type === 'DisruptionTarget') ?? {};
  assert.deepEqual(
    [status, reason, message],
    ['True', 'DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint'],
  );
  assert.deepEqual(await names(), ['taint-eviction-b2']);
  await pass(18_000);
  assert.deepEqual(await names(), ['taint-eviction-b2']);
  await pass(3_000);
  assert.deepEqual(await names(), []);
  assert.deepEqual(await said('taint-eviction-b2'), ['Marking for deletion Pod default/taint-eviction-b2']);
  assert.deepEqual(cluster.complaints, []);
});
