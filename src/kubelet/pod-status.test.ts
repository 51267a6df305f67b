import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CREATED_AT,
  kubeletPod,
  type PodShape,
  type PodSpecInput,
  type RuntimeShape,
  runtimePod,
} from '../../test/support/kubelet-objects.ts';
import type { PodStatus } from '../api/core/pod-status.ts';
import { podStatus } from './pod-status.ts';

const NOW = CREATED_AT + 60_000;
const NOW_TEXT = '2026-01-01T00:01:00Z';
const BACKOFF = { reason: 'CrashLoopBackOff', message: 'back-off' };
const INIT = { initContainers: [{ name: 'i1' }] };
const SIDECAR = { initContainers: [{ name: 'side', restartPolicy: 'Always' }] };
const NEVER = { restartPolicy: 'Never' } as const;
const ON_FAILURE = { restartPolicy: 'OnFailure' } as const;
const TWO = { containers: [{ name: 'a' }, { name: 'b' }] };
const failed = (name: string) => ({ name, state: 'exited', exitCode: 1 }) as const;
const done = (name: string) => ({ name, state: 'exited', exitCode: 0 }) as const;

interface Situation {
  readonly pod?: PodShape;
  readonly spec?: Partial<PodSpecInput>;
  readonly runtime?: RuntimeShape;
  readonly previous?: PodStatus;
  readonly waiting?: Readonly<Record<string, { readonly reason: string; readonly message: string }>>;
  readonly unready?: readonly string[];
  readonly unstarted?: readonly string[];
  readonly ended?: boolean;
  readonly verdict?: { readonly reason: string; readonly message: string };
}

function statusOf(situation: Situation): PodStatus {
  const pod = kubeletPod({ ...situation.pod, spec: { ...situation.spec, ...situation.pod?.spec } });
  return podStatus(pod, runtimePod(pod, situation.runtime ?? {}), {
    hostIp: '192.0.2.1',
    previous: situation.previous ?? {},
    nowMs: NOW,
    view: {
      waiting: (name) => situation.waiting?.[name],
      ready: ({ name }) => situation.unready?.includes(name) !== true,
      started: ({ name }) => situation.unstarted?.includes(name) !== true,
    },
    ended: situation.ended ?? false,
    verdict: situation.verdict,
    qosClass: 'BestEffort',
  });
}

