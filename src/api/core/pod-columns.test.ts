import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../schema.ts';
import type { ContainerStateTerminated, ContainerStatus } from './container-status.ts';
import type { Pod } from './pod.ts';
import { podColumns } from './pod-columns.ts';
import type { PodCondition } from './pod-status.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');

interface Case {
  readonly name: string;
  readonly spec?: Partial<Pod['spec']>;
  readonly status?: Partial<Pod['status']>;
  readonly deleted?: true;
  readonly expected: Partial<Record<'Ready' | 'Status' | 'Restarts' | 'IP' | 'Node' | 'Readiness Gates', string>>;
}

const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const initialized = condition('Initialized', 'True');
const withInit = { initContainers: [container('init'), container('second')] };
const withSidecar = { initContainers: [{ ...container('proxy'), restartPolicy: 'Always' }] };

const cases: Case[] = [
  {
    name: 'nothing known yet',
    status: { phase: 'Pending' },
    expected: { Ready: '0/1', Status: 'Pending', IP: '<none>' },
  },
  {
    name: 'running',
    spec: { nodeName: 'n1' },
    status: {
      phase: 'Running',
      podIPs: [{ ip: '10.0.0.1' }],
      containerStatuses: [status('main', running, { ready: true })],
    },
    expected: { Ready: '1/1', Status: 'Running', Restarts: '0', IP: '10.0.0.1', Node: 'n1' },
  },
  {
    name: 'scheduling gates',
    status: { phase: 'Pending', conditions: [{ ...condition('PodScheduled', 'False'), reason: 'SchedulingGated' }] },
    expected: { Status: 'SchedulingGated' },
  },
  { name: 'evicted', status: { phase: 'Failed', reason: 'Evicted' }, expected: { Status: 'Evicted' } },
  {
    name: 'init container at work',
    spec: withInit,
    status: {
      phase: 'Pending',
      initContainerStatuses: [status('init', { terminated: ended({ exitCode: 0 }) }), status('second', running)],
    },
    expected: { Status: 'Init:1/2', Ready: '0/1' },
  },
  {
    name: 'init container waiting with a reason',
    spec: withInit,
    status: {
      phase: 'Pending',
      initContainerStatuses: [status('init', { waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 3 })],
    },
    expected: { Status: 'Init:CrashLoopBackOff', Restarts: '3' },
  },
  {
    name: 'init container that waits for its turn',
    spec: withInit,
    status: { phase: 'Pending', initContainerStatuses: [status('init', { waiting: { reason: 'PodInitializing' } })] },
    expected: { Status: 'Init:0/2' },
  },
  {
    name: 'init container that failed by exit code',
    spec: withInit,
    status: { phase: 'Pending', initContainerStatuses: [status('init', { terminated: ended({ exitCode: 2 }) })] },
    expected: { Status: 'Init:ExitCode:2' },
  },
  {
    name: 'init container that failed by signal',
    spec: withInit,
    status: {
      phase: 'Pending',
      initContainerStatuses: [status('init', { terminated: ended({ exitCode: 137, signal: 9 }) })],
    },
    expected: { Status: 'Init:Signal:9' },
  },
  {
    name: 'sidecar counted with the containers',
    spec: withSidecar,
    status: {
      phase: 'Running',
      conditions: [initialized],
      initContainerStatuses: [status('proxy', running, { ready: true, started: true, restartCount: 1 })],
      containerStatuses: [status('main', running, { ready: true, restartCount: 2 })],
    },
    expected: { Ready: '2/2', Status: 'Running', Restarts: '3' },
  },
  {
    name: 'restarts of init containers forgotten after initialization',
    spec: withInit,
    status: {
      phase: 'Running',
      conditions: [initialized],
      initContainerStatuses: [
        status('init', { terminated: ended({ exitCode: 0 }) }, { restartCount: 4 }),
        status('second', { terminated: ended({ exitCode: 0 }) }),
      ],
      containerStatuses: [status('main', running, { ready: true })],
    },
    expected: { Ready: '1/1', Restarts: '0' },
  },
  {
    name: 'crash loop',
    status: {
      phase: 'Running',
      containerStatuses: [
        status(
          'main',
          { waiting: { reason: 'CrashLoopBackOff' } },
          {
            restartCount: 3,
            lastState: { terminated: ended({ exitCode: 1, finishedAt: '2026-01-01T00:55:00Z' }) },
          },
        ),
      ],
    },
    expected: { Ready: '0/1', Status: 'CrashLoopBackOff', Restarts: '3 (5m ago)' },
  },
  {
    name: 'completed',
    status: {
      phase: 'Succeeded',
      containerStatuses: [status('main', { terminated: ended({ exitCode: 0, reason: 'Completed' }) })],
    },
    expected: { Status: 'Completed' },
  },
  {
    name: 'failed without a reason',
    status: { phase: 'Failed', containerStatuses: [status('main', { terminated: ended({ exitCode: 3 }) })] },
    expected: { Status: 'ExitCode:3' },
  },
  {
    name: 'one container completed, one runs and the pod is ready',
    spec: { containers: [container('main'), container('side')] },
    status: {
      phase: 'Running',
      conditions: [condition('Ready', 'True')],
      containerStatuses: [
        status('main', { terminated: ended({ exitCode: 0, reason: 'Completed' }) }),
        status('side', running, { ready: true }),
      ],
    },
    expected: { Ready: '1/2', Status: 'Running' },
  },
  {
    name: 'one container completed, one runs and the pod is not ready',
    spec: { containers: [container('main'), container('side')] },
    status: {
      phase: 'Running',
      containerStatuses: [
        status('main', { terminated: ended({ exitCode: 0, reason: 'Completed' }) }),
        status('side', running, { ready: true }),
      ],
    },
    expected: { Status: 'NotReady' },
  },
  {
    name: 'the first container with something to say speaks',
    spec: { containers: [container('main'), container('side')] },
    status: {
      phase: 'Pending',
      containerStatuses: [
        status('main', { waiting: { reason: 'ErrImagePull' } }),
        status('side', { waiting: { reason: 'ContainerCreating' } }),
      ],
    },
    expected: { Status: 'ErrImagePull' },
  },
  {
    name: 'terminating',
    deleted: true,
    status: { phase: 'Running', containerStatuses: [status('main', running, { ready: true })] },
    expected: { Status: 'Terminating', Ready: '1/1' },
  },
  {
    name: 'deleted after it ended',
    deleted: true,
    status: {
      phase: 'Succeeded',
      containerStatuses: [status('main', { terminated: ended({ exitCode: 0, reason: 'Completed' }) })],
    },
    expected: { Status: 'Completed' },
  },
  {
    name: 'node lost',
    deleted: true,
    status: { phase: 'Running', reason: 'NodeLost' },
    expected: { Status: 'Unknown' },
  },
  {
    name: 'readiness gates',
    spec: { readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }] },
    status: { phase: 'Running', conditions: [condition('a', 'True'), condition('b', 'False')] },
    expected: { 'Readiness Gates': '1/2' },
  },
];

