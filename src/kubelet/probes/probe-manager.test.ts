import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ContainerInput,
  CREATED_AT,
  containerOf,
  kubeletPod,
  type RuntimeShape,
  runtimePod,
} from '../../../test/support/kubelet-objects.ts';
import type { Pod } from '../../api/core/pod.ts';
import { FakeClock } from '../../base/clock.ts';
import { type ProbeKind, ProbeManager, type ProbeVerdict } from './probe-manager.ts';

const HANDLER = { exec: { command: ['true'] } };
type Answer = ProbeVerdict | Error;

/** Probes whose answers a test decides, by kind; all succeed unless said otherwise. */
function probing(container: Partial<ContainerInput>, status?: Pod['status'], attempt = 0) {
  const clock = new FakeClock(CREATED_AT);
  const pod = kubeletPod({ spec: { containers: [{ name: 'main', ...container }] }, ...(status ? { status } : {}) });
  const main = containerOf(pod, 'main');
  const made: string[] = [];
  const messages: string[] = [];
  const changed: string[] = [];
  const answers: Partial<Record<ProbeKind, Answer>> = {};
  const slow = { ms: 0 };
  const manager = new ProbeManager({
    clock,
    random: { next: () => 0.5, uuid: () => '' },
    act: async (target, probe) => {
      const kind =
        probe === target.container.startupProbe
          ? 'startup'
          : probe === target.container.livenessProbe
            ? 'liveness'
            : 'readiness';
      made.push(`${kind}@${(clock.now() - CREATED_AT) / 1000}`);
      const answer = answers[kind] ?? 'success';
      if (slow.ms > 0) await new Promise<void>((resolve) => clock.after(slow.ms, resolve));
      if (answer instanceof Error) throw answer;
      return { verdict: answer, output: `it was a ${answer}` };
    },
    changed: (uid) => changed.push(uid),
    unhealthy: (_target, message) => messages.push(message),
  });
  const id = `main-${attempt}`;
  return {
    ...{ clock, pod, main, manager, made, messages, changed, answers, slow, id },
    follow: (shape: RuntimeShape = { containers: [{ name: 'main', attempt }] }) =>
      manager.follow(pod, runtimePod(pod, shape)),
    ready: () => manager.ready(main, id),
    started: () => manager.started(main, id),
  };
}

const every = (seconds: number, more: object = {}) => ({ ...HANDLER, periodSeconds: seconds, ...more });