describe('podStatus phase', () => {
  const cases: readonly (readonly [string, Situation, string])[] = [
    ['before anything was made', { runtime: { sandboxes: [] } }, 'Pending'],
    ['while one container was never made', { spec: TWO, runtime: { containers: [{ name: 'a' }] } }, 'Pending'],
    ['when all run', { spec: TWO, runtime: { containers: [{ name: 'a' }, { name: 'b' }] } }, 'Running'],
    [
      'when one runs and one has ended',
      { spec: { ...TWO, ...NEVER }, runtime: { containers: [{ name: 'a' }, failed('b')] } },
      'Running',
    ],
    [
      'Always: while all wait for their next start',
      { runtime: { containers: [failed('main')] }, waiting: { main: BACKOFF } },
      'Running',
    ],
    ['Always: when all have succeeded', { runtime: { containers: [done('main')] } }, 'Running'],
    ['OnFailure: when all have succeeded', { spec: ON_FAILURE, runtime: { containers: [done('main')] } }, 'Succeeded'],
    [
      'OnFailure: when one has failed',
      { spec: { ...TWO, ...ON_FAILURE }, runtime: { containers: [done('a'), failed('b')] } },
      'Running',
    ],
    ['Never: when all have succeeded', { spec: NEVER, runtime: { containers: [done('main')] } }, 'Succeeded'],
    [
      'Never: when one has failed',
      { spec: { ...TWO, ...NEVER }, runtime: { containers: [done('a'), failed('b')] } },
      'Failed',
    ],
    [
      'Never, with a container that restarts by itself',
      {
        spec: { ...NEVER, containers: [{ name: 'main', restartPolicy: 'OnFailure' }] },
        runtime: { containers: [failed('main')] },
      },
      'Running',
    ],
    ['while an init container runs', { spec: INIT, runtime: { containers: [{ name: 'i1' }] } }, 'Pending'],
    [
      'while an init container is to be started again',
      { spec: INIT, runtime: { containers: [failed('i1')] }, waiting: { i1: BACKOFF } },
      'Pending',
    ],
    [
      'when an init container has failed for good',
      { spec: { ...INIT, ...NEVER }, runtime: { containers: [failed('i1')] } },
      'Failed',
    ],
    ['when all init containers have passed', { spec: INIT, runtime: { containers: [done('i1')] } }, 'Pending'],
    [
      'when the main container runs after them',
      { spec: INIT, runtime: { containers: [{ name: 'main' }, done('i1')] } },
      'Running',
    ],
    [
      'while a sidecar has not started',
      { spec: SIDECAR, runtime: { containers: [{ name: 'side' }] }, unstarted: ['side'] },
      'Pending',
    ],
    [
      'while a sidecar is started again',
      { spec: SIDECAR, runtime: { containers: [{ name: 'main' }, { name: 'side' }] }, unstarted: ['side'] },
      'Running',
    ],
    [
      'while only a sidecar still runs',
      { spec: { ...SIDECAR, ...NEVER }, runtime: { containers: [done('main'), { name: 'side' }] } },
      'Running',
    ],
    [
      'when the sidecar has ended too, however',
      { spec: { ...SIDECAR, ...NEVER }, runtime: { containers: [done('main'), failed('side')] } },
      'Succeeded',
    ],

    ['ended: all succeeded', { ended: true, runtime: { containers: [done('main')] } }, 'Succeeded'],
    ['ended: one failed', { ended: true, spec: TWO, runtime: { containers: [done('a'), failed('b')] } }, 'Failed'],
    ['ended: never ran', { ended: true, runtime: { sandboxes: [] } }, 'Failed'],
    [
      'ended: in the middle of init containers',
      { ended: true, spec: INIT, runtime: { containers: [failed('i1')] } },
      'Failed',
    ],

    [
      'a terminal phase stays',
      { previous: { phase: 'Succeeded' }, runtime: { containers: [{ name: 'main' }] } },
      'Succeeded',
    ],
    [
      'by verdict, when nothing runs',
      { verdict: { reason: 'DeadlineExceeded', message: 'late' }, runtime: { containers: [done('main')] } },
      'Failed',
    ],
    [
      'by verdict, while something runs',
      { verdict: { reason: 'DeadlineExceeded', message: 'late' }, runtime: { containers: [{ name: 'main' }] } },
      'Running',
    ],
  ];
  for (const [name, situation, expected] of cases) {
    test(name, () => assert.equal(statusOf(situation).phase, expected));
  }
});

