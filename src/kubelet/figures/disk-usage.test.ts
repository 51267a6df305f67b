import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { kubeletPod } from '../../../test/support/kubelet-objects.ts';
import { until } from '../../../test/support/until.ts';
import { FakeClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { directoryUsage, treeUsage } from './disk-usage.ts';
import { PodStorage } from './pod-storage.ts';

const { signal } = new AbortController();
const SIZE = 64 * 1024;

describe('disk usage', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 't8s-usage-'));
    await mkdir(join(root, 'a\tb', 'deep'), { recursive: true });
    await mkdir(join(root, 'empty'));
    await writeFile(join(root, 'a\tb', 'deep', 'file'), Buffer.alloc(SIZE, 1));
    await writeFile(join(root, 'a\tb', 'file'), Buffer.alloc(SIZE, 1));
  });
  after(() => rm(root, { recursive: true }));

  test('treeUsage counts each directory with all that is below it, and none that is not there', async () => {
    const [full, missing, empty] = await treeUsage(
      ['a\tb', 'missing', 'empty'].map((name) => join(root, name)),
      signal,
    );
    assert.ok(full!.usedBytes >= 2 * SIZE && full!.usedBytes < 3 * SIZE);
    assert.equal(full!.inodesUsed, 4);
    assert.equal(missing, undefined);
    assert.equal(empty!.inodesUsed, 1);
  });

  test('directoryUsage counts the files of a directory', async () => {
    const usage = await directoryUsage(join(root, 'a\tb'));
    assert.ok(usage!.usedBytes >= SIZE && usage!.usedBytes < 2 * SIZE);
    assert.equal(await directoryUsage(join(root, 'missing')), undefined);
  });

  test('PodStorage counts again what was counted too long ago, which nobody waits for', async () => {
    const clock = new FakeClock(0);
    let size = 1;
    const counted: (readonly string[])[] = [];
    await using storage = new PodStorage(
      {
        ...{ clock, log: silentLogger },
        volumePath: (_pod, volume) => `/volumes/${volume}`,
        logDirectory: () => join(root, 'a\tb'),
        async count(paths) {
          counted.push(paths);
          return paths.map(() => ({ usedBytes: size, inodesUsed: 1 }));
        },
      },
      { everyMs: 60_000 },
    );
    const volumes = [
      { name: 'data', emptyDir: {} },
      { name: 'host', hostPath: { path: '/' } },
    ];
    const pod = kubeletPod({ spec: { volumes } });
    const sizeIs = (wanted: number) => async () => storage.volumes(pod)?.[0]?.usedBytes === wanted;
    assert.equal(storage.volumes(pod), undefined);
    await until(sizeIs(1));
    size = 2;
    await clock.advance(59_000);
    assert.equal(storage.volumes(pod)?.[0]?.usedBytes, 1);
    assert.equal(counted.length, 1);
    await clock.advance(1_000);
    await until(sizeIs(2));
    assert.deepEqual(counted, [['/volumes/data'], ['/volumes/data']]);
    assert.ok(((await storage.logs(pod, 'main'))?.usedBytes ?? 0) >= SIZE);
    storage.keepOnly([]);
    assert.equal(storage.volumes(pod), undefined);
  });
});
