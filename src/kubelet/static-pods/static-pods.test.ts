import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../base/clock.ts';
import { createLogger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import { StaticPods } from './static-pods.ts';

/** What the workers are told, without an API: its mirrors wait for the node to be registered. */
function staticPods() {
  const told: string[] = [];
  const pods = new StaticPods(
    {
      client: {} as Client,
      clock: new FakeClock(),
      log: createLogger(() => {}),
      node: () => undefined,
      inApi: () => undefined,
      take: ({ type, object: { metadata, spec } }) => {
        const ends = metadata.deletionTimestamp !== undefined;
        told.push(
          `${type} ${spec.containers[0]?.image}${ends ? ` ends in ${metadata.deletionGracePeriodSeconds}` : ''}`,
        );
      },
      shownBy: () => {},
    },
    'node',
  );
  const file = (image: string, path = '/manifests/a') => ({
    file: path,
    text: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: { containers: [{ name: 'main', image }] },
    }),
  });
  const gone = () => pods.gone(pods.list()[0]?.metadata.uid ?? '');
  return { pods, told, file, gone, [Symbol.asyncDispose]: () => pods[Symbol.asyncDispose]() };
}

test('StaticPods runs what its files say, and nothing twice', async () => {
  await using node = staticPods();
  node.pods.take([node.file('one')]);
  node.pods.take([node.file('one')]);
  assert.deepEqual(node.told, ['added one']);
  assert.equal(node.pods.get('default', 'web-node')?.spec.containers[0]?.image, 'one');
});

test('StaticPods begins the successor when the predecessor is gone', async () => {
  await using node = staticPods();
  node.pods.take([node.file('one')]);
  node.pods.take([node.file('two')]);
  assert.deepEqual(node.told, ['added one', 'updated one ends in 30']);
  node.gone();
  assert.deepEqual(node.told.slice(2), ['added two']);
});

test('StaticPods begins a pod again whose file came back while it ended', async () => {
  await using node = staticPods();
  node.pods.take([node.file('one')]);
  node.pods.take([]);
  node.pods.take([node.file('one')]);
  assert.deepEqual(node.told, ['added one', 'updated one ends in 30']);
  node.gone();
  assert.deepEqual(node.told.slice(2), ['added one']);
});

test('StaticPods keeps the pod of a file that cannot be understood, until the file has gone', async () => {
  await using node = staticPods();
  node.pods.take([node.file('one')]);
  node.pods.take([{ file: '/manifests/a', text: '{' }]);
  assert.deepEqual(node.told, ['added one']);
  node.pods.take([]);
  node.gone();
  assert.deepEqual([node.told.length, node.pods.list().length], [2, 0]);
});