describe('podStatus conditions', () => {
  const cases: readonly (readonly [string, Situation, Readonly<Record<string, readonly string[]>>])[] = [
    [
      'of a pod that runs',
      { runtime: { containers: [{ name: 'main' }] } },
      {
        PodReadyToStartContainers: ['True'],
        Initialized: ['True'],
        Ready: ['True'],
        ContainersReady: ['True'],
        PodScheduled: ['True'],
      },
    ],
    [
      'of a pod without anything',
      { spec: INIT, runtime: { sandboxes: [] } },
      {
        PodReadyToStartContainers: ['False'],
        Initialized: ['False', 'ContainersNotInitialized', 'containers with incomplete status: [i1]'],
        Ready: ['False', 'ContainersNotReady', 'containers with unready status: [main]'],
        ContainersReady: ['False', 'ContainersNotReady', 'containers with unready status: [main]'],
      },
    ],
    [
      'names every container that is not ready, sidecars first',
      {
        spec: { ...SIDECAR, ...TWO },
        runtime: { containers: [{ name: 'a' }, { name: 'b' }, { name: 'side' }] },
        unready: ['a', 'b', 'side'],
      },
      { Ready: ['False', 'ContainersNotReady', 'containers with unready status: [side a b]'] },
    ],
    [
      'of a pod that has succeeded',
      {
        spec: { ...NEVER, ...INIT },
        runtime: { sandboxes: [{ ready: false }], containers: [done('main'), done('i1')] },
      },
      {
        PodReadyToStartContainers: ['False'],
        Initialized: ['True', 'PodCompleted'],
        Ready: ['False', 'PodCompleted'],
        ContainersReady: ['False', 'PodCompleted'],
      },
    ],
    [
      'of a pod that has failed',
      { spec: NEVER, runtime: { containers: [failed('main')] } },
      { Initialized: ['True'], Ready: ['False', 'PodFailed'], ContainersReady: ['False', 'PodFailed'] },
    ],
    [
      'of a pod whose sidecar is started again',
      { spec: SIDECAR, runtime: { containers: [{ name: 'main' }, failed('side')] }, waiting: { side: BACKOFF } },
      { Initialized: ['True'], Ready: ['False', 'ContainersNotReady', 'containers with unready status: [side]'] },
    ],
    [
      'of a pod with a readiness gate that nobody has set',
      { spec: { readinessGates: [{ conditionType: 'example.com/in' }] }, runtime: { containers: [{ name: 'main' }] } },
      {
        Ready: [
          'False',
          'ReadinessGatesNotReady',
          'corresponding condition of pod readiness gate "example.com/in" does not exist.',
        ],
        ContainersReady: ['True'],
      },
    ],
    [
      'of a pod with a readiness gate that is not met',
      {
        spec: { readinessGates: [{ conditionType: 'example.com/in' }] },
        runtime: { containers: [{ name: 'main' }] },
        previous: {
          conditions: [{ type: 'example.com/in', status: 'False', lastProbeTime: null, lastTransitionTime: null }],
        },
      },
      {
        Ready: [
          'False',
          'ReadinessGatesNotReady',
          'the status of pod readiness gate "example.com/in" is not "True", but False',
        ],
      },
    ],
    [
      'of a pod with a readiness gate that is met',
      {
        spec: { readinessGates: [{ conditionType: 'example.com/in' }] },
        runtime: { containers: [{ name: 'main' }] },
        previous: {
          conditions: [{ type: 'example.com/in', status: 'True', lastProbeTime: null, lastTransitionTime: null }],
        },
      },
      { Ready: ['True'], 'example.com/in': ['True'] },
    ],
  ];
  for (const [name, situation, expected] of cases) {
    test(name, () => {
      const { conditions = [] } = statusOf(situation);
      for (const [type, parts] of Object.entries(expected)) {
        const found = conditions.find((condition) => condition.type === type);
        const said = [found?.status, found?.reason, found?.message].filter((part) => part !== undefined);
        assert.deepEqual(said, parts, type);
      }
    });
  }

  test('keep the time of their last change', () => {
    const running = { runtime: { containers: [{ name: 'main' }] } };
    const before = statusOf(running);
    assert.equal(
      before.conditions?.every(({ lastTransitionTime }) => lastTransitionTime === NOW_TEXT),
      true,
    );
    const old = before.conditions?.map((condition) => ({ ...condition, lastTransitionTime: '2025-12-31T00:00:00Z' }));
    const after = statusOf({ ...running, unready: ['main'], previous: { ...before, conditions: old ?? [] } });
    const timeOf = (type: string) => after.conditions?.find((condition) => condition.type === type)?.lastTransitionTime;
    assert.equal(timeOf('Initialized'), '2025-12-31T00:00:00Z');
    assert.equal(timeOf('Ready'), NOW_TEXT);
  });

  test('show the generation that they are about', () => {
    const { conditions, observedGeneration } = statusOf({ pod: { metadata: { generation: 3 } } });
    assert.equal(observedGeneration, 3);
    assert.equal(
      conditions?.every((condition) => condition.observedGeneration === 3),
      true,
    );
  });
});

