import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CREATED_AT, containerOf, kubeletPod, type PodShape, runtimePod } from '../../test/support/kubelet-objects.ts';
import type { ContainerStatus } from '../api/core/container-status.ts';
import { type ContainerInputs, containerStatus, endedUnseen } from './container-status.ts';
import type { RuntimeContainer } from './runtime-pod.ts';

const STARTED = '2026-01-01T00:00:00Z';
const FINISHED = '2026-01-01T00:00:01Z';

interface Situation {
  readonly pod?: PodShape;
  readonly container?: string;
  readonly runtime?: readonly (Partial<RuntimeContainer> & { readonly name: string })[];
  readonly previous?: Partial<ContainerStatus>;
  readonly waiting?: { readonly reason: string; readonly message: string };
  readonly ready?: boolean;
  readonly started?: boolean;
}

function statusOf(situation: Situation): ContainerStatus {
  const pod = kubeletPod(situation.pod);
  const name = situation.container ?? 'main';
  const isIn = (containers: readonly { readonly name: string }[] | undefined) =>
    containers?.some((container) => container.name === name) ?? false;
  const { initContainers, ephemeralContainers } = pod.spec;
  const role = isIn(initContainers) ? 'init' : isIn(ephemeralContainers) ? 'ephemeral' : 'main';
  const inputs: ContainerInputs = {
    view: {
      waiting: () => situation.waiting,
      ready: () => situation.ready ?? true,
      started: () => situation.started ?? true,
    },
    previous: situation.previous && { ...BEFORE, ...situation.previous },
    role,
  };
  return containerStatus(pod, containerOf(pod, name), runtimePod(pod, { containers: situation.runtime ?? [] }), inputs);
}

const BEFORE: ContainerStatus = {
  name: 'main',
  state: {},
  lastState: {},
  ready: false,
  restartCount: 0,
  image: 'busybox',
  imageID: '',
};
const RUNNING_BEFORE = { state: { running: { startedAt: STARTED } }, containerID: 'containerd://main-0' };
const WITH_INIT: PodShape = { spec: { initContainers: [{ name: 'first' }] } };
const WITH_SIDECAR: PodShape = { spec: { initContainers: [{ name: 'first', restartPolicy: 'Always' }] } };
const EXITED = { name: 'main', state: 'exited', exitCode: 3 } as const;
const BACKOFF = { reason: 'CrashLoopBackOff', message: 'back-off 10s' };
const terminated = (exitCode: number, reason: string, id: string) => ({
  terminated: { exitCode, reason, startedAt: STARTED, finishedAt: FINISHED, containerID: `containerd://${id}` },
});