for (const { name, spec, status, deleted, expected } of cases) {
  test(`podColumns: ${name}`, () => {
    const pod = {
      metadata: {
        name: 'p',
        creationTimestamp: '2026-01-01T00:00:00Z',
        ...(deleted ? { deletionTimestamp: '2026-01-01T00:30:00Z' } : {}),
      },
      spec: { containers: [container('main')], ...spec },
      status: status ?? {},
    } as unknown as Pod;
    for (const [column, cell] of Object.entries(expected)) {
      assert.equal(podColumns.find((other) => other.name === column)?.value(pod, NOW), cell, column);
    }
  });
}

test('podColumns are in the order and with the priorities of upstream', () => {
  assert.deepEqual(
    podColumns.map(({ name, priority }) => (priority ? `${name}*` : name)),
    ['Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP*', 'Node*', 'Nominated Node*', 'Readiness Gates*'],
  );
});

function container(name: string): Draft<Pod>['spec']['containers'][number] {
  return { name, image: 'nginx', resources: {} };
}

function status(name: string, state: ContainerStatus['state'], rest: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, state, lastState: {}, ready: false, restartCount: 0, image: '', imageID: '', ...rest };
}

function ended(rest: Partial<ContainerStateTerminated>): ContainerStateTerminated {
  return { exitCode: 0, startedAt: null, finishedAt: null, ...rest };
}

function condition(type: string, status: string): PodCondition {
  return { type, status, lastProbeTime: null, lastTransitionTime: null };
}