describe('ProbeManager', () => {
  test('a container without probes is started and ready', () => {
    const { follow, ready, started, clock } = probing({});
    follow();
    assert.deepEqual([ready(), started(), clock.pending], [true, true, 0]);
  });

  test('probes after the initial delay, then every period, whatever a probe takes', async () => {
    const on = probing({ livenessProbe: every(10, { initialDelaySeconds: 5, timeoutSeconds: 9 }) });
    on.follow();
    on.slow.ms = 3_000;
    await on.clock.advance(30_000);
    assert.deepEqual(on.made, ['liveness@5', 'liveness@15', 'liveness@25']);
  });

  test('readiness is there when the success threshold is reached, and gone with the failure threshold', async () => {
    const on = probing({ readinessProbe: every(1, { successThreshold: 2, failureThreshold: 3 }) });
    on.follow();
    await on.clock.advance(100);
    assert.equal(on.ready(), false);
    await on.clock.advance(1_000);
    assert.equal(on.ready(), true);
    assert.deepEqual(on.changed, ['uid-pod']);
    on.answers.readiness = 'failure';
    await on.clock.advance(2_000);
    assert.equal(on.ready(), true);
    on.answers.readiness = 'success';
    await on.clock.advance(1_000);
    on.answers.readiness = 'failure';
    await on.clock.advance(2_000);
    assert.equal(on.ready(), true, 'a success in between starts the count anew');
    await on.clock.advance(1_000);
    assert.equal(on.ready(), false);
    assert.equal(on.messages[0], 'Readiness probe failed: it was a failure');
  });

  test('liveness fails for good, and is not asked again', async () => {
    const on = probing({ livenessProbe: every(1, { failureThreshold: 2 }) });
    on.follow();
    on.answers.liveness = 'failure';
    await on.clock.advance(500);
    assert.equal(on.manager.liveness(on.id), undefined);
    await on.clock.advance(1_000);
    assert.equal(on.manager.liveness(on.id), 'failure');
    on.answers.liveness = 'success';
    await on.clock.advance(10_000);
    assert.deepEqual([on.manager.liveness(on.id), on.made.length, on.clock.pending], ['failure', 2, 0]);
  });

  test('a probe that could not be made says nothing, and is told', async () => {
    const on = probing({ livenessProbe: every(1, { failureThreshold: 1 }) });
    on.follow();
    on.answers.liveness = new Error('the runtime is down');
    await on.clock.advance(5_000);
    assert.equal(on.manager.liveness(on.id), undefined);
    assert.equal(on.messages[0], 'Liveness probe errored and resulted in unknown state: the runtime is down');
  });

  test('the others wait for the startup probe, then begin at once, and it ends', async () => {
    const on = probing({
      startupProbe: every(2, { failureThreshold: 10 }),
      livenessProbe: every(30),
      readinessProbe: every(30, { initialDelaySeconds: 8 }),
    });
    on.answers.startup = 'failure';
    on.follow();
    await on.clock.advance(5_000);
    assert.deepEqual(
      [on.started(), on.ready(), on.made.every((probe) => probe.startsWith('startup'))],
      [false, false, true],
    );
    on.answers.startup = 'success';
    await on.clock.advance(1_500);
    assert.equal(on.started(), true);
    await on.clock.advance(5_000);
    assert.deepEqual(on.made.slice(-2), ['liveness@6', 'readiness@8']);
    assert.equal(on.ready(), true);
    const startups = on.made.filter((probe) => probe.startsWith('startup')).length;
    await on.clock.advance(60_000);
    assert.equal(on.made.filter((probe) => probe.startsWith('startup')).length, startups);
  });

  test('a startup probe that fails too often has failed', async () => {
    const on = probing({ startupProbe: every(1, { failureThreshold: 3 }) });
    on.answers.startup = 'failure';
    on.follow();
    await on.clock.advance(2_500);
    assert.equal(on.manager.startup(on.id), 'failure');
  });

  test('a new container is probed anew, and the old one is forgotten', async () => {
    const on = probing({ readinessProbe: every(1) });
    on.follow();
    await on.clock.advance(500);
    assert.equal(on.ready(), true);
    on.follow({
      containers: [
        { name: 'main', attempt: 1 },
        { name: 'main', state: 'exited' },
      ],
    });
    assert.deepEqual([on.ready(), on.manager.ready(on.main, 'main-1')], [false, false]);
    await on.clock.advance(100);
    assert.equal(on.manager.ready(on.main, 'main-1'), true);
  });

  test('nothing is probed while the container does not run, and nothing is left when the pod is forgotten', async () => {
    const on = probing({ readinessProbe: every(1), livenessProbe: every(1) });
    on.follow({ containers: [{ name: 'main', state: 'exited' }] });
    assert.equal(on.clock.pending, 0);
    on.follow();
    assert.equal(on.clock.pending, 2);
    on.manager.forget('uid-pod');
    await on.clock.advance(10_000);
    assert.deepEqual([on.clock.pending, on.made.length], [0, 0]);
  });

  test('an answer that comes after the end of the container changes nothing', async () => {
    const on = probing({ livenessProbe: every(1, { failureThreshold: 1 }) });
    on.slow.ms = 500;
    on.answers.liveness = 'failure';
    on.follow();
    await on.clock.advance(100);
    on.manager.forget('uid-pod');
    await on.clock.advance(5_000);
    assert.deepEqual([on.changed, on.messages, on.clock.pending], [[], [], 0]);
  });

  test('a pod that ends is asked for its readiness alone', async () => {
    const on = probing({
      readinessProbe: every(1),
      livenessProbe: every(1, { failureThreshold: 1 }),
      startupProbe: every(1),
    });
    on.answers.startup = 'failure';
    on.follow();
    await on.clock.advance(500);
    on.manager.endRestarts('uid-pod');
    on.answers.liveness = 'failure';
    await on.clock.advance(5_000);
    assert.deepEqual([on.manager.liveness(on.id), on.started(), on.ready()], [undefined, false, false]);
    const kept = probing({ readinessProbe: every(1), livenessProbe: every(1) });
    kept.follow();
    await kept.clock.advance(500);
    kept.manager.endRestarts('uid-pod');
    kept.answers.readiness = 'failure';
    await kept.clock.advance(3_000);
    assert.equal(kept.ready(), false);
  });

  test('an agent that comes back goes on from what it had told, and spreads its first probes', async () => {
    const known = {
      ...{ name: 'main', state: {}, lastState: {}, restartCount: 0, image: '', imageID: '' },
      ready: true,
      started: true,
    };
    const status = { containerStatuses: [{ ...known, containerID: 'containerd://main-0' }] } as Pod['status'];
    const on = probing({ startupProbe: every(5), readinessProbe: every(10, { failureThreshold: 2 }) }, status);
    await on.clock.advance(3_600_000);
    on.follow();
    assert.deepEqual([on.ready(), on.started()], [true, true]);
    await on.clock.advance(6_000);
    assert.deepEqual(on.made, ['readiness@3605']);
    on.answers.readiness = 'failure';
    await on.clock.advance(10_000);
    assert.equal(on.ready(), true);
    await on.clock.advance(10_000);
    assert.equal(on.ready(), false);
    const another = probing({ readinessProbe: every(10) }, status, 1);
    another.follow();
    assert.equal(another.ready(), false, 'what was told of another container does not count');
  });
});
