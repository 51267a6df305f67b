import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { FakeClock } from '../../base/clock.ts';
import { createLogger } from '../../base/log.ts';
import type { Image } from '../../cri/image-messages.ts';
import type { Credential } from './pull-credentials.ts';
import { PullRecords } from './pull-records.ts';

const credential = (name: string): Credential => ({
  auth: {},
  source: { secret: { uid: `uid-${name}`, namespace: 'default', name, credentialHash: name } },
});

/** A directory, and agents that are started on it one after the other. */
async function node() {
  const directory = await mkdtemp(join(tmpdir(), 't8s-records-'));
  const clock = new FakeClock();
  const log = createLogger(() => {});
  const images: Image[] = [];
  return {
    clock,
    images,
    directory,
    start: () => PullRecords.open({ clock, log, directory, options: {} }, async () => images),
    files: async (kind: string) => (await readdir(join(directory, kind))).length,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

const mayUse = async (records: PullRecords, image: string, ...credentials: readonly Credential[]) =>
  !(await records.mustPull(image, 'sha256:1', async () => credentials));

describe('PullRecords', () => {
  test('whoever has the secret may use the image, also after a restart of the agent', async () => {
    await using machine = await node();
    const first = await machine.start();
    assert.equal(await mayUse(first, 'app:1'), true, 'it was there before');
    await first.begin('app:1');
    assert.equal(await mayUse(first, 'app:1'), false, 'it is being pulled');
    await first.succeeded('app:1', 'sha256:1', credential('a'));
    const second = await machine.start();
    for (const records of [first, second]) {
      assert.equal(await mayUse(records, 'app:2', credential('a')), true);
      assert.equal(await mayUse(records, 'app:1', credential('b')), false);
      assert.equal(await mayUse(records, 'other:1', credential('a')), false, 'under another name');
    }
    await second.begin('app:1');
    await second.succeeded('app:1', 'sha256:1', undefined);
    assert.equal(await mayUse(second, 'app:1'), true);
    assert.deepEqual([await machine.files('pulling'), await machine.files('pulled')], [0, 1]);
    const [name = ''] = await readdir(join(machine.directory, 'pulled'));
    assert.match(name, /^sha256-[0-9a-f]{64}$/);
    assert.deepEqual(JSON.parse(await readFile(join(machine.directory, 'pulled', name), 'utf8')), {
      kind: 'ImagePulledRecord',
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      lastUpdatedTime: '2026-01-01T00:00:00Z',
      imageRef: 'sha256:1',
      credentialMapping: { 'docker.io/library/app': { nodePodsAccessible: true } },
    });
  });

  test('an image whose pull nobody saw the end of was pulled by nobody known', async () => {
    await using machine = await node();
    const ended = await machine.start();
    await ended.begin('app:1');
    await ended.begin('never:1');
    machine.images.push({ id: 'sha256:1', repoTags: ['docker.io/library/app:1'], repoDigests: [] } as unknown as Image);
    const records = await machine.start();
    assert.equal(await mayUse(records, 'app:1'), false);
    assert.deepEqual([await machine.files('pulling'), await machine.files('pulled')], [0, 1]);
  });

  test('a pull that failed leaves nothing, unless another one goes on', async () => {
    await using machine = await node();
    const records = await machine.start();
    await records.begin('app:1');
    await records.begin('app:1');
    await records.failed('app:1');
    assert.equal(await machine.files('pulling'), 1);
    await records.failed('app:1');
    assert.equal(await machine.files('pulling'), 0);
  });

  test('forgets images that have gone, and passes over what it cannot read', async () => {
    await using machine = await node();
    const records = await machine.start();
    await records.begin('app:1');
    await records.succeeded('app:1', 'sha256:1', credential('a'));
    await records.prune(new Set(), machine.clock.now());
    assert.equal(await machine.files('pulled'), 1, 'it came after that');
    await records.prune(new Set(['sha256:1']), machine.clock.now() + 1);
    assert.equal(await machine.files('pulled'), 1, 'it is there');
    await records.prune(new Set(), machine.clock.now() + 1);
    assert.equal(await machine.files('pulled'), 0);
    await writeFile(join(machine.directory, 'pulled', 'sha256-0'), '{');
    await machine.start();
  });
});