describe('containerStatus', () => {
  const states: readonly (readonly [string, Situation, Partial<ContainerStatus>])[] = [
    ['of what was never made', {}, { state: { waiting: { reason: 'ContainerCreating' } }, imageID: '', ready: false }],
    ['of what waits for init containers', { pod: WITH_INIT }, { state: { waiting: { reason: 'PodInitializing' } } }],
    [
      'of an init container that waits for others',
      { pod: WITH_INIT, container: 'first' },
      { state: { waiting: { reason: 'PodInitializing' } }, ready: false },
    ],
    [
      'of what runs',
      { runtime: [{ name: 'main' }] },
      {
        state: { running: { startedAt: STARTED } },
        lastState: {},
        ready: true,
        started: true,
        restartCount: 0,
        image: 'docker.io/library/busybox:latest',
        imageID: 'docker.io/library/busybox@sha256:0',
        containerID: 'containerd://main-0',
      },
    ],
    ['of what runs and is not ready', { runtime: [{ name: 'main' }], ready: false }, { ready: false, started: true }],
    ['of what has not started yet', { runtime: [{ name: 'main' }], started: false }, { ready: false, started: false }],
    [
      'of what has been made and does not run yet',
      { runtime: [{ name: 'main', state: 'created' }] },
      { state: { waiting: {} } },
    ],
    [
      'of what has ended',
      { runtime: [EXITED], pod: { spec: { restartPolicy: 'Never' } } },
      { state: terminated(3, 'Error', 'main-0'), ready: false, started: false },
    ],
    [
      'of what was started again',
      { runtime: [{ name: 'main', attempt: 1 }, EXITED] },
      { state: { running: { startedAt: STARTED } }, lastState: terminated(3, 'Error', 'main-0'), restartCount: 1 },
    ],
    [
      'of what waits for its next start',
      { runtime: [{ ...EXITED, attempt: 2 }], waiting: BACKOFF },
      { state: { waiting: BACKOFF }, lastState: terminated(3, 'Error', 'main-2'), restartCount: 2 },
    ],
    [
      'of what cannot be made',
      { waiting: { reason: 'ErrImagePull', message: 'no such image' } },
      { state: { waiting: { reason: 'ErrImagePull', message: 'no such image' } }, lastState: {} },
    ],
    [
      'of what has ended for good, whatever kept it waiting before',
      { runtime: [EXITED], waiting: BACKOFF, pod: { spec: { restartPolicy: 'Never' } } },
      { state: terminated(3, 'Error', 'main-0') },
    ],
    [
      'of what is not started again because its pod is deleted',
      { runtime: [EXITED], waiting: BACKOFF, pod: { metadata: { deletionTimestamp: STARTED } } },
      { state: terminated(3, 'Error', 'main-0') },
    ],
    [
      'of what the runtime has forgotten after it had ended',
      {
        previous: { state: terminated(0, 'Completed', 'main-4'), restartCount: 4, containerID: 'containerd://main-4' },
      },
      { state: terminated(0, 'Completed', 'main-4'), restartCount: 4 },
    ],
    [
      'of what the runtime has lost while it ran',
      { previous: { ...RUNNING_BEFORE, restartCount: 2 } },
      {
        state: { waiting: { reason: 'ContainerCreating' } },
        restartCount: 2,
        lastState: {
          terminated: {
            exitCode: 137,
            reason: 'ContainerStatusUnknown',
            message: 'The container could not be located when the pod was deleted.  The container used to be Running',
            startedAt: null,
            finishedAt: null,
          },
        },
      },
    ],
    [
      'of what the runtime cannot tell about any more',
      { runtime: [{ name: 'main', state: 'unknown' }], previous: RUNNING_BEFORE },
      {
        restartCount: 1,
        state: {
          terminated: {
            exitCode: 137,
            reason: 'ContainerStatusUnknown',
            message: 'The container could not be located when the pod was terminated',
            startedAt: null,
            finishedAt: null,
          },
        },
      },
    ],
    [
      'counts restarts up alone',
      { runtime: [{ name: 'main', attempt: 0 }], previous: { restartCount: 7 } },
      { restartCount: 7 },
    ],
    [
      'keeps the former end when the runtime has removed the former attempt',
      { runtime: [{ name: 'main', attempt: 2 }], previous: { lastState: terminated(1, 'Error', 'main-1') } },
      { lastState: terminated(1, 'Error', 'main-1') },
    ],
    [
      'makes the end before of what ended and was replaced',
      {
        runtime: [{ name: 'main', attempt: 1 }],
        previous: { state: terminated(1, 'Error', 'main-0'), containerID: 'containerd://main-0' },
      },
      { lastState: terminated(1, 'Error', 'main-0') },
    ],
    [
      'of an init container that runs',
      { pod: WITH_INIT, container: 'first', runtime: [{ name: 'first' }] },
      { state: { running: { startedAt: STARTED } }, ready: false, started: true },
    ],
    [
      'of an init container that has passed',
      { pod: WITH_INIT, container: 'first', runtime: [{ name: 'first', state: 'exited' }], waiting: BACKOFF },
      { state: terminated(0, 'Completed', 'first-0'), ready: true, started: false },
    ],
    [
      'of an init container that has passed and was removed',
      { pod: WITH_INIT, container: 'first', runtime: [{ name: 'main' }] },
      {
        ready: true,
        state: {
          terminated: {
            exitCode: 0,
            reason: 'Completed',
            message:
              'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally',
            startedAt: null,
            finishedAt: null,
          },
        },
      },
    ],
    [
      'of a sidecar that is lost is not taken for passed',
      { pod: WITH_SIDECAR, container: 'first', runtime: [{ name: 'main' }] },
      { ready: false, state: { waiting: { reason: 'PodInitializing' } } },
    ],
    [
      'of a sidecar that runs goes by its probes',
      { pod: WITH_SIDECAR, container: 'first', runtime: [{ name: 'first' }], ready: false },
      { ready: false, started: true },
    ],
  ];
  const DEBUG: PodShape = { spec: { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] } };
  const ephemeral: readonly (readonly [string, Situation, Partial<ContainerStatus>])[] = [
    ['waits for its image', { waiting: BACKOFF }, { state: { waiting: BACKOFF } }],
    ['is never ready', { runtime: [{ name: 'debug' }] }, { ready: false, state: { running: { startedAt: STARTED } } }],
    [
      'is not to be started again',
      { runtime: [{ ...EXITED, name: 'debug' }], waiting: BACKOFF },
      { state: terminated(3, 'Error', 'debug-0') },
    ],
  ];
  for (const [name, situation, expected] of ephemeral) {
    test(`of an ephemeral container, which ${name}`, () => {
      const status = statusOf({ ...situation, pod: DEBUG, container: 'debug' });
      assert.deepEqual({ ...status, ...expected }, status);
      assert.equal('started' in status, false);
    });
  }
  for (const [name, situation, expected] of states) {
    test(name, () => {
      const status = statusOf(situation);
      const picked = Object.fromEntries(
        Object.keys(expected).map((key) => [key, status[key as keyof ContainerStatus]]),
      );
      assert.deepEqual(picked, expected);
    });
  }

  test('shows the last words, the user, the resources and the mounts', () => {
    const status = statusOf({
      pod: {
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'main',
              resources: { requests: { cpu: '100m' }, limits: { cpu: '1' } },
              volumeMounts: [
                { name: 'data', mountPath: '/data' },
                { name: 'config', mountPath: '/etc/config', readOnly: true },
              ],
            },
          ],
        },
      },
      runtime: [{ ...EXITED, message: 'goodbye', user: { uid: 1000, gid: 2000, supplementalGroups: [2000] } }],
    });
    assert.equal(status.state?.terminated?.message, 'goodbye');
    assert.deepEqual(status.user, { linux: { uid: 1000, gid: 2000, supplementalGroups: [2000] } });
    assert.deepEqual(status.allocatedResources, { cpu: '100m' });
    assert.deepEqual(status.resources, { requests: { cpu: '100m' }, limits: { cpu: '1' } });
    assert.deepEqual(status.volumeMounts, [
      { name: 'data', mountPath: '/data' },
      { name: 'config', mountPath: '/etc/config', readOnly: true, recursiveReadOnly: 'Disabled' },
    ]);
  });

  test('of a container without an end shows null for the moments nobody knows', () => {
    const runtime = [{ ...EXITED, startedAt: undefined, finishedAt: CREATED_AT }];
    const { terminated: end } = statusOf({ runtime, pod: { spec: { restartPolicy: 'Never' } } }).state ?? {};
    assert.equal(end?.startedAt, null);
    assert.equal(end?.finishedAt, STARTED);
  });
});

test('endedUnseen leaves what has ended as it is', () => {
  const ended = statusOf({ runtime: [EXITED], pod: { spec: { restartPolicy: 'Never' } } });
  assert.equal(endedUnseen(ended), ended);
  assert.equal(endedUnseen(statusOf({})).state?.terminated?.reason, 'ContainerStatusUnknown');
});