describe('podStatus', () => {
  test('has the addresses of pod and host, and the time when the agent first saw the pod', () => {
    const status = statusOf({ runtime: { sandboxes: [{ ips: ['10.244.0.5', 'fd00::5'] }] } });
    assert.equal(status.podIP, '10.244.0.5');
    assert.deepEqual(status.podIPs, [{ ip: '10.244.0.5' }, { ip: 'fd00::5' }]);
    assert.equal(status.hostIP, '192.0.2.1');
    assert.deepEqual(status.hostIPs, [{ ip: '192.0.2.1' }]);
    assert.equal(status.startTime, NOW_TEXT);
    assert.equal(statusOf({ previous: { startTime: '2025-01-01T00:00:00Z' } }).startTime, '2025-01-01T00:00:00Z');
  });

  test('keeps the address when the sandbox is gone', () => {
    const { podIP } = statusOf({
      runtime: { sandboxes: [] },
      previous: { podIP: '10.1.1.1', podIPs: [{ ip: '10.1.1.1' }] },
    });
    assert.equal(podIP, '10.1.1.1');
  });

  test('of a pod in the network of its node has the address of the node', () => {
    const { podIP } = statusOf({ spec: { hostNetwork: true }, runtime: { sandboxes: [] } });
    assert.equal(podIP, '192.0.2.1');
  });

  test('says why the agent ended the pod, once nothing runs any more', () => {
    const verdict = { reason: 'DeadlineExceeded', message: 'too late' };
    const alive = statusOf({ verdict, runtime: { containers: [{ name: 'main' }] } });
    assert.deepEqual([alive.phase, alive.reason], ['Running', undefined]);
    const dead = statusOf({ verdict, ended: true, runtime: { containers: [failed('main')] } });
    assert.deepEqual([dead.phase, dead.reason, dead.message], ['Failed', 'DeadlineExceeded', 'too late']);
  });

  test('keeps what others said of a phase while it lasts', () => {
    const previous = { phase: 'Failed', reason: 'NodeLost', message: 'gone' } as const;
    const { reason, message } = statusOf({ previous, runtime: { sandboxes: [] } });
    assert.deepEqual([reason, message], ['NodeLost', 'gone']);
    assert.equal(
      statusOf({ previous: { ...previous, phase: 'Pending' }, runtime: { containers: [{ name: 'main' }] } }).reason,
      undefined,
    );
  });

  test('of an ended pod has an end for every container that was begun', () => {
    const shape = { spec: { initContainers: [{ name: 'i1' }, { name: 'i2' }, { name: 'i3' }] }, ended: true } as const;
    const reasonsOf = ({ initContainerStatuses = [], containerStatuses = [] }: PodStatus) =>
      [...initContainerStatuses, ...containerStatuses].map(
        ({ state }) => state?.terminated?.reason ?? state?.waiting?.reason,
      );
    assert.deepEqual(
      reasonsOf(
        statusOf({
          ...shape,
          runtime: { containers: [{ name: 'i2', state: 'unknown' }, done('i1')] },
          previous: {
            initContainerStatuses: [
              {
                name: 'i2',
                state: { running: { startedAt: null } },
                lastState: {},
                ready: false,
                restartCount: 0,
                image: '',
                imageID: '',
              },
            ],
          },
        }),
      ),
      ['Completed', 'ContainerStatusUnknown', 'PodInitializing', 'PodInitializing'],
    );
    assert.deepEqual(reasonsOf(statusOf({ ended: true, runtime: { sandboxes: [] } })), ['ContainerStatusUnknown']);
  });

  test('lists the containers by name, and the init containers in their order', () => {
    const status = statusOf({
      spec: { containers: [{ name: 'b' }, { name: 'a' }], initContainers: [{ name: 'z' }, { name: 'y' }] },
    });
    assert.deepEqual(
      status.containerStatuses?.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(
      status.initContainerStatuses?.map(({ name }) => name),
      ['z', 'y'],
    );
  });
});
