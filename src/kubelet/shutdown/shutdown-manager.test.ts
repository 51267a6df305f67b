import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod } from '../../../test/support/kubelet-objects.ts';
import { until } from '../../../test/support/until.ts';
import { FakeClock } from '../../base/clock.ts';
import { createLogger } from '../../base/log.ts';
import type { PodEnding } from '../pod-record.ts';
import { shutdownSignal } from './logind-watch.ts';
import { type ShutdownWatch, watchShutdowns } from './shutdown-manager.ts';

const PERIODS = [
  { priority: 0, shutdownGracePeriodSeconds: 20 },
  { priority: 2_000_000_000, shutdownGracePeriodSeconds: 10 },
];

/** A machine whose shutdowns the test begins, with a common pod and a critical one. */
function startWatching() {
  const clock = new FakeClock();
  const stop = new AbortController();
  const signals: boolean[] = [];
  const told: boolean[] = [];
  const endings = new Map<string, PodEnding>();
  const ended = new Map<string, () => void>();
  let released = 0;
  let wake = () => {};
  const watch: ShutdownWatch = {
    async next(signal) {
      while (signals.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        signal.throwIfAborted();
      }
      return signals.shift() ?? false;
    },
    release: () => void released++,
  };
  const pods = [
    kubeletPod({ name: 'common', spec: { priority: 0, terminationGracePeriodSeconds: 5 } }),
    kubeletPod({ name: 'critical', spec: { priority: 2_000_001_000 } }),
  ];
  const done = watchShutdowns(
    {
      ...{ watch, clock, log: createLogger(() => {}) },
      pods: () => pods,
      end: ({ metadata: { name } }, ending) => {
        endings.set(name, ending);
        return new Promise((resolve) => ended.set(name, resolve));
      },
      changed: (shuttingDown) => told.push(shuttingDown),
    },
    PERIODS,
    stop.signal,
  );
  return {
    ...{ clock, told, endings, ended },
    released: () => released,
    signal(begins: boolean) {
      signals.push(begins);
      wake();
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test is over'));
      wake();
      await done;
    },
  };
}

describe('watchShutdowns', () => {
  test('ends the pods group by group and then lets the machine go down', async () => {
    await using machine = startWatching();
    machine.signal(true);
    await until(() => machine.endings.size === 1);
    assert.deepEqual(machine.endings.get('common'), {
      reason: 'Terminated',
      message: 'Pod was terminated in response to imminent node shutdown.',
      graceSeconds: 5,
      disruption: true,
    });
    assert.deepEqual([machine.told, machine.released()], [[true], 0]);
    machine.ended.get('common')?.();
    await until(() => machine.endings.size === 2);
    assert.equal(machine.endings.get('critical')?.graceSeconds, 10);
    machine.ended.get('critical')?.();
    await until(() => machine.released() === 1);
  });

  test('leaves behind what does not end in its time', async () => {
    await using machine = startWatching();
    machine.signal(true);
    await until(() => machine.endings.size === 1);
    await machine.clock.advance(20_000);
    await until(() => machine.endings.size === 2);
    await machine.clock.advance(10_000);
    await until(() => machine.released() === 1);
  });

  test('takes the node back when the shutdown is called off', async () => {
    await using machine = startWatching();
    machine.signal(false);
    await until(() => machine.told.length === 1);
    assert.deepEqual([machine.told, machine.endings.size], [[false], 0]);
  });
});

describe('shutdownSignal', () => {
  const message = (member: string, data: readonly unknown[]) =>
    JSON.stringify({ type: 'signal', member, payload: { type: 'b', data } });
  const cases: readonly (readonly [string, boolean | undefined])[] = [
    [message('PrepareForShutdown', [true]), true],
    [message('PrepareForShutdown', [false]), false],
    [message('PrepareForSleep', [true]), undefined],
    ['Monitoring bus message stream.', undefined],
  ];
  for (const [line, expected] of cases) test(line, () => assert.equal(shutdownSignal(line), expected));
});
