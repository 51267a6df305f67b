// Pods as objects that nodes bring to life: made, watched, changed and deleted. Upstream: test/e2e/common/node/pods.go.

import assert from 'node:assert/strict';
import { Pod } from '../../../src/api/core/pod.ts';
import { Service } from '../../../src/api/core/service.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { isReady, shell, until, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { recordEvents } from './event-log.ts';
import { unlessConflict, updateObject } from './object-changes.ts';

export function podTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] Pods should ${name}`, body);

  test('get a host IP', async ({ create, whenReady, nodes }) => {
    await create('pod', {});
    const { spec, status } = await whenReady('pod');
    assert.match(status.hostIP ?? '', /^\d+\.\d+\.\d+\.\d+$/);
    assert.ok(nodes.includes(spec.nodeName!));
  });

  test('be submitted and removed', submittedAndRemoved);

  test('be updated', async (scene) => {
    const { client, namespace, create, whenReady } = scene;
    const count = async (time: string) =>
      (await client.list(Pod, { namespace, labelSelector: `time=${time}` })).items.length;
    await create('pod', {}, { labels: { name: 'foo', time: 'first' } });
    await whenReady('pod');
    assert.equal(await count('first'), 1);
    await updateObject(client, Pod, { name: 'pod', namespace }, (pod) => ({
      ...pod,
      metadata: { ...pod.metadata, labels: { name: 'foo', time: 'second' } },
    }));
    await whenReady('pod');
    assert.deepEqual([await count('first'), await count('second')], [0, 1]);
  });

  test('allow activeDeadlineSeconds to be updated', async (scene) => {
    const { client, namespace, create, whenReady, podWhen } = scene;
    await create('pod', {});
    await whenReady('pod');
    await updateObject(client, Pod, { name: 'pod', namespace }, (pod) => ({
      ...pod,
      spec: { ...pod.spec, activeDeadlineSeconds: 5 },
    }));
    const { status } = await podWhen('pod', 'has failed', (pod) => pod.status.phase === 'Failed');
    assert.equal(status.reason, 'DeadlineExceeded');
  });

  test('contain environment variables for services', environmentOfServices);

  test('delete a collection of pods', async ({ client, namespace, create, whenReady }) => {
    const names = ['test-pod-1', 'test-pod-2', 'test-pod-3'];
    for (const name of names) await create(name, { restartPolicy: 'Never' }, { labels: { type: 'Testing' } });
    await Promise.all(names.map(whenReady));
    const those = { namespace, labelSelector: 'type=Testing' };
    assert.equal((await client.list(Pod, those)).items.length, 3);
    await client.deleteCollection(Pod, { ...those, gracePeriodSeconds: 1 });
    await until('they are gone', async () => (await client.list(Pod, those)).items.length === 0);
  });

  test('run through the lifecycle of Pods and PodStatus', lifecycle);

  test('patch a pod status', async ({ client, namespace, create, whenReady }) => {
    await create('pod', {});
    await whenReady('pod');
    const body = { status: { message: 'Patched by a test', reason: 'E2E' } };
    const options = { subresource: 'status' };
    const { status } = await client.patch(Pod, { name: 'pod', namespace }, { type: 'strategic', body }, options);
    assert.deepEqual([status.message, status.reason], ['Patched by a test', 'E2E']);
  });
}

async function submittedAndRemoved({ client, namespace, create, whenReady, remove }: Scene): Promise<void> {
  const those = { namespace, labelSelector: 'time=now' };
  const list = async () => (await client.list(Pod, those)).items;
  assert.deepEqual(await list(), []);
  await using log = recordEvents(client, Pod, those);
  await create('pod', {}, { labels: { name: 'foo', time: 'now' } });
  assert.equal((await list()).length, 1);
  await log.when('the beginning is told', ({ type }) => type === 'ADDED');
  await whenReady('pod');
  await remove('pod', 30);
  const { object } = await log.when('the end is told', ({ type }) => type === 'DELETED');
  assert.notEqual(object.metadata.deletionTimestamp, undefined);
  assert.notEqual(object.spec.terminationGracePeriodSeconds, 0);
  assert.deepEqual(await list(), []);
}

async function environmentOfServices({ client, namespace, create, whenReady, run }: Scene): Promise<void> {
  await create('server', {}, { labels: { name: 'server' } });
  await whenReady('server');
  const { spec } = await client.create(Service, {
    metadata: { name: 'fooservice', namespace },
    spec: { selector: { name: 'server' }, ports: [{ port: 8765, targetPort: 8080 }] },
  });
  const address = spec.clusterIP!;
  const expected = [
    `FOOSERVICE_SERVICE_HOST=${address}`,
    'FOOSERVICE_SERVICE_PORT=8765',
    `FOOSERVICE_PORT=tcp://${address}:8765`,
    `FOOSERVICE_PORT_8765_TCP=tcp://${address}:8765`,
    'FOOSERVICE_PORT_8765_TCP_PROTO=tcp',
    'FOOSERVICE_PORT_8765_TCP_PORT=8765',
    `FOOSERVICE_PORT_8765_TCP_ADDR=${address}`,
  ];
  // A node may learn of a pod before it learns of the service: like upstream, three pods are tried.
  for (const attemptsLeft of [2, 1, 0]) {
    const lines = (await run({})).split('\n');
    const missing = expected.filter((line) => !lines.includes(line));
    if (missing.length === 0) return;
    if (attemptsLeft === 0) assert.deepEqual(missing, []);
  }
}

