// Pods that the node runs by itself, and the end of all pods with their machine, with real containers. Needs Linux and root.

import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { installNodeTools, type KubeletNode, kubeletNode, NODE_NAME } from '../../test/support/kubelet-node.ts';
import { isReady, namespace, nodePods, shell, until, untilTold } from '../../test/support/node-pods.ts';
import { Node } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';

const skip = await installNodeTools();

const HASH = 'kubernetes.io/config.mirror';

describe('a node', { skip: skip ?? false }, () => {
  let node: KubeletNode;
  const shutdown = Promise.withResolvers<boolean>();
  let released = false;

  before(async () => {
    node = await kubeletNode({
      settings: { shutdown: { shutdownGracePeriodSeconds: 10, shutdownGracePeriodCriticalPodsSeconds: 5 } },
      shutdownWatch: {
        next: (signal) =>
          new Promise((resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
            if (!released) shutdown.promise.then(resolve, reject);
          }),
        release: () => {
          released = true;
        },
      },
    });
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const { create, get, podWhen, whenReady, remove, isGone, output, ask } = nodePods(() => node);
  const mirror = `static-${NODE_NAME}`;
  const manifest = (command: string) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'static' },
      spec: { terminationGracePeriodSeconds: 5, containers: [shell(command)] },
    });
  const file = () => join(node.staticPodPath, 'static.json');
  const mirrorWhen = (what: string, holds: (pod: Pod) => boolean | undefined) =>
    until(what, async () => {
      const pod = await get(mirror).catch(() => undefined);
      return pod && holds(pod) ? pod : undefined;
    });

  test('runs the pods of its files and shows them in the API', async () => {
    await writeFile(file(), manifest(untilTold('echo one > /tmp/version')));
    const pod = await mirrorWhen('the mirror is ready', isReady);
    assert.equal(pod.metadata.annotations?.['kubernetes.io/config.source'], 'file');
    assert.equal(pod.metadata.annotations?.[HASH], pod.metadata.annotations?.['kubernetes.io/config.hash']);
    assert.equal(pod.metadata.ownerReferences?.[0]?.kind, 'Node');
    assert.equal(await output(mirror, 'cat /tmp/version'), 'one');
    assert.equal((await ask(`/containerLogs/${namespace}/${mirror}/main`)).status, 200);
    assert.match((await ask('/pods')).text, /"kubernetes.io\/config.source":"file"/);
  });

  test('shows a pod again whose mirror was deleted, and leaves its containers alone', async () => {
    const before = await get(mirror);
    await remove(mirror);
    const after = await mirrorWhen(
      'there is another mirror',
      (pod) => pod.metadata.uid !== before.metadata.uid && isReady(pod),
    );
    assert.equal(after.status.containerStatuses?.[0]?.containerID, before.status.containerStatuses?.[0]?.containerID);
    assert.equal(after.metadata.annotations?.[HASH], before.metadata.annotations?.[HASH]);
  });

  test('leaves them alone when the agent restarts', async () => {
    const before = await get(mirror);
    await node.stopAgent();
    await node.startAgent();
    await create('fresh', {});
    await whenReady('fresh'); // By now the agent has looked at the others, too.
    assert.equal(
      (await get(mirror)).status.containerStatuses?.[0]?.containerID,
      before.status.containerStatuses?.[0]?.containerID,
    );
    await remove('fresh', 0);
  });

  test('keeps a pod whose file cannot be understood, and replaces one whose file says something else', async () => {
    const before = await get(mirror);
    await writeFile(file(), '{');
    await until('it is told', async () =>
      node.complaints.some(({ message }) => message.startsWith('a manifest is not')),
    );
    assert.equal((await get(mirror)).metadata.uid, before.metadata.uid);
    await writeFile(file(), manifest(untilTold('echo two > /tmp/version')));
    await mirrorWhen(
      'the other pod is shown',
      (pod) => pod.metadata.annotations?.[HASH] !== before.metadata.annotations?.[HASH] && isReady(pod),
    );
    assert.equal(await output(mirror, 'cat /tmp/version'), 'two');
  });

  test('ends a pod whose file has gone', async () => {
    await rm(file());
    await until('its mirror has gone', () => isGone(mirror));
    await until('so have its containers', async () => (await node.cri.listPodSandbox({})).items.length === 0);
  });

  test('ends its pods by priority when the machine shuts down, and takes no more', async () => {
    await create('common', {});
    await create('critical', { priority: 2_000_000_000 });
    await Promise.all(['common', 'critical'].map(whenReady));
    shutdown.resolve(true);
    const [common, critical] = await Promise.all(
      ['common', 'critical'].map((name) => podWhen(name, 'has ended', ({ status }) => status.phase === 'Failed')),
    );
    for (const { status } of [common!, critical!]) {
      assert.deepEqual(
        [status.reason, status.message],
        ['Terminated', 'Pod was terminated in response to imminent node shutdown.'],
      );
      const disrupted = status.conditions?.find(({ type }) => type === 'DisruptionTarget');
      assert.deepEqual([disrupted?.status, disrupted?.reason], ['True', 'TerminationByKubelet']);
    }
    const endOf = ({ status }: Pod) => Date.parse(status.containerStatuses?.[0]?.state?.terminated?.finishedAt ?? '');
    assert.ok(endOf(common!) <= endOf(critical!));
    await until('the machine may go down', async () => released);
    const ready = await until('the node says so', async () => {
      const { status } = await node.client.get(Node, { name: NODE_NAME });
      return status.conditions?.find(({ type, status: value }) => type === 'Ready' && value === 'False');
    });
    assert.deepEqual([ready.reason, ready.message], ['KubeletNotReady', 'node is shutting down']);
    await create('late', {});
    const late = await podWhen('late', 'is refused', ({ status }) => status.phase === 'Failed');
    assert.equal(late.status.reason, 'NodeShutdown');
  });
});
