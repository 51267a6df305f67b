// RuntimeClasses, as objects and as what pods ask for. Upstream: test/e2e/common/node/runtimeclass.go.

import assert from 'node:assert/strict';
import type { Pod } from '../../../src/api/core/pod.ts';
import { RuntimeClass } from '../../../src/api/node/runtime-class.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { conditionOf } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { recordEvents } from './event-log.ts';

export function runtimeClassTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] RuntimeClass should ${name}`, body);

  test('reject a Pod requesting a non-existent RuntimeClass', async (scene) => {
    await assertRefused(scene, `${scene.namespace}-nonexistent`);
  });

  test('reject a Pod requesting a deleted RuntimeClass', async (scene) => {
    await withClass(scene, {}, async (name) => {
      await scene.client.delete(RuntimeClass, { name });
      await assert.rejects(scene.client.get(RuntimeClass, { name }), (error) => isStatusError(error, 'NotFound'));
      await assertRefused(scene, name);
    });
  });

  test('schedule a Pod requesting a RuntimeClass without PodOverhead', async (scene) => {
    await withClass(scene, {}, async (runtimeClassName) => {
      assert.equal((await scheduled(scene, runtimeClassName)).spec.overhead, undefined);
    });
  });

  test('schedule a Pod requesting a RuntimeClass and initialize its Overhead', async (scene) => {
    const podFixed = { cpu: '10m', memory: '1Mi' };
    await withClass(scene, { overhead: { podFixed } }, async (runtimeClassName) => {
      assert.deepEqual((await scheduled(scene, runtimeClassName)).spec.overhead, podFixed);
    });
  });

  test('support RuntimeClasses API operations', async (scene) => {
    await assertDiscovered(scene);
    await assertOperations(scene);
  });
}

/** The class is named after the namespace and goes when the test is over. */
async function withClass({ client, namespace }: Scene, more: object, body: (name: string) => Promise<void>) {
  const name = `${namespace}-class`;
  await client.create(RuntimeClass, { metadata: { name }, handler: 'runc', ...more });
  try {
    await body(name);
  } finally {
    await client.delete(RuntimeClass, { name }).catch((error) => {
      if (!isStatusError(error, 'NotFound')) throw error;
    });
  }
}

async function assertRefused({ create }: Scene, runtimeClassName: string): Promise<void> {
  await assert.rejects(create('refused', { runtimeClassName }), (error: Error) => {
    return isStatusError(error, 'Forbidden') && error.message.includes(runtimeClassName);
  });
}

async function scheduled({ create, podWhen }: Scene, runtimeClassName: string): Promise<Pod> {
  await create('pod', { runtimeClassName });
  return podWhen('pod', 'has a node', (pod) => conditionOf(pod, 'PodScheduled')?.status === 'True');
}

async function assertDiscovered({ client }: Scene): Promise<void> {
  interface Group {
    readonly name: string;
    readonly versions: readonly { readonly version: string }[];
  }
  const isThere = (group: Group | undefined) => group?.versions.some(({ version }) => version === 'v1');
  const { groups } = (await client.request('GET', '/apis')) as { readonly groups: readonly Group[] };
  assert.ok(isThere(groups.find(({ name }) => name === 'node.k8s.io')));
  assert.ok(isThere((await client.request('GET', '/apis/node.k8s.io')) as Group));
  const { resources } = (await client.request('GET', '/apis/node.k8s.io/v1')) as {
    readonly resources: readonly { readonly name: string }[];
  };
  assert.ok(resources.some(({ name }) => name === 'runtimeclasses'));
}

async function assertOperations({ client, namespace }: Scene): Promise<void> {
  const labelSelector = `test=${namespace}`;
  const classOf = (number: number) => ({
    metadata: { name: `${namespace}-class-${number}`, labels: { test: namespace } },
    handler: `${namespace}-handler-${number}`,
  });
  const names = async () =>
    (await client.list(RuntimeClass, { labelSelector })).items.map(({ metadata }) => metadata.name);
  const first = await client.create(RuntimeClass, classOf(1));
  const again = client.create(RuntimeClass, classOf(1));
  await assert.rejects(again, (error) => isStatusError(error, 'AlreadyExists'));
  await client.create(RuntimeClass, classOf(2));
  await using log = recordEvents(client, RuntimeClass, {
    labelSelector,
    resourceVersion: first.metadata.resourceVersion,
  });
  await client.create(RuntimeClass, classOf(3));
  const { name } = first.metadata;
  assert.equal((await client.get(RuntimeClass, { name })).metadata.uid, first.metadata.uid);
  assert.equal((await names()).length, 3);

  const body = { metadata: { annotations: { patched: 'true' } } };
  const patched = await client.patch(RuntimeClass, { name }, { type: 'merge', body });
  assert.equal(patched.metadata.annotations?.['patched'], 'true');
  const annotations = { ...patched.metadata.annotations, updated: 'true' };
  const updated = await client.update(RuntimeClass, { ...patched, metadata: { ...patched.metadata, annotations } });
  assert.equal(updated.metadata.annotations?.['updated'], 'true');
  await log.when('the third is told', ({ type, object }) => type === 'ADDED' && object.metadata.name.endsWith('-3'));
  for (const annotation of ['patched', 'updated']) {
    await log.when(`it is told that it was ${annotation}`, ({ type, object }) => {
      return type === 'MODIFIED' && object.metadata.annotations?.[annotation] === 'true';
    });
  }

  await client.delete(RuntimeClass, { name });
  await assert.rejects(client.get(RuntimeClass, { name }), (error) => isStatusError(error, 'NotFound'));
  assert.equal((await names()).length, 2);
  await client.deleteCollection(RuntimeClass, { labelSelector });
  assert.deepEqual(await names(), []);
}
