import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../../base/clock.ts';
import { type KubeletConfiguration, kubeletSettings } from '../settings/kubelet-configuration.ts';
import { ImageGarbage, type ImageGarbageDeps, ImageGarbageError } from './image-garbage.ts';
import { bytesToFree } from './unused-images.ts';

const { signal } = new AbortController();
const MINUTE_MS = 60_000;

/** A runtime that holds images of 10 bytes each, on a disk of 100. */
function runtimeWith(images: readonly string[], configuration: KubeletConfiguration = {}) {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const events: string[] = [];
  const held = new Map(images.map((id) => [id, { id, repoTags: [`name-${id}`], size: 10, pinned: id === 'pinned' }]));
  const state = {
    used: [] as readonly string[],
    asVolumes: [] as readonly string[],
    available: 100,
    stuck: '',
    recorded: [] as string[],
  };
  const deps = {
    cri: {
      listImages: async () => ({ images: [...held.values()].map((image) => ({ ...image, repoDigests: [] })) }),
      listContainers: async () => ({ containers: state.used.map((imageRef) => ({ imageRef, imageId: '' })) }),
      imageStatus: async ({ image }: { image: { image: string } }) => ({ image: held.get(image.image.slice(5)) }),
      async removeImage({ image }: { image: { image: string } }) {
        if (image.image === state.stuck) throw new Error('it is held');
        held.delete(image.image);
      },
    },
    clock,
    events: { node: (_type: string, reason: string, message: string) => void events.push(`${reason} ${message}`) },
    imageFs: async () => ({ atMs: 0, usedBytes: 0, capacityBytes: 100, availableBytes: state.available }),
    asVolumes: () => state.asVolumes,
    kept: ['name-kept'],
    pruneRecords: async (ids: ReadonlySet<string>) => void state.recorded.push([...ids].join(' ')),
  } as unknown as ImageGarbageDeps;
  return {
    ...{ clock, events, state, held },
    garbage: new ImageGarbage(deps, kubeletSettings(configuration)),
    add: (id: string) => void held.set(id, { id, repoTags: [], size: 10, pinned: false }),
    left: () => [...held.keys()].join(' '),
  };
}

describe('ImageGarbage', () => {
  test('removes nothing while there is room', async () => {
    const node = runtimeWith(['a', 'b']);
    node.state.available = 16; // 84 % are used.
    await node.garbage.collect(signal);
    assert.equal(node.left(), 'a b');
  });

  test('makes room for as much as is to be free, of what was not used for longest', async () => {
    const node = runtimeWith(['a', 'b', 'c', 'kept', 'pinned']);
    node.state.used = ['a', 'c'];
    await node.garbage.collect(signal);
    await node.clock.advance(MINUTE_MS);
    node.state.used = ['c'];
    node.state.available = 15; // 5 more have to be free.
    await node.garbage.collect(signal);
    assert.equal(node.left(), 'a c kept pinned');
    await node.garbage.collect(signal);
    assert.equal(node.left(), 'c kept pinned');
    assert.equal(node.state.recorded.at(-1), 'a c kept pinned'); // As they were found: what goes now is forgotten next time.
  });

  test('says so where not enough can go, and leaves images alone that have only just come', async () => {
    const node = runtimeWith(['old']);
    await node.garbage.collect(signal);
    node.add('new');
    node.state.available = 5;
    const message =
      'Failed to garbage collect required amount of images. Attempted to free 15 bytes, but only found 10 bytes eligible to free.';
    await assert.rejects(
      node.garbage.collect(signal),
      (error) => error instanceof ImageGarbageError && error.message === message,
    );
    assert.equal(node.left(), 'new');
    assert.deepEqual(node.events, [`FreeDiskSpaceFailed ${message}`]);
    await node.clock.advance(2 * MINUTE_MS);
    await node.garbage.removeUnused(signal);
    assert.equal(node.left(), '');
  });

  test('removes what was not used for too long, once the agent can know that', async () => {
    const node = runtimeWith(['a', 'b'], { imageMaximumGCAge: '10m', imageGCHighThresholdPercent: 100 });
    await node.garbage.collect(signal);
    assert.equal(node.left(), 'a b');
    await node.clock.advance(5 * MINUTE_MS);
    node.state.used = ['b'];
    await node.garbage.collect(signal);
    node.state.used = [];
    await node.clock.advance(6 * MINUTE_MS);
    await node.garbage.collect(signal);
    assert.equal(node.left(), 'b');
  });

  test('leaves images alone that pods have as volumes', async () => {
    const node = runtimeWith(['a', 'b']);
    node.state.asVolumes = ['name-b', 'name-absent'];
    await node.garbage.removeUnused(signal);
    assert.equal(node.left(), 'b');
  });

  test('goes on after an image that cannot be removed', async () => {
    const node = runtimeWith(['a', 'b']);
    node.state.stuck = 'a';
    await assert.rejects(node.garbage.removeUnused(signal), /images could not be removed: it is held/);
    assert.equal(node.left(), 'a');
  });
});

test('bytesToFree is what brings a disk that is too full down to the low share', () => {
  const of = (availableBytes: number) =>
    bytesToFree({ capacityBytes: 1000, availableBytes }, { highPercent: 85, lowPercent: 80 });
  assert.deepEqual([of(500), of(160), of(150), of(0), of(2000)], [0, 0, 50, 200, 0]);
});
