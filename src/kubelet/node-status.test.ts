import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NodeStatus } from '../api/core/node-status.ts';
import { type NodeFacts, nodeStatus } from './node-status.ts';

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
  load: { availableMemoryBytes: 4 * GB, diskBytes: 100 * GB, availableDiskBytes: 50 * GB, freePidsShare: 1 },
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
    assert.deepEqual(allocatable, { ...capacity, memory: '7068Mi', 'ephemeral-storage': '96636764160' });
  });

  test('keeps back what is reserved, of what it has', () => {
    const reserved = { cpu: '500m', memory: '1Gi', 'example.com/gpu': '1' };
    const { capacity, allocatable } = of({ reserved });
    assert.equal(capacity?.['cpu'], '4');
    assert.deepEqual([allocatable?.['cpu'], allocatable?.['memory']], ['3500m', '6044Mi']);
    assert.equal(allocatable?.['example.com/gpu'], undefined);
  });

  test('keeps resources that others have announced, and nothing else that it does not know', () => {
    const announced = { cpu: '64', 'example.com/gpu': '2', unknown: '1' };
    const { capacity, allocatable } = of({}, { capacity: announced, allocatable: {} });
    assert.deepEqual([capacity?.['cpu'], capacity?.['example.com/gpu'], capacity?.['unknown']], ['4', '2', undefined]);
    assert.equal(allocatable?.['example.com/gpu'], '2');
  });
});