async function lifecycle(scene: Scene): Promise<void> {
  const { client, namespace, create, get, podWhen, whenReady } = scene;
  const those = { namespace, labelSelector: 'test-pod-static=true' };
  await using log = recordEvents(client, Pod, those);
  const metadata = { labels: { 'test-pod-static': 'true' } };
  await create(
    'pod-test',
    { terminationGracePeriodSeconds: 1, containers: [shell(untilTold(), { name: 'pod-test' })] },
    metadata,
  );
  await log.when('it is told that the pod runs', ({ object: { status } }) => status.phase === 'Running');
  const { metadata: before } = await whenReady('pod-test');

  const containers = [{ name: 'pod-test', image: 'busybox:1.28.4' }];
  const body = {
    metadata: { labels: { 'test-pod': 'patched' } },
    spec: { terminationGracePeriodSeconds: 1, containers },
  };
  await client.patch(Pod, { name: 'pod-test', namespace }, { type: 'strategic', body });
  await log.when('the patch is told', ({ type, object }) => {
    return type === 'MODIFIED' && Number(object.metadata.resourceVersion) > Number(before.resourceVersion);
  });
  const patched = await get('pod-test');
  assert.deepEqual(
    [patched.metadata.labels?.['test-pod'], patched.spec.containers[0]?.image],
    ['patched', 'busybox:1.28.4'],
  );
  await podWhen(
    'pod-test',
    'runs the other image',
    (pod) => pod.status.containerStatuses?.[0]?.restartCount === 1 && isReady(pod),
  );

  const replaced = await until('its status is replaced', async () => {
    const path = `/api/v1/namespaces/${namespace}/pods/pod-test/status`;
    const latest = (await client.request('GET', path)) as Pod;
    assert.deepEqual(readiness(latest), ['True', 'True']);
    const conditions = (latest.status.conditions ?? []).map((condition) => {
      return READINESS.test(condition.type) ? { ...condition, status: 'False' as const } : condition;
    });
    return client.updateStatus(Pod, { ...latest, status: { ...latest.status, conditions } }).catch(unlessConflict);
  });
  assert.deepEqual(readiness(replaced), ['False', 'False']);

  await client.deleteCollection(Pod, { ...those, gracePeriodSeconds: 1 });
  await log.when('the end is told', ({ type }) => type === 'DELETED');
  await assert.rejects(get('pod-test'), (error) => isStatusError(error, 'NotFound'));
}

const READINESS = /^(Containers)?Ready$/;

function readiness({ status }: Pod): readonly string[] {
  return (status.conditions ?? []).filter(({ type }) => READINESS.test(type)).map((condition) => condition.status);
}
