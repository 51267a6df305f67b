import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import type { Pod } from '../../api/core/pod.ts';
import { formatTime } from '../../api/time.ts';
import { FakeClock } from '../../base/clock.ts';
import { CriError } from '../../cri/cri.ts';
import { type FiguresDeps, figuresReader } from './read-figures.ts';

const NOW = Date.UTC(2026, 0, 1);
const labels = (uid: string, name: string) => ({ 'io.kubernetes.pod.uid': uid, 'io.kubernetes.container.name': name });
const pod = (uid: string) =>
  ({
    metadata: { name: uid, namespace: 'default', uid },
    spec: {
      volumes: [
        { name: 'disk', emptyDir: {} },
        { name: 'memory', emptyDir: { medium: 'Memory' } },
      ],
    },
    status: { startTime: formatTime(NOW - 60_000) },
  }) as unknown as Pod;
const stats = (id: string, cpu: number) => ({
  attributes: { id },
  cpu: { timestamp: NOW, usageCoreNanoSeconds: cpu },
  memory: { timestamp: NOW, workingSetBytes: 1000, availableBytes: 0, usageBytes: 2000 },
  writableLayer: { timestamp: NOW, usedBytes: 5, inodesUsed: 1 },
});
const network = { name: 'eth0', rxBytes: 1, txBytes: 2 };

/** A runtime that holds containers of two pods, one of which has no control group any more. */
function reader({ sandboxStats = true } = {}) {
  const cri = {
    listContainers: async () => ({
      containers: [
        { id: 'c1', labels: labels('one', 'main'), createdAt: NOW - 50_000 },
        { id: 'c2', labels: labels('two', 'main'), createdAt: NOW - 50_000 },
        { id: 'c3', labels: labels('one', 'new'), createdAt: NOW },
      ],
    }),
    listContainerStats: async () => ({ stats: [stats('c1', 5e9), stats('c2', 6e9), stats('old', 7e9)] }),
    async listPodSandboxStats() {
      if (!sandboxStats) throw new CriError('listPodSandboxStats', 'UNIMPLEMENTED', 'not here');
      const usage = { timestamp: NOW, defaultInterface: network, interfaces: [] };
      return { stats: [{ attributes: { labels: labels('one', '') }, linux: { network: usage } }] };
    },
    imageFsInfo: async () => ({ imageFilesystems: [{ timestamp: NOW, usedBytes: 77, inodesUsed: 3 }] }),
  };
  const usage = { cpuNanoSeconds: 8e9, usageBytes: 3000, workingSetBytes: 2500, rssBytes: 1, pageFaults: 2 };
  const deps = {
    cri,
    cgroups: {
      usage: async ({ metadata: { uid } }: Pod) =>
        uid === 'one' ? { ...usage, majorPageFaults: 0, processes: 4 } : undefined,
      usageOfAll: async () => ({ ...usage, majorPageFaults: 0, processes: 4, memoryLimitBytes: 10_000 }),
    },
    storage: {
      volumes: () => [
        { name: 'disk', atMs: NOW, usedBytes: 30, inodesUsed: 2 },
        { name: 'memory', atMs: NOW, usedBytes: 400, inodesUsed: 2 },
      ],
      logs: async (_pod: Pod, container: string) =>
        container === 'main' ? { atMs: NOW, usedBytes: 200, inodesUsed: 1 } : undefined,
      keepOnly: () => {},
    },
    pods: () => ['one', 'two', 'three'].map(pod),
    clock: new FakeClock(NOW),
  } as unknown as FiguresDeps;
  return figuresReader(deps, { nodeName: 'node', dataDir: tmpdir() });
}

describe('figuresReader', () => {
  const { signal } = new AbortController();

  test('resources: of what runs, and no more than that', async () => {
    const { node, pods } = await reader()('resources', signal);
    assert.equal(node.name, 'node');
    assert.ok((node.cpu?.usageCoreNanoSeconds ?? 0) > 0 && (node.memory?.workingSetBytes ?? 0) > 0);
    assert.equal(node.fs, undefined);
    assert.deepEqual(
      pods.map(({ name }) => name),
      ['one'],
    );
    const [one] = pods;
    assert.equal(one?.cpu?.usageCoreNanoSeconds, 8e9);
    assert.equal(one?.memory?.workingSetBytes, 2500);
    assert.equal(one?.network, undefined);
    const [main, ...others] = one?.containers ?? [];
    assert.deepEqual(others, [], 'a container without figures is not told of');
    assert.equal(main?.name, 'main');
    assert.equal(main?.startedMs, NOW - 50_000);
    assert.equal(main?.cpu?.usageCoreNanoSeconds, 5e9);
    assert.equal(main?.memory?.workingSetBytes, 1000);
    assert.equal(main?.memory?.availableBytes, undefined);
  });

  test('all: networks, file systems and processes as well', async () => {
    const { node, pods } = await reader()('all', signal);
    assert.equal(node.imageFs?.usedBytes, 77);
    assert.ok((node.fs?.capacityBytes ?? 0) > 0 && (node.processes?.current ?? 0) > 0);
    const eth0 = { name: 'eth0', rxBytes: 1, rxErrors: 0, txBytes: 2, txErrors: 0 };
    assert.deepEqual(pods[0]?.network, { atMs: NOW, defaultInterface: eth0, interfaces: [eth0] });
    assert.equal(pods[0]?.processes, 4);
    assert.equal(pods[0]?.containers[0]?.rootFs?.usedBytes, 5);
  });

  test('shortages: what pods have on disk, and what is left, but no networks', async () => {
    const { node, pods } = await reader()('shortages', signal);
    assert.equal(node.podsMemory?.availableBytes, 7500);
    assert.equal(node.dedicatedImageFs, false);
    assert.ok((node.imageFs?.availableBytes ?? 0) > 0 && node.network === undefined);
    const [one] = pods;
    assert.equal(one?.network, undefined);
    assert.deepEqual(
      one?.volumes?.map(({ name, usedBytes }) => [name, usedBytes]),
      [
        ['disk', 30],
        ['memory', 400],
      ],
    );
    // The container's files and logs, and the volume that is on disk.
    assert.deepEqual(one?.ephemeralStorage, { atMs: NOW, usedBytes: 235, inodesUsed: 4 });
  });

  test('a runtime that tells nothing of networks will do', async () => {
    const { pods } = await reader({ sandboxStats: false })('all', signal);
    assert.equal(pods[0]?.network, undefined);
  });
});
