// The logs of real containers are rotated, and kubectl that follows one misses nothing. Needs Linux and root.

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { kubectl } from '../../../test/support/kubectl.ts';
import { installNodeTools, type KubeletNode, kubeletNode } from '../../../test/support/kubelet-node.ts';
import { nodePods, shell } from '../../../test/support/node-pods.ts';
import { podLogDirectory } from './log-files.ts';

const skip = await installNodeTools();

describe('log rotation', { skip: skip ?? false }, () => {
  let node: KubeletNode;

  before(async () => {
    const configuration = {
      containerLogMaxSize: '8Ki',
      containerLogMaxFiles: 3,
      containerLogMonitorInterval: '1s',
    };
    node = await kubeletNode({ configuration });
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const { create, podWhen, output } = nodePods(() => node);

  test('kubectl logs --follow shows each line once over several rotations', async () => {
    const lines = 4_000;
    const talk = `i=0; while [ $i -lt ${lines} ]; do
      echo "line $i"; i=$((i + 1)); [ $((i % 20)) -gt 0 ] || sleep 0.02
      [ $i != 1 ] || until [ -e /tmp/followed ]; do sleep 0.05; done
    done`;
    await create('talks', { restartPolicy: 'Never', containers: [shell(talk)] });
    const { metadata } = await podWhen('talks', 'has begun', ({ status }) => status.phase === 'Running');
    const { kubeconfig } = node;
    const follows = Promise.withResolvers<void>();
    const following = kubectl(['logs', '--follow', 'talks'], { kubeconfig, onOutput: () => follows.resolve() });
    await Promise.race([follows.promise, following]);
    await output('talks', 'touch /tmp/followed');
    assert.deepEqual(
      (await following).trim().split('\n'),
      Array.from({ length: lines }, (_, index) => `line ${index}`),
    );
    const names = (await readdir(join(podLogDirectory(join(node.dataDir, 'logs'), metadata), 'main'))).sort();
    assert.equal(names.length, 3);
    assert.match(names.join(' '), /^0\.log 0\.log\.\d{8}-\d{6}\.gz 0\.log\.\d{8}-\d{6}$/);
    // Without following, only what is in the newest file is shown, as upstream does.
    const shown = (await kubectl(['logs', 'talks'], { kubeconfig })).trim().split('\n');
    assert.equal(shown.at(-1), `line ${lines - 1}`);
    assert.ok(shown.length < lines);
  });
});
