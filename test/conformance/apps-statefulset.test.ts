// What the conformance suite asks of StatefulSets. Upstream: test/e2e/apps/statefulset.go. Instead of breaking the probe
// of a pod the tests say which pods are ready.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControllerRevision } from '../../src/api/apps/controller-revision.ts';
import { StatefulSet } from '../../src/api/apps/stateful-set.ts';
import { Event } from '../../src/api/core/event.ts';
import { Pod } from '../../src/api/core/pod.ts';
import type { Client } from '../../src/client/client.ts';
import {
  madeOf,
  NAMESPACE,
  partitioned,
  REF,
  statefulCluster,
  statefulSet,
  withImage,
} from '../support/stateful-cluster.ts';

const BASIC = '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic]';

/** The names of pods in the order in which they came or went, once per pod. */
function recordOrder(admin: Client, type: 'ADDED' | 'DELETED', resourceVersion: string) {
  const stop = new AbortController();
  const names: string[] = [];
  const watching = (async () => {
    const options = { namespace: NAMESPACE, resourceVersion, signal: stop.signal };
    for await (const events of admin.watch(Pod, options)) {
      for (const event of events) if (event.type === type) names.push(event.object.metadata.name);
    }
  })().catch(() => {}); // It ends by being aborted.
  return {
    names,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
    },
  };
}

test(`${BASIC} Scaling should happen in predictable order and halt if any stateful pod is unhealthy`, async () => {
  const { cluster, admin, get, change, pods, running, observed, breakPods, staysAt, unready, until, tend } =
    await statefulCluster();
  await using _ = cluster;
  const first = await admin.list(Pod, { namespace: NAMESPACE });
  await using added = recordOrder(admin, 'ADDED', first.metadata.resourceVersion);
  await admin.create(StatefulSet, statefulSet(1));
  await running(1);
  await breakPods('ss-0');
  await change({ spec: { replicas: 3 } });
  await staysAt(1);
  unready.clear();
  await running(3);
  await until('the watch', async () => added.names.length === 3);
  assert.deepEqual(added.names, ['ss-0', 'ss-1', 'ss-2']);

  const second = await admin.list(Pod, { namespace: NAMESPACE });
  await using deleted = recordOrder(admin, 'DELETED', second.metadata.resourceVersion);
  await breakPods('ss-0', 'ss-1', 'ss-2');
  await change({ spec: { replicas: 0 } });
  await staysAt(3);
  unready.clear();
  await until('the end', async () => {
    await tend();
    return (await pods()).length === 0 && (await get()).status.replicas === 0;
  });
  await observed();
  await until('the watch', async () => deleted.names.length === 3);
  assert.deepEqual(deleted.names, ['ss-2', 'ss-1', 'ss-0']);
  const { items: events } = await admin.list(Event, { namespace: NAMESPACE });
  const said = events
    .filter(({ involvedObject }) => involvedObject.kind === 'StatefulSet')
    .map(({ reason, message, source }) => [reason, message, source.component].join(': '));
  assert.ok(said.includes('SuccessfulCreate: create Pod ss-1 in StatefulSet ss successful: statefulset-controller'));
  assert.ok(said.includes('SuccessfulDelete: delete Pod ss-2 in StatefulSet ss successful: statefulset-controller'));
  assert.equal(said.length, 6);
  assert.deepEqual(cluster.complaints, []);
});

test(`${BASIC} Burst scaling should run to completion even with unhealthy pods`, async () => {
  const { cluster, admin, get, change, pods, running, breakPods, unready, until, tend } = await statefulCluster();
  await using _ = cluster;
  await admin.create(StatefulSet, statefulSet(1, { podManagementPolicy: 'Parallel' }));
  await running(1);
  await breakPods('ss-0');
  await change({ spec: { replicas: 3 } });
  await until('all pods', async () => (await pods()).length === 3);
  unready.clear();
  await running(3);
  await breakPods('ss-0', 'ss-1', 'ss-2');
  await change({ spec: { replicas: 0 } });
  await until('the end', async () => {
    await tend();
    return (await pods()).length === 0 && (await get()).status.replicas === 0;
  });
  assert.deepEqual(cluster.complaints, []);
});

