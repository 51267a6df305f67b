import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../api/core/pod.ts';
import { EXIT_CODE, planSimulatedPod, RUN_SECONDS, STOP_SECONDS } from './simulated-pod.ts';

const NOW = Date.UTC(2026, 0, 1);
const PLACE = { hostIp: '100.127.0.0', podIp: '100.64.0.2' };

interface Shape {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}

function pod({ annotations = {}, metadata = {}, spec = {}, status = {} }: Shape = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 'b0b0b0b0-0000-4000-8000-000000000001',
      annotations,
      ...metadata,
    },
    spec: { restartPolicy: 'Always', containers: [{ name: 'main', image: 'nginx', resources: {} }], ...spec },
    status: { phase: 'Pending', ...status },
  } as unknown as Pod;
}

const leaving = (graceSeconds: number) => ({
  deletionTimestamp: new Date(NOW + graceSeconds * 1000).toISOString().replace('.000', ''),
  deletionGracePeriodSeconds: graceSeconds,
});
const job = { restartPolicy: 'Never' };

describe('planSimulatedPod', () => {
  test('a pod runs, is ready and has its addresses as soon as it is there', () => {
    const { status, isGone, nextAtMs } = planSimulatedPod(pod(), PLACE, NOW);
    assert.equal(status.phase, 'Running');
    assert.equal(status.podIP, '100.64.0.2');
    assert.deepEqual(status.podIPs, [{ ip: '100.64.0.2' }]);
    assert.equal(status.hostIP, '100.127.0.0');
    const conditions = Object.fromEntries((status.conditions ?? []).map(({ type, status }) => [type, status]));
    assert.equal(conditions['Ready'], 'True');
    assert.equal(conditions['ContainersReady'], 'True');
    assert.equal(conditions['Initialized'], 'True');
    assert.equal(status.containerStatuses?.[0]?.ready, true);
    assert.equal(status.containerStatuses?.[0]?.state?.running?.startedAt, '2026-01-01T00:00:00Z');
    assert.match(status.containerStatuses?.[0]?.containerID ?? '', /^containerd:\/\/[0-9a-f]{64}$/);
    assert.equal(isGone, false);
    assert.equal(nextAtMs, undefined);
  });

  test('nothing changes later', () => {
    const first = planSimulatedPod(pod(), PLACE, NOW).status;
    const again = planSimulatedPod(pod({ status: first }), PLACE, NOW + 60_000).status;
    assert.deepEqual(again, first);
  });

  test('init containers have ended, sidecars run beside the others', () => {
    const spec = {
      initContainers: [
        { name: 'init', image: 'busybox', resources: {} },
        { name: 'sidecar', image: 'proxy', resources: {}, restartPolicy: 'Always' },
      ],
    };
    const { status } = planSimulatedPod(pod({ spec }), PLACE, NOW);
    assert.equal(status.phase, 'Running');
    const [init, sidecar] = status.initContainerStatuses ?? [];
    assert.equal(init?.state?.terminated?.exitCode, 0);
    assert.ok(sidecar?.state?.running);
    assert.equal(sidecar?.ready, true);
  });

  test('a pod on the host network has the address of its node', () => {
    const { status } = planSimulatedPod(pod({ spec: { hostNetwork: true } }), PLACE, NOW);
    assert.equal(status.podIP, '100.127.0.0');
  });

  const endings: readonly [string, Shape, number, Partial<{ phase: string; exitCode: number; nextInMs: number }>][] = [
    ['before its time', { annotations: { [RUN_SECONDS]: '5' }, spec: job }, 4000, { phase: 'Running', nextInMs: 1000 }],
    ['at its time', { annotations: { [RUN_SECONDS]: '5' }, spec: job }, 5000, { phase: 'Succeeded', exitCode: 0 }],
    [
      'with a failure',
      { annotations: { [RUN_SECONDS]: '5', [EXIT_CODE]: '3' }, spec: job },
      6000,
      { phase: 'Failed', exitCode: 3 },
    ],
    ['never, if it is always restarted', { annotations: { [RUN_SECONDS]: '5' } }, 60_000, { phase: 'Running' }],
    [
      'never, if the time is no number',
      { annotations: { [RUN_SECONDS]: 'soon' }, spec: job },
      60_000,
      { phase: 'Running' },
    ],
  ];
  for (const [name, shape, afterMs, expected] of endings) {
    test(`a pod ends by itself: ${name}`, () => {
      const first = planSimulatedPod(pod(shape), PLACE, NOW).status;
      const { status, isGone, nextAtMs } = planSimulatedPod(pod({ ...shape, status: first }), PLACE, NOW + afterMs);
      assert.equal(status.phase, expected.phase);
      assert.equal(status.containerStatuses?.[0]?.state?.terminated?.exitCode, expected.exitCode);
      assert.equal(nextAtMs, expected.nextInMs === undefined ? undefined : NOW + afterMs + expected.nextInMs);
      assert.equal(isGone, false);
    });
  }

  test('a pod that has ended stays as it is', () => {
    const shape = { annotations: { [RUN_SECONDS]: '1' }, spec: job };
    const first = planSimulatedPod(pod(shape), PLACE, NOW).status;
    const ended = planSimulatedPod(pod({ ...shape, status: first }), PLACE, NOW + 1000).status;
    const later = planSimulatedPod(pod({ ...shape, status: ended }), PLACE, NOW + 9000);
    assert.deepEqual(later.status, ended);
    assert.equal(later.nextAtMs, undefined);
  });

  const deletions: readonly [string, Shape, number, { isGone: boolean; nextInMs?: number }][] = [
    ['at once, by default', { metadata: leaving(30) }, 0, { isGone: true }],
    [
      'after the time it takes',
      { metadata: leaving(30), annotations: { [STOP_SECONDS]: '10' } },
      4000,
      { isGone: false, nextInMs: 6000 },
    ],
    ['when that is over', { metadata: leaving(30), annotations: { [STOP_SECONDS]: '10' } }, 10_000, { isGone: true }],
    [
      'at the end of the grace period',
      { metadata: leaving(5), annotations: { [STOP_SECONDS]: '99' } },
      5000,
      { isGone: true },
    ],
  ];
  for (const [name, shape, afterMs, expected] of deletions) {
    test(`a pod that is deleted goes ${name}`, () => {
      const first = planSimulatedPod(pod(), PLACE, NOW).status;
      const { isGone, nextAtMs } = planSimulatedPod(pod({ ...shape, status: first }), PLACE, NOW + afterMs);
      assert.equal(isGone, expected.isGone);
      assert.equal(nextAtMs, expected.nextInMs === undefined ? undefined : NOW + afterMs + expected.nextInMs);
    });
  }
});
