import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { schedulingCluster } from '../../test/support/scheduling-cluster.ts';
import { until } from '../../test/support/until.ts';
import { Node } from '../api/core/node.ts';
import type { NodeStatus } from '../api/core/node-status.ts';
import { FakeClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { type NodeFacts, nodeStatus, reportNode } from './node-status.ts';

const GB = 1024 ** 3;
const FACTS: NodeFacts = {
  nodeName: 'node',
  nodeIp: '192.0.2.1',
  machine: {
    ...{ cpus: 4, memoryBytes: 8 * GB, hugePages: { 'hugepages-2Mi': '1Gi' } },
    ...{
      architecture: 'amd64',
      kernelVersion: '',
      osImage: '',
      hostname: '',
      machineId: '',
      systemUuid: '',
      bootId: '',
    },
  },
  diskBytes: 100 * GB,
  pressures: [],
  reserved: { memory: '104857600', 'ephemeral-storage': '10737418240' },
  maxImages: 50,
  version: 'v1.36.0',
  serverPort: 10_250,
  runtime: { version: 'containerd://1.6.20', problems: [], images: [] },
  maxPods: 110,
};
const of = (facts: Partial<NodeFacts> = {}, previous?: Partial<NodeStatus>) => {
  const { capacity, allocatable } = nodeStatus({ ...FACTS, ...facts }, previous as NodeStatus | undefined, 0);
  return { capacity, allocatable };
};

describe('nodeStatus', () => {
  test('has for pods what eviction and huge pages leave', () => {
    const { capacity, allocatable } = of();
    assert.deepEqual(capacity, {
      ...{ cpu: '4', memory: '8Gi', 'ephemeral-storage': '100Gi', 'hugepages-2Mi': '1Gi', pods: '110' },
    });
    assert.deepEqual(allocatable, { ...capacity, memory: '7068Mi', 'ephemeral-storage': '90Gi' });
  });

  test('keeps back what is reserved, of what it has', () => {
    const reserved = { cpu: '500m', memory: '1Gi', 'example.com/gpu': '1' };
    const { capacity, allocatable } = of({ reserved });
    assert.equal(capacity?.['cpu'], '4');
    assert.deepEqual([allocatable?.['cpu'], allocatable?.['memory']], ['3500m', '6Gi']);
    assert.equal(allocatable?.['example.com/gpu'], undefined);
  });

  test('has the conditions of what it is short of', () => {
    const { conditions } = nodeStatus({ ...FACTS, pressures: ['DiskPressure'] }, undefined, 0);
    assert.deepEqual(
      conditions?.map(({ type, status }) => `${type}=${status}`),
      ['MemoryPressure=False', 'DiskPressure=True', 'PIDPressure=False', 'Ready=True'],
    );
  });

  test('tells of the largest images, with a few of the names of each', () => {
    const image = (size: number) => ({
      ...{ id: `i${size}`, size, uid: undefined, username: '', spec: undefined, pinned: false },
      ...{ repoTags: Array.from({ length: 6 }, (_, index) => `tag-${index}`), repoDigests: ['digest'] },
    });
    const runtime = { ...FACTS.runtime, images: [1, 3, 2].map(image) };
    const sizes = (maxImages: number) =>
      nodeStatus({ ...FACTS, runtime, maxImages }, undefined, 0).images?.map(({ sizeBytes }) => sizeBytes);
    assert.deepEqual([sizes(2), sizes(-1), sizes(0)], [[3, 2], [3, 2, 1], []]);
    const [largest] = nodeStatus({ ...FACTS, runtime }, undefined, 0).images ?? [];
    assert.deepEqual(largest?.names, ['digest', 'tag-0', 'tag-1', 'tag-2', 'tag-3']);
  });

  test('keeps resources that others have announced, and nothing else that it does not know', () => {
    const announced = { cpu: '64', 'example.com/gpu': '2', unknown: '1' };
    const { capacity, allocatable } = of({}, { capacity: announced, allocatable: {} });
    assert.deepEqual([capacity?.['cpu'], capacity?.['example.com/gpu'], capacity?.['unknown']], ['4', '2', undefined]);
    assert.equal(allocatable?.['example.com/gpu'], '2');
  });
});

test('reportNode sets right, at its next check, what others have said while the node was not heard of', async () => {
  const clock = new FakeClock();
  await using cluster = await schedulingCluster({ clock });
  const { client } = cluster;
  const stopping = new AbortController();
  let latest: Node | undefined;
  const reporting = reportNode(
    { client, clock, log: silentLogger, facts: async () => FACTS, labels: {} },
    {
      registered: () => {},
      changed: () => ({ [Symbol.dispose]: () => {} }),
      latest: () => latest,
      signal: stopping.signal,
    },
  );
  const readyIs = (wanted: string) => async () => {
    const node = await client.get(Node, { name: 'node' }).catch(() => undefined);
    return node?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === wanted) === true;
  };
  await until(readyIs('True'));
  const node = await client.get(Node, { name: 'node' });
  const conditions = (node.status.conditions ?? []).map((condition) => ({ ...condition, status: 'Unknown' as const }));
  latest = await client.updateStatus(Node, { ...node, status: { ...node.status, conditions } });
  await until(readyIs('Unknown'));
  await clock.advance(10_000);
  await until(readyIs('True'));
  stopping.abort();
  await reporting;
});