test(`${BASIC} should perform rolling updates and roll backs of template modifications`, async () => {
  const { cluster, admin, get, change, pods, running, observed, breakPods, unready, until, tend } =
    await statefulCluster();
  await using _ = cluster;
  await admin.create(StatefulSet, statefulSet(3));
  await running(3);
  const first = (await get()).status;
  assert.equal(first.currentRevision, first.updateRevision);
  assert.deepEqual(madeOf(await pods()), Array(3).fill(['v1', first.currentRevision]));

  /** Changes the image while ss-1 is broken, mends it, and answers with the statuses amid the update and after it. */
  const rollTo = async (image: string) => {
    await breakPods('ss-1');
    const { resourceVersion } = (await admin.list(Pod, { namespace: NAMESPACE })).metadata;
    await using deleted = recordOrder(admin, 'DELETED', resourceVersion);
    await change(withImage(image));
    await observed();
    const amid = (await get()).status;
    assert.notEqual(amid.currentRevision, amid.updateRevision);
    unready.clear();
    await until('the update', async () => {
      await tend();
      const { status } = await get();
      return status.currentRevision === amid.updateRevision && status.readyReplicas === 3;
    });
    assert.deepEqual(deleted.names, ['ss-2', 'ss-1', 'ss-0']);
    assert.deepEqual(madeOf(await pods()), Array(3).fill([image, amid.updateRevision]));
    return amid;
  };
  await rollTo('v2');
  const back = await rollTo('v1');
  assert.equal(back.updateRevision, first.currentRevision, 'the prior revision is the one that is rolled back to');
  const { items } = await admin.list(ControllerRevision, { namespace: NAMESPACE });
  assert.deepEqual(items.map(({ revision }) => revision).sort(), [2, 3]);
  const { status } = await get();
  assert.deepEqual([status.currentReplicas, status.updatedReplicas, status.availableReplicas], [3, 3, 3]);
  assert.deepEqual(cluster.complaints, []);
});

test(`${BASIC} should perform canary updates and phased rolling updates of template modifications`, async () => {
  const { cluster, admin, get, change, pods, running, observed, until, tend } = await statefulCluster();
  await using _ = cluster;
  await admin.create(StatefulSet, statefulSet(3, partitioned(3)));
  await running(3);
  const { currentRevision } = (await get()).status;
  await change(withImage('v2'));
  await observed();
  const { status } = await get();
  const { updateRevision } = status;
  assert.equal(status.currentRevision, currentRevision);
  assert.notEqual(updateRevision, currentRevision);
  const split = (partition: number) =>
    [0, 1, 2].map((ordinal) => (ordinal < partition ? ['v1', currentRevision] : ['v2', updateRevision]));
  assert.deepEqual(madeOf(await pods()), split(3), 'nothing is updated below the partition');

  const updatedTo = async (partition: number) => {
    await change({ spec: partitioned(partition) });
    await until(`the update of ${partition} and above`, async () => {
      await tend();
      const { status, metadata } = await get();
      const isObserved = status.observedGeneration === metadata.generation;
      return isObserved && status.updatedReplicas === 3 - partition && status.readyReplicas === 3;
    });
    assert.deepEqual(madeOf(await pods()), split(partition));
  };
  await updatedTo(2);
  for (const name of ['ss-0', 'ss-2']) await admin.delete(Pod, { namespace: NAMESPACE, name });
  await running(3);
  assert.deepEqual(madeOf(await pods()), split(2), 'pods come back at their own revision');
  await updatedTo(1);
  await updatedTo(0);
  await until('the completion', async () => (await get()).status.currentRevision === updateRevision);
  assert.deepEqual(cluster.complaints, []);
});

