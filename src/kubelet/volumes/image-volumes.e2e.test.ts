// Images as volumes of real containers. Needs Linux and root.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { installNodeTools, type KubeletNode, kubeletNode } from '../../../test/support/kubelet-node.ts';
import { nodePods, shell, until, untilTold } from '../../../test/support/node-pods.ts';
import { listMounts, mountsBelow } from '../../cri/mount-table.ts';

const skip = await installNodeTools();

describe('image volumes', { skip: skip ?? false }, () => {
  let node: KubeletNode;

  before(async () => {
    node = await kubeletNode();
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
  });

  const { create, podWhen, whenReady, removeNow, output, eventsOf } = nodePods(() => node);
  const mounts = async () => mountsBelow(await listMounts(), [join(node.dataDir, 'pods')]);

  test('a container reads what is in an image, whole or below a path, and cannot write to it', async () => {
    await create('reads', {
      containers: [
        shell(untilTold(), {
          volumeMounts: [
            { name: 'image', mountPath: '/image' },
            { name: 'image', mountPath: '/release', subPath: 'etc/os-release' },
          ],
        }),
      ],
      volumes: [{ name: 'image', image: { reference: 'echo:latest', pullPolicy: 'Always' } }],
    });
    const { uid } = (await whenReady('reads')).metadata;
    assert.match(await output('reads', 'ls /image; cat /image/etc/passwd'), /^bin\n[\s\S]*\nroot:/);
    assert.equal(await output('reads', 'cat /release'), await output('reads', 'cat /image/etc/os-release'));
    assert.equal(await output('reads', 'touch /image/new 2>/dev/null || echo refused'), 'refused');
    const pulled = (await eventsOf('reads')).find(({ message = '' }) => message.includes('pulled image "echo:latest"'));
    assert.equal(pulled?.involvedObject.fieldPath, undefined);

    await node.stopAgent();
    await node.startAgent();
    await whenReady('reads');
    await removeNow('reads');
    await until('nothing is mounted any more', async () => (await mounts()).length === 0);
    const key = `typernetes.io/image-volume/${uid}/image`;
    // The pod is gone from the API at once; the agent lets go of the snapshot after it has unmounted it.
    await until('the snapshot is gone', () =>
      node.cri.snapshotMounts({ snapshotter: node.containerd.snapshotter, key }).then(
        () => false,
        (error) => error.code === 'NOT_FOUND',
      ),
    );
  });

  test('a container waits for its image and says why', async () => {
    await create('waits', {
      containers: [shell(untilTold(), { volumeMounts: [{ name: 'image', mountPath: '/image' }] })],
      volumes: [{ name: 'image', image: { reference: 'nowhere:1', pullPolicy: 'Never' } }],
    });
    const { status } = await podWhen('waits', 'has no image', ({ status: { containerStatuses } }) => {
      return containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImageNeverPull';
    });
    assert.match(status.containerStatuses?.[0]?.state?.waiting?.message ?? '', /"nowhere:1" is not present with pull/);
    await removeNow('waits');
  });

  test('a path that is not in the image keeps the container from being made', async () => {
    await create('lacks', {
      containers: [shell(untilTold(), { volumeMounts: [{ name: 'image', mountPath: '/image', subPath: 'no/such' }] })],
      volumes: [{ name: 'image', image: { reference: 'busybox:latest' } }],
    });
    await podWhen('lacks', 'has no path', ({ status: { containerStatuses } }) => {
      return containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError';
    });
    await removeNow('lacks');
  });
});
