// Nodes as objects, and pods that have to leave theirs. The latter are not for running beside anything else: what may not
// stay on a node leaves it. Upstream: test/e2e/node/node_lifecycle.go and test/e2e/node/taints.go.

import assert from 'node:assert/strict';
import { Event } from '../../../src/api/core/event.ts';
import { Node } from '../../../src/api/core/node.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { until } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { recordEvents } from './event-log.ts';
import { updateObject, whenGone } from './object-changes.ts';

const TAINT = { key: 'kubernetes.io/e2e-evict-taint-key', value: 'evictTaintVal', effect: 'NoExecute' } as const;

export function nodeTests(conformance: Conformance): void {
  conformance('[sig-node] Node Lifecycle should run through the lifecycle of a node', async ({ client, namespace }) => {
    const name = `e2e-fake-node-${namespace}`;
    const created = await client.create(Node, {
      metadata: { name },
      spec: { unschedulable: true },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True', reason: 'E2E', message: 'Set by a test' }],
      },
    });
    assert.match(created.metadata.resourceVersion, /^[1-9]\d*$/);
    assert.equal((await client.get(Node, { name })).metadata.name, name);
    const labelled = (value: string) => ({ metadata: { labels: { [name]: value } } });
    const patched = await client.patch(Node, { name }, { type: 'strategic', body: labelled('patched') });
    assert.equal(patched.metadata.labels?.[name], 'patched');
    assert.ok(Number(patched.metadata.resourceVersion) > Number(created.metadata.resourceVersion));
    assert.equal((await client.list(Node, { labelSelector: `${name}=patched` })).items.length, 1);
    const updated = await updateObject(client, Node, { name }, (node) => {
      return { ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, [name]: 'updated' } } };
    });
    assert.equal(updated.metadata.labels?.[name], 'updated');
    await client.delete(Node, { name });
    await whenGone(client, Node, { name });
  });
}

/** Each on a node of its own, so that they may run at once. */
export function taintTests(conformance: Conformance): void {
  const manager = '[sig-node] NoExecuteTaintManager';

  conformance(`${manager} Single Pod removing taint cancels eviction`, async (scene) => {
    const { client, namespace, nodes, get } = scene;
    const node = nodes[0]!;
    await startTolerating(scene, node, { 'taint-eviction-4': 5 });
    await taint(scene, node, [TAINT]);
    await staysFor(scene, 2);
    await taint(scene, node, []);
    await until('it is not to be evicted any more', async () => {
      const { items } = await client.list(Event, { namespace });
      return items.some(({ message }) => message === `Cancelling deletion of Pod ${namespace}/taint-eviction-4`);
    });
    await staysFor(scene, 5); // Longer than it was to be tolerated.
    assert.equal((await get('taint-eviction-4')).metadata.deletionTimestamp, undefined);
  });

  conformance(`${manager} Multiple Pods evicts pods with minTolerationSeconds`, async (scene) => {
    const { client, namespace, nodes } = scene;
    const node = nodes[1]!;
    await startTolerating(scene, node, { 'taint-eviction-b1': 2, 'taint-eviction-b2': 8 });
    await using log = recordEvents(client, Pod, { namespace });
    await taint(scene, node, [TAINT]);
    try {
      const deletionOf = (name: string) =>
        log.when(`${name} is evicted`, ({ object: { metadata } }) => {
          return metadata.name === name && metadata.deletionTimestamp !== undefined;
        });
      const { object: first } = await deletionOf('taint-eviction-b1');
      const reasons = first.status.conditions?.map(({ type, reason }) => `${type} ${reason}`) ?? [];
      assert.ok(reasons.includes('DisruptionTarget DeletionByTaintManager'), reasons.join());
      assert.equal((await scene.get('taint-eviction-b2')).metadata.deletionTimestamp, undefined);
      await deletionOf('taint-eviction-b2');
      for (const name of ['taint-eviction-b1', 'taint-eviction-b2']) {
        await log.when(`${name} is gone`, ({ type, object }) => type === 'DELETED' && object.metadata.name === name);
      }
    } finally {
      await taint(scene, node, []);
    }
  });
}

/** No pod is told to go in so many seconds: the server ends the watch. */
async function staysFor({ client, namespace }: Scene, timeoutSeconds: number): Promise<void> {
  for await (const batch of client.watch(Pod, { namespace, timeoutSeconds })) {
    assert.deepEqual(
      batch.filter(({ object }) => object.metadata.deletionTimestamp !== undefined),
      [],
    );
  }
}

/** Pods on the node, by the seconds for which they tolerate the taint. */
async function startTolerating(scene: Scene, nodeName: string, pods: Readonly<Record<string, number>>): Promise<void> {
  await Promise.all(
    Object.entries(pods).map(async ([name, tolerationSeconds]) => {
      const tolerations = [{ ...TAINT, operator: 'Equal', tolerationSeconds }] as const;
      await scene.create(name, { nodeSelector: { 'kubernetes.io/hostname': nodeName }, tolerations });
      await scene.whenReady(name);
    }),
  );
}

async function taint({ client }: Scene, name: string, taints: readonly (typeof TAINT)[]): Promise<void> {
  await client.patch(Node, { name }, { type: 'merge', body: { spec: { taints } } });
}
