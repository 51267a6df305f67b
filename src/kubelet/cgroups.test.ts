import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { kubeletPod, type PodSpecInput } from '../../test/support/kubelet-objects.ts';
import { readLimits, sharesOf, weightOf } from './cgroup-limits.ts';
import { openCgroups } from './cgroups.ts';
import { nodeLimits } from './resources.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 't8s-cgroups-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const MB = 1024 ** 2;
const asking = (resources: object, more: Partial<PodSpecInput> = {}) =>
  kubeletPod({ spec: { ...more, containers: [{ name: 'main', resources }] } });
const LIMITED = { requests: { cpu: '500m' }, limits: { cpu: '1', memory: '64Mi', 'hugepages-2Mi': '4Mi' } };
const BURSTABLE = 'node/kubepods/burstable';

/** A file tree in the place of the kernel's: it has the file of huge pages only where somebody has made it. */
async function file(path: string, text?: string): Promise<string> {
  if (text !== undefined) await mkdir(join(root, path, '..'), { recursive: true });
  if (text !== undefined) await writeFile(join(root, path), text);
  return readFile(join(root, path), 'utf8');
}

test('weightOf and sharesOf have a CPU at the default weight', () => {
  assert.deepEqual([2, 102, 256, 512, 1024, 2048, 262_144].map(weightOf), [1, 17, 35, 59, 100, 174, 10_000]);
  for (const shares of [2, 102, 1024, 10_240, 262_144])
    assert.equal(weightOf(sharesOf(weightOf(shares))), weightOf(shares));
});

describe('openCgroups on version 2', () => {
  beforeEach(() => file('cgroup.controllers', 'cpu memory hugetlb'));

  test('limits a pod, its overhead included, and hands the controllers down', async () => {
    const cgroups = await openCgroups('/node', { mountPoint: root });
    const pod = asking(LIMITED, { overhead: { cpu: '500m', memory: '64Mi' } });
    await file(`${BURSTABLE}/pod${pod.metadata.uid}/hugetlb.2MB.max`, 'max');
    const path = await cgroups.create(pod);
    assert.equal(path, `/${BURSTABLE}/pod${pod.metadata.uid}`);
    assert.equal(await file(`${path}/cpu.weight`), '100');
    assert.equal(await file(`${path}/cpu.max`), '150000 100000');
    assert.equal(await file(`${path}/memory.max`), String(128 * MB));
    assert.equal(await file(`${path}/hugetlb.2MB.max`), String(4 * MB));
    assert.match(await file('node/kubepods/cgroup.subtree_control'), /^\+\w+$/);
    assert.deepEqual(await cgroups.limits(pod), { cpuShares: sharesOf(100), cpuQuota: 150_000, memoryBytes: 128 * MB });
    await cgroups.limit(pod, { memoryBytes: 0, cpuQuota: 0 });
    assert.equal(await file(`${path}/memory.max`), 'max');
    assert.deepEqual(await cgroups.limits(pod), { cpuShares: sharesOf(100), cpuQuota: 0, memoryBytes: 0 });
  });

  test('limits all pods of a node together', async () => {
    const cgroups = await openCgroups('/node', { mountPoint: root });
    await cgroups.limitAll(nodeLimits({ cpus: 2, memoryBytes: 512 * MB }, { cpu: '1', memory: '128Mi' }));
    assert.equal(await file('node/kubepods/cpu.weight'), '100');
    assert.equal(await file('node/kubepods/memory.max'), String(384 * MB));
    await file('node/kubepods/cpu.max', 'max 100000');
    await file('node/kubepods/cpu.stat', 'usage_usec 5');
    await file('node/kubepods/memory.current', '4096');
    await file('node/kubepods/memory.stat', 'inactive_file 96');
    const { workingSetBytes, memoryLimitBytes } = (await cgroups.usageOfAll())!;
    assert.deepEqual([workingSetBytes, memoryLimitBytes], [4000, 384 * MB]);
  });

  test('has burstable pods share as much as they have asked for together', async () => {
    await file(`${BURSTABLE}/cpu.weight`, '1');
    await file(`${BURSTABLE}/cpu.max`, 'max 100000');
    await file(`${BURSTABLE}/memory.max`, 'max');
    const cgroups = await openCgroups('/node', { mountPoint: root });
    const pod = asking({ requests: { cpu: '1' } });
    await cgroups.create(pod);
    assert.equal(await file(`${BURSTABLE}/cpu.weight`), '100');
    await cgroups.limit(pod, { cpuShares: 2048 });
    assert.equal(await file(`${BURSTABLE}/cpu.weight`), '174');
  });
});

test('openCgroups on version 1 has a directory in every hierarchy', async () => {
  for (const controller of ['cpu', 'memory', 'pids']) await mkdir(join(root, controller));
  const cgroups = await openCgroups('/node', { mountPoint: root });
  const pod = asking(LIMITED);
  const path = await cgroups.create(pod);
  assert.equal(await file(`cpu${path}/cpu.shares`), '512');
  assert.equal(await file(`cpu${path}/cpu.cfs_quota_us`), '100000');
  assert.equal(await file(`memory${path}/memory.limit_in_bytes`), String(64 * MB));
  assert.deepEqual(await cgroups.limits(pod), { cpuShares: 512, cpuQuota: 100_000, memoryBytes: 64 * MB });
  assert.equal(await readLimits({ root, path: '/node/else', unified: false }), undefined);
  assert.equal(await cgroups.usageOfAll(), undefined);
  await cgroups.limitAll(nodeLimits({ cpus: 2, memoryBytes: 512 * MB }, {}));
  await file('cpu/node/kubepods/cpu.cfs_quota_us', '-1');
  await file('cpuacct/node/kubepods/cpuacct.usage', '5');
  await file('memory/node/kubepods/memory.usage_in_bytes', '4096');
  await file('memory/node/kubepods/memory.stat', 'total_inactive_file 96');
  const { workingSetBytes, memoryLimitBytes } = (await cgroups.usageOfAll())!;
  assert.deepEqual([workingSetBytes, memoryLimitBytes], [4000, 512 * MB]);
});
