import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { kubeletPod } from '../../../test/support/kubelet-objects.ts';
import { CriError } from '../../cri/cri.ts';
import type { Image } from '../../cri/image-messages.ts';
import type { MountSource } from '../mounter.ts';
import { ImageVolumes, type ImageVolumesDeps, mountsImages } from './image-volumes.ts';

describe('mountsImages', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['containerd', '1.6.20~ds1', false],
    ['containerd', 'v1.7.27', false],
    ['containerd', '2.0.5', false],
    ['containerd', 'v2.1.0', true],
    ['containerd', '3.0.0', true],
    ['cri-o', '1.36.0', true],
  ];
  for (const [runtimeName, runtimeVersion, expected] of cases) {
    test(`${runtimeName} ${runtimeVersion}: ${expected}`, () => {
      assert.equal(mountsImages({ runtimeName, runtimeVersion }), expected);
    });
  }
});

describe('ImageVolumes', () => {
  const signal = new AbortController().signal;
  const pod = kubeletPod();
  const image = { id: 'sha256:1' } as Image;
  const mounts = [{ type: 'overlay', source: 'overlay', options: ['index=off', 'lowerdir=/a:/b'] }];

  /** containerd as far as it is asked, and the machine's mounts. */
  async function machine() {
    const directory = await mkdtemp(join(tmpdir(), 't8s-image-'));
    const snapshots = new Map<string, string>();
    const mounted = new Map<string, MountSource>();
    const cri = {
      status: async () => ({ info: { config: '{"containerd":{"snapshotter":"native"}}' } }),
      imageStatus: async () => ({ info: { info: '{"chainID":"sha256:top"}' } }),
      async viewSnapshot({ snapshotter, key, parent }: { snapshotter: string; key: string; parent: string }) {
        if (snapshots.has(key)) throw new CriError('viewSnapshot', 'ALREADY_EXISTS', 'it is there');
        snapshots.set(key, `${snapshotter} ${parent}`);
        return { mounts };
      },
      snapshotMounts: async () => ({ mounts }),
      async removeSnapshot({ key }: { key: string }) {
        if (!snapshots.delete(key)) throw new CriError('removeSnapshot', 'NOT_FOUND', 'it is not');
      },
    } as unknown as ImageVolumesDeps['cri'];
    const mounter = {
      isMountPoint: async (path: string) => mounted.has(path),
      mount: async (path: string, mount: MountSource) => void mounted.set(path, mount),
    } as ImageVolumesDeps['mounter'];
    return {
      path: join(directory, 'volume'),
      snapshots,
      mounted,
      volumes: new ImageVolumes({ cri, mounter }),
      [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
    };
  }

  test('mounts the layers for reading, once for a pod, and lets go of them', async () => {
    await using made = await machine();
    const { volumes, snapshots, mounted, path } = made;
    await volumes.mount(pod, { directory: path, image, name: 'v' }, signal);
    assert.deepEqual([...snapshots], [['typernetes.io/image-volume/uid-pod/v', 'native sha256:top']]);
    assert.deepEqual(mounted.get(path)?.options, ['index=off', 'lowerdir=/a:/b', 'ro']);
    await volumes.mount(pod, { directory: path, image: { id: 'sha256:2' } as Image, name: 'v' }, signal);
    mounted.clear(); // The machine has been started anew: containerd has the snapshot still.
    await volumes.mount(pod, { directory: path, image, name: 'v' }, signal);
    assert.equal(mounted.size, 1);
    await volumes.release('uid-pod', 'v');
    await volumes.release('uid-pod', 'v');
    assert.equal(snapshots.size, 0);
  });
});
