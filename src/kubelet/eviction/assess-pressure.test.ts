import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletSettings } from '../settings/kubelet-configuration.ts';
import { assessPressure, NO_PRESSURE, type PressureState } from './assess-pressure.ts';
import type { Observation, Signal } from './signals.ts';
import { evictionThresholds, type ThresholdSettings } from './thresholds.ts';

const TRANSITION_MS = 300_000;

/** What is said at each of the times, of so many of a hundred that are available. */
function story(
  settings: Partial<ThresholdSettings>,
  looks: readonly (readonly [seconds: number, available: Partial<Record<Signal, number>>])[],
): readonly string[] {
  const thresholds = evictionThresholds(kubeletSettings({ evictionHard: {}, ...settings }));
  let state: PressureState = NO_PRESSURE;
  return looks.map(([seconds, available]) => {
    const observations = new Map(
      Object.entries(available).map(([signal, amount]): [Signal, Observation] => [
        signal as Signal,
        { available: amount, capacity: 100 },
      ]),
    );
    const found = assessPressure(state, observations, { thresholds, transitionMs: TRANSITION_MS }, seconds * 1000);
    state = found.state;
    return [...found.conditions, ...found.due.map(({ signal }) => signal)].join(' ');
  });
}

describe('assessPressure', () => {
  test('is at rest while there is enough', () => {
    const evictionHard = { 'memory.available': '10', 'nodefs.available': '10%' };
    assert.deepEqual(story({ evictionHard }, [[0, { 'memory.available': 10, 'nodefs.available': 10 }]]), ['']);
  });

  test('acts at once for a hard threshold, and keeps the condition for a while after it', () => {
    const evictionHard = { 'memory.available': '10' };
    const looks = [
      [0, { 'memory.available': 9 }],
      [10, { 'memory.available': 50 }],
      [299, { 'memory.available': 50 }],
      [300, { 'memory.available': 50 }],
    ] as const;
    const pressure = 'MemoryPressure';
    assert.deepEqual(story({ evictionHard }, looks), [`${pressure} memory.available`, pressure, pressure, '']);
  });

  test('waits for a soft threshold, from anew after each break', () => {
    const settings = {
      evictionSoft: { 'nodefs.inodesFree': '10%' },
      evictionSoftGracePeriod: { 'nodefs.inodesFree': '30s' },
    };
    const looks = [
      [0, { 'nodefs.inodesFree': 5 }],
      [10, { 'nodefs.inodesFree': 15 }],
      [20, { 'nodefs.inodesFree': 5 }],
      [40, { 'nodefs.inodesFree': 5 }],
      [50, { 'nodefs.inodesFree': 5 }],
    ] as const;
    const waiting = 'DiskPressure';
    assert.deepEqual(story(settings, looks), [waiting, waiting, waiting, waiting, `${waiting} nodefs.inodesFree`]);
  });

  test('goes on until as much is free as is to be', () => {
    const settings = {
      evictionHard: { 'imagefs.available': '10' },
      evictionMinimumReclaim: { 'imagefs.available': '5' },
    };
    const looks = [
      [0, { 'imagefs.available': 12 }],
      [10, { 'imagefs.available': 9 }],
      [20, { 'imagefs.available': 14 }],
      [30, { 'imagefs.available': 15 }],
    ] as const;
    const active = 'DiskPressure imagefs.available';
    assert.deepEqual(story(settings, looks), ['', active, active, 'DiskPressure']);
  });

  test('puts memory first, that of all pods included', () => {
    const evictionHard = { 'pid.available': '10', 'nodefs.available': '10', 'memory.available': '10' };
    const all = { 'pid.available': 1, 'nodefs.available': 1, 'allocatableMemory.available': 1, 'memory.available': 99 };
    assert.deepEqual(story({ evictionHard }, [[0, all]]), [
      'MemoryPressure DiskPressure PIDPressure allocatableMemory.available pid.available nodefs.available',
    ]);
  });

  test('says nothing of what was not measured', () => {
    assert.deepEqual(story({ evictionHard: { 'memory.available': '10' } }, [[0, {}]]), ['']);
  });
});
