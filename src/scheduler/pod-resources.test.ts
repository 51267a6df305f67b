import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { node, pod } from '../../test/support/scheduling-objects.ts';
import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import { allocatableOf, amountOf, nonZeroPodRequests, podRequests } from './pod-resources.ts';

type Amounts = Readonly<Record<string, string>>;

const container = (name: string, requests?: Amounts, restartPolicy?: 'Always'): Container =>
  ({ name, resources: requests ? { requests } : {}, ...(restartPolicy ? { restartPolicy } : {}) }) as Container;

interface Case {
  readonly name: string;
  readonly spec: Partial<Pod['spec']>;
  readonly status?: Partial<Pod['status']>;
  readonly expected: Amounts;
}

const Mi = 1024 * 1024;

const cases: readonly Case[] = [
  { name: 'nothing asked for', spec: { containers: [container('a')] }, expected: {} },
  {
    name: 'containers add up, fractions of a thousandth round up',
    spec: {
      containers: [container('a', { cpu: '100m', memory: '1Mi' }), container('b', { cpu: '0.0005', memory: '1' })],
    },
    expected: { cpu: '101', memory: String(Mi + 1) },
  },
  {
    name: 'an init container counts only beyond the containers',
    spec: {
      initContainers: [container('i', { cpu: '2', memory: '1Mi' }), container('j', { cpu: '1', memory: '3Mi' })],
      containers: [container('a', { cpu: '1', memory: '1Mi' }), container('b', { cpu: '500m', memory: '1Mi' })],
    },
    expected: { cpu: '2000', memory: String(3 * Mi) },
  },
  {
    name: 'a sidecar counts beside containers and beside init containers after it',
    spec: {
      initContainers: [
        container('before', { cpu: '3' }),
        container('sidecar', { cpu: '1' }, 'Always'),
        container('after', { cpu: '2500m' }),
      ],
      containers: [container('a', { cpu: '1' })],
    },
    expected: { cpu: '3500' },
  },
  {
    name: 'overhead comes on top',
    spec: { overhead: { cpu: '250m', memory: '1Mi' }, containers: [container('a', { cpu: '1' })] },
    expected: { cpu: '1250', memory: String(Mi) },
  },
  {
    name: 'requests of the pod as a whole take the place of the sums, resource by resource',
    spec: {
      resources: { requests: { cpu: '3' } },
      containers: [container('a', { cpu: '1', memory: '2Mi' })],
    },
    expected: { cpu: '3000', memory: String(2 * Mi) },
  },
  {
    name: 'extended resources and huge pages count, unknown plain names do not',
    spec: { containers: [container('a', { 'example.com/gpu': '2', 'hugepages-2Mi': '4Mi', widgets: '7' })] },
    expected: { 'example.com/gpu': '2', 'hugepages-2Mi': String(4 * Mi), widgets: '0' },
  },
  {
    name: 'a container that is being made smaller counts as large as it still is',
    spec: { containers: [container('a', { cpu: '1' })] },
    status: {
      containerStatuses: [
        { name: 'a', resources: { requests: { cpu: '2' } }, allocatedResources: { cpu: '1500m' } },
      ] as unknown as NonNullable<Pod['status']['containerStatuses']>,
    },
    expected: { cpu: '2000' },
  },
  {
    name: 'a resize that can never be counts for nothing',
    spec: { containers: [container('a', { cpu: '64' })] },
    status: {
      conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }] as unknown as NonNullable<
        Pod['status']['conditions']
      >,
      containerStatuses: [
        { name: 'a', resources: { requests: { cpu: '2' } }, allocatedResources: { cpu: '2' } },
      ] as unknown as NonNullable<Pod['status']['containerStatuses']>,
    },
    expected: { cpu: '2000' },
  },
];

describe('podRequests', () => {
  for (const { name, spec, status, expected } of cases) {
    test(name, () => {
      const requests = podRequests(pod({ spec, ...(status ? { status } : {}) }));
      for (const resource of new Set(['cpu', 'memory', ...Object.keys(expected)])) {
        assert.equal(amountOf(requests, resource), Number(expected[resource] ?? 0), resource);
      }
    });
  }
});

describe('nonZeroPodRequests', () => {
  test('every container without a request counts a little', () => {
    const containers = [container('a'), container('b', { cpu: '1' }), container('c', { memory: '1Mi' })];
    assert.deepEqual(nonZeroPodRequests(pod({ spec: { containers } })), {
      milliCpu: 100 + 1000 + 100,
      memory: 200 * Mi + 200 * Mi + Mi,
    });
  });

  test('a request of the pod as a whole is taken as it is', () => {
    const spec = { resources: { requests: { cpu: '2' } }, containers: [container('a')] };
    assert.deepEqual(nonZeroPodRequests(pod({ spec })), { milliCpu: 2000, memory: 200 * Mi });
  });
});

describe('allocatableOf', () => {
  test('reads cpu in thousandths, memory in bytes, pods and scalars as counts', () => {
    const allocatable = allocatableOf(
      node({ allocatable: { cpu: '1500m', memory: '2Ki', pods: '10', 'example.com/gpu': '3' } }),
    );
    assert.equal(allocatable.milliCpu, 1500);
    assert.equal(allocatable.memory, 2048);
    assert.equal(allocatable.pods, 10);
    assert.equal(amountOf(allocatable, 'example.com/gpu'), 3);
  });
});
