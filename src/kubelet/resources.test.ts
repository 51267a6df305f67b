import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { containerOf, kubeletPod, type PodSpecInput } from '../../test/support/kubelet-objects.ts';
import { containerResources, cpuQuota, cpuShares, podResources, reportedResources } from './resources.ts';

const GB = 1024 ** 3;
const MB = 1024 ** 2;
type Resources = NonNullable<NonNullable<PodSpecInput['containers']>[number]['resources']>;
const c = (name: string, resources: Resources) => ({ name, resources });

test('cpuShares and cpuQuota turn thousandths of a CPU into the kernel’s units', () => {
  assert.deepEqual([0, 1, 2, 100, 250, 1000, 10_000_000].map(cpuShares), [2, 2, 2, 102, 256, 1024, 262_144]);
  assert.deepEqual([0, 1, 5, 10, 500, 2000].map(cpuQuota), [0, 1_000, 1_000, 1_000, 50_000, 200_000]);
});

describe('containerResources', () => {
  const of = (resources: Resources, more: Partial<PodSpecInput> = {}) => {
    const pod = kubeletPod({ spec: { ...more, containers: [c('main', resources)] } });
    return containerResources(pod, containerOf(pod, 'main'), 16 * GB);
  };

  test('of a container that asks for nothing', () => {
    assert.deepEqual(of({}), {
      cpuPeriod: 100_000,
      cpuQuota: 0,
      cpuShares: 2,
      memoryLimitInBytes: 0,
      oomScoreAdj: 1000,
    });
  });

  test('of one with limits has no swap beyond its memory', () => {
    assert.deepEqual(of({ requests: { cpu: '250m', memory: '1Gi' }, limits: { cpu: '1', memory: '2Gi' } }), {
      ...{ cpuPeriod: 100_000, cpuQuota: 100_000, cpuShares: 256 },
      ...{ memoryLimitInBytes: 2 * GB, memorySwapLimitInBytes: 2 * GB, oomScoreAdj: 938 },
    });
  });

  test('takes a limit for the request where there is none', () => {
    assert.equal(of({ limits: { cpu: '500m' } }).cpuShares, 512);
  });

  const scores: readonly (readonly [string, Resources, number, Partial<PodSpecInput>?])[] = [
    ['guaranteed', { limits: { cpu: '1', memory: '1Gi' } }, -997],
    ['critical', {}, -997, { priorityClassName: 'system-node-critical' }],
    ['burstable without memory', { requests: { cpu: '1' } }, 999],
    ['burstable with half of the memory', { requests: { memory: '8Gi' } }, 500],
    ['burstable with all of it and more', { requests: { memory: '32Gi' } }, 3],
  ];
  for (const [name, resources, expected, more] of scores) {
    test(`has the kernel kill in the right order: ${name}`, () =>
      assert.equal(of(resources, more).oomScoreAdj, expected));
  }
});

describe('podResources', () => {
  const of = (spec: Partial<PodSpecInput>) => podResources(kubeletPod({ spec }));

  test('adds up containers and overhead', () => {
    const limits = { cpu: '500m', memory: '100Mi' };
    const spec = { containers: [c('a', { limits }), c('b', { limits })], overhead: { cpu: '100m', memory: '10Mi' } };
    assert.deepEqual(of(spec), { cpuShares: 1126, cpuQuota: 110_000, memoryBytes: 210 * MB, hugePageBytes: {} });
  });

  test('has no limit where one container has none', () => {
    const spec = {
      containers: [c('a', { limits: { cpu: '1', memory: '100Mi' } }), c('b', { limits: { memory: '50Mi' } })],
    };
    assert.deepEqual(of(spec), { cpuShares: 1024, cpuQuota: 0, memoryBytes: 150 * MB, hugePageBytes: {} });
  });

  test('gives init containers room at their peak, and sidecars beside all', () => {
    const memory = (quantity: string) => ({ limits: { memory: quantity } });
    const initContainers = [
      c('big', memory('1Gi')),
      { ...c('side', memory('64Mi')), restartPolicy: 'Always' },
      c('last', memory('512Mi')),
    ];
    assert.equal(of({ initContainers, containers: [c('main', memory('100Mi'))] }).memoryBytes, GB);
    assert.equal(
      of({ initContainers: initContainers.slice(1), containers: [c('main', memory('100Mi'))] }).memoryBytes,
      576 * MB,
    );
  });

  test('limits huge pages by the kernel’s names of their sizes', () => {
    const limits = { 'hugepages-2Mi': '4Mi', 'hugepages-1Gi': '1Gi', memory: '1Gi', cpu: '1' };
    const spec = { containers: [c('a', { limits })] };
    assert.deepEqual(of(spec).hugePageBytes, { '2MB': 4 * MB, '1GB': GB });
    const pod = kubeletPod({ spec });
    assert.deepEqual(containerResources(pod, containerOf(pod, 'a'), GB).hugepageLimits, [
      { pageSize: '1GB', limit: GB },
      { pageSize: '2MB', limit: 4 * MB },
    ]);
  });

  test('goes by what the pod as a whole asks for', () => {
    const resources = { requests: { cpu: '2' }, limits: { cpu: '3', memory: '1Gi' } };
    assert.deepEqual(of({ resources, containers: [c('a', {}), c('b', { requests: { cpu: '100m' } })] }), {
      hugePageBytes: {},
      cpuShares: 2048,
      cpuQuota: 300_000,
      memoryBytes: GB,
    });
  });

  test('of a pod that asks for nothing', () => {
    assert.deepEqual(of({}), { cpuShares: 2, cpuQuota: 0, memoryBytes: 0, hugePageBytes: {} });
  });
});

describe('reportedResources', () => {
  const known = { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '0.2', memory: '65536Ki' } };
  const told = { cpuShares: 102, cpuQuota: 20_000, cpuPeriod: 100_000, memoryBytes: 64 * MB };
  const cases: readonly (readonly [string, Partial<typeof told>, object])[] = [
    ['leaves what is the same as it is written', {}, known],
    ['takes over what is not', { cpuShares: 256 }, { ...known, requests: { ...known.requests, cpu: '250m' } }],
    ['and limits', { cpuQuota: 50_000, memoryBytes: MB }, { ...known, limits: { cpu: '500m', memory: '1Mi' } }],
    ['leaves what the runtime does not tell', { cpuShares: 0, cpuQuota: 0, memoryBytes: 0 }, known],
  ];
  for (const [name, more, expected] of cases) {
    test(name, () => assert.deepEqual(reportedResources(known, { ...told, ...more }), expected));
  }

  test('has what is below the kernel’s least stay as it was asked for', () => {
    const little = { requests: { cpu: '1m' }, limits: { cpu: '5m' } };
    const least = { cpuShares: 2, cpuQuota: 1_000, cpuPeriod: 100_000, memoryBytes: 0 };
    assert.deepEqual(reportedResources(little, least), little);
  });
});
