import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { kubeletPod } from '../../../test/support/kubelet-objects.ts';
import { allocationOf } from './allocation.ts';
import { Allocations } from './allocations.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 't8s-allocations-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const asking = (cpu: string) =>
  kubeletPod({ spec: { containers: [{ name: 'main', resources: { requests: { cpu } } }] } });
const cpuOf = (pod: ReturnType<typeof asking>) => pod.spec.containers[0]?.resources.requests?.['cpu'];

test('Allocations outlive the agent', async () => {
  const pod = asking('1');
  const { uid } = pod.metadata;
  const before = await Allocations.open(directory);
  before.allocate(uid, allocationOf(pod));
  before.actuate(uid, 'main', { requests: { cpu: '500m' } });
  before.actuatePod(uid, undefined);
  await before.save(uid);
  const after = await Allocations.open(directory);
  assert.equal(after.has(uid), true);
  assert.equal(cpuOf(after.applied(asking('2'))), '1');
  assert.deepEqual(after.actuated(uid), { pod: {}, containers: { main: { requests: { cpu: '500m' } } } });
  assert.deepEqual(await readdir(join(directory, uid)), ['resources.json']);
});

test('Allocations save nothing twice, and nothing of a pod that has gone', async () => {
  const allocations = await Allocations.open(directory);
  allocations.allocate('uid', allocationOf(asking('1')));
  await allocations.save('uid');
  await rm(join(directory, 'uid'), { recursive: true });
  await allocations.save('uid');
  allocations.forget('uid');
  allocations.actuate('uid', 'main', {});
  await allocations.save('uid');
  assert.deepEqual(await readdir(directory), []);
});

test('Allocations take a pod as it is where its file says nothing', async () => {
  for (const [uid, text] of Object.entries({ cut: '{"allocation":', odd: '{}', 'no-file': undefined })) {
    await mkdir(join(directory, uid));
    if (text !== undefined) await writeFile(join(directory, uid, 'resources.json'), text);
  }
  const allocations = await Allocations.open(directory);
  for (const uid of ['cut', 'odd', 'no-file']) assert.equal(allocations.has(uid), false);
  const pod = asking('1');
  assert.equal(allocations.applied(pod), pod);
});