test(`${BASIC} Should recreate evicted statefulset`, async () => {
  const { cluster, admin, pods, running, until } = await statefulCluster();
  await using _ = cluster;
  await admin.create(StatefulSet, statefulSet(1));
  await until('the pod', async () => (await pods()).length === 1);
  const ref = { namespace: NAMESPACE, name: 'ss-0' };
  for (const phase of ['Failed', 'Succeeded']) {
    const { uid } = (await admin.get(Pod, ref)).metadata;
    const body = { status: { phase, reason: 'NodePorts', message: 'Pod was rejected' } };
    await admin.patch(Pod, ref, { type: 'strategic', body }, { subresource: 'status' });
    await until('the new pod', async () => {
      const [pod] = await pods();
      return pod !== undefined && pod.metadata.uid !== uid;
    });
  }
  await running(1);
  assert.deepEqual(cluster.complaints, []);
});

test(`${BASIC} should have a working scale subresource`, async () => {
  const { cluster, admin, get, running } = await statefulCluster();
  await using _ = cluster;
  await admin.create(StatefulSet, statefulSet(1));
  await running(1);
  const path = `/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets/ss/scale`;
  const scale = (await admin.request('GET', path)) as Record<'spec' | 'status', { replicas: number }> & {
    metadata: object;
  };
  assert.deepEqual([scale.spec.replicas, scale.status.replicas], [1, 1]);
  const metadata = { ...scale.metadata, resourceVersion: '' };
  const updated = await admin.request('PUT', path, { body: { ...scale, metadata, spec: { replicas: 2 } } });
  assert.equal((updated as typeof scale).spec.replicas, 2);
  assert.equal((await get()).spec.replicas, 2);
  await admin.patch(StatefulSet, REF, { type: 'merge', body: { spec: { replicas: 4 } } }, { subresource: 'scale' });
  assert.equal((await get()).spec.replicas, 4);
  await running(4);
});

test(`${BASIC} should list, patch and delete a collection of StatefulSets`, async () => {
  const { cluster, admin, get, change, pods, running, until, tend } = await statefulCluster();
  await using _ = cluster;
  await admin.create(StatefulSet, statefulSet(1));
  await running(1);
  await change({ metadata: { labels: { 'test-ss': 'patched' } }, spec: { ...withImage('pause').spec, replicas: 2 } });
  const patched = await get();
  assert.deepEqual([patched.spec.replicas, patched.spec.template.spec.containers[0]?.image], [2, 'pause']);
  await running(2);
  const labelSelector = 'test-ss=patched';
  assert.equal((await admin.list(StatefulSet, { labelSelector })).items.length, 1);
  await admin.deleteCollection(StatefulSet, { namespace: NAMESPACE, labelSelector, gracePeriodSeconds: 1 });
  assert.equal((await admin.list(StatefulSet, { labelSelector })).items.length, 0);
  await until('the garbage collector', async () => {
    await tend();
    const revisions = await admin.list(ControllerRevision, { namespace: NAMESPACE });
    return (await pods()).length === 0 && revisions.items.length === 0;
  });
  assert.deepEqual(cluster.complaints, []);
});

test(`${BASIC} should validate Statefulset Status endpoints`, async () => {
  const { cluster, admin, get, change, running } = await statefulCluster();
  await using _ = cluster;
  await admin.create(StatefulSet, statefulSet(1));
  await running(1);
  await change({ metadata: { labels: { e2e: 'testing' } } });
  const type = async () => (await get()).status.conditions?.map((condition) => condition.type);
  const current = await get();
  const conditions = [{ type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' }];
  const updated = await admin.updateStatus(StatefulSet, { ...current, status: { ...current.status, conditions } });
  assert.deepEqual(
    updated.status.conditions?.map(({ type }) => type),
    ['StatusUpdate'],
  );
  assert.deepEqual(await type(), ['StatusUpdate']);
  const body = { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } };
  await admin.patch(StatefulSet, REF, { type: 'merge', body }, { subresource: 'status' });
  assert.deepEqual(await type(), ['StatusPatched']);
  await change({ spec: { replicas: 2 } });
  await running(2);
  assert.deepEqual(await type(), ['StatusPatched'], 'what others say stays');
});
