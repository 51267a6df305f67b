import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { containerOf, kubeletPod } from '../../test/support/kubelet-objects.ts';
import type { ImageSpec } from '../cri/image-messages.ts';
import { containerMounts } from './container-mounts.ts';

/** What the container gets for a volume that is an image, of which the machine has a file `etc/name`. */
async function imageMount(images: ReadonlyMap<string, ImageSpec>, mount: object = {}) {
  const directory = await mkdtemp(join(tmpdir(), 't8s-mounts-'));
  const volume = join(directory, 'volume');
  try {
    await mkdir(join(volume, 'etc'), { recursive: true });
    await writeFile(join(volume, 'etc/name'), '');
    const pod = kubeletPod({
      spec: {
        containers: [{ name: 'main', volumeMounts: [{ name: 'image', mountPath: '/image', ...mount }] }],
        volumes: [{ name: 'image', image: { reference: 'app:1' } }],
      },
    });
    const { mounts } = await containerMounts(pod, containerOf(pod, 'main'), {
      volumes: { pathOf: () => volume },
      podDir: join(directory, 'pod'),
      attempt: 0,
      environment: new Map([['FILE', 'name']]),
      podIps: [],
      clusterDomain: 'cluster.local',
      abilities: async () => assert.fail('nobody needs to know'),
      images,
    });
    const { hostPath, image, imageSubPath, readonly } = mounts[0] ?? {};
    return { below: hostPath?.replace(volume, ''), image, imageSubPath, readonly };
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('containerMounts', () => {
  test('names the image, and the path in it, to a runtime that mounts it itself', async () => {
    const image = { image: 'sha256:1' };
    const mount = await imageMount(new Map([['image', image]]), { subPathExpr: 'etc/$(FILE)' });
    assert.deepEqual(mount, { below: undefined, image, imageSubPath: 'etc/name', readonly: true });
  });

  test('mounts what the agent has mounted for the others, for reading only', async () => {
    const none = { image: undefined, imageSubPath: undefined, readonly: true };
    assert.deepEqual(await imageMount(new Map()), { below: '', ...none });
    assert.deepEqual(await imageMount(new Map(), { subPath: 'etc/name' }), { below: '/etc/name', ...none });
    await assert.rejects(imageMount(new Map(), { subPath: 'etc/other' }), { code: 'ENOENT' });
  });
});
