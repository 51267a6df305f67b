import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../api/core/pod.ts';
import { formatTime } from '../../api/time.ts';
import {
  type CountInput,
  countByAverage,
  countByUtilization,
  countByValue,
  countByValuePerPod,
  NoReplicaCount,
} from './replica-count.ts';

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const TOLERANCES = { up: 0.1, down: 0.1 };

interface Shape {
  readonly phase?: string;
  readonly ready?: 'True' | 'False';
  /** Before now. */
  readonly startedMs?: number;
  readonly changedMs?: number;
  readonly isLeaving?: boolean;
  readonly requests?: readonly (string | undefined)[];
}

function pod(name: string, shape: Shape = {}): Pod {
  const { phase = 'Running', ready = 'True', startedMs = 60 * MINUTE, changedMs = 59 * MINUTE } = shape;
  const { isLeaving = false, requests = ['1'] } = shape;
  const condition = { type: 'Ready', status: ready, lastTransitionTime: formatTime(NOW - changedMs) };
  return {
    metadata: { name, ...(isLeaving ? { deletionTimestamp: formatTime(NOW) } : {}) },
    spec: {
      containers: requests.map((cpu, index) => ({
        name: `c${index}`,
        resources: cpu === undefined ? {} : { requests: { cpu } },
      })),
    },
    status: { phase, startTime: formatTime(NOW - startedMs), conditions: [condition] },
  } as unknown as Pod;
}

/** Pods that use so many thousandths; undefined: nothing was measured. */
function input(used: readonly (number | undefined)[], shapes: Readonly<Record<number, Shape>> = {}): CountInput {
  const pods = used.map((_, index) => pod(`p${index}`, shapes[index]));
  const metrics = new Map(
    used.flatMap((milli, index) =>
      milli === undefined ? [] : [[`p${index}`, { milli, atMs: NOW, windowMs: 15_000 }] as const],
    ),
  );
  return { pods, metrics, replicas: pods.length, tolerances: TOLERANCES, nowMs: NOW };
}

describe('countByUtilization', () => {
  const FRESH: Shape = { startedMs: MINUTE, changedMs: 10_000, ready: 'False' };
  const cases: readonly [string, CountInput, target: number, replicas: number, percent: number][] = [
    ['more than the target', input([300, 500, 700]), 30, 5, 50],
    ['less than the target', input([100, 300, 500]), 60, 2, 30],
    ['a little more', input([540, 540, 540]), 50, 3, 54],
    ['a little less', input([460, 460]), 50, 2, 46],
    ['pods that start do not count', input([300, 500, 700], { 2: FRESH }), 30, 3, 40],
    ['all but one start', input([400, 500, 700], { 1: FRESH, 2: FRESH }), 20, 3, 40],
    ['pending pods take their part of more', input([400, 500, undefined], { 2: { phase: 'Pending' } }), 20, 5, 45],
    ['pods that are on their way out', input([300, 500, 700, 900], { 3: { isLeaving: true } }), 30, 5, 50],
    ['pods that have failed', input([300, 500, 700, 900], { 3: { phase: 'Failed' } }), 30, 5, 50],
    ['unmeasured pods use nothing of more', input([undefined, 500, 700]), 30, 4, 60],
    ['unmeasured pods use all of less', input([undefined, 100, 100]), 50, 3, 10],
    ['unmeasured pods do not turn it around', input([undefined, 550]), 50, 2, 55],
    ['unmeasured pods use more than all of less', input([undefined, 1000, 1000]), 300, 2, 100],
    [
      'a pod that was ready once counts',
      input([300, 500, 700], { 2: { ready: 'False', changedMs: 20 * MINUTE } }),
      30,
      5,
      50,
    ],
    [
      'a pod that never was ready does not',
      input([300, 500, 900], { 2: { ready: 'False', changedMs: 60 * MINUTE } }),
      30,
      3,
      40,
    ],
    [
      'a pod that has just become ready does not',
      input([300, 500, 900], { 2: { startedMs: MINUTE, changedMs: 10_000 } }),
      30,
      3,
      40,
    ],
    [
      'a pod that became ready a window ago counts',
      input([300, 500, 700], { 2: { startedMs: MINUTE, changedMs: 20_000 } }),
      30,
      5,
      50,
    ],
  ];
  for (const [title, given, targetPercent, replicas, percent] of cases) {
    test(title, () => {
      const count = countByUtilization(given, { resource: 'cpu', container: undefined, targetPercent });
      assert.deepEqual({ replicas: count.replicas, percent: count.percent }, { replicas, percent });
    });
  }

  test('one container of many', () => {
    const given = input([250], { 0: { requests: ['500m', undefined] } });
    const count = countByUtilization(given, { resource: 'cpu', container: 'c0', targetPercent: 25 });
    assert.deepEqual(count, { replicas: 2, percent: 50, milli: 250 });
  });

  test('tolerances of its own', () => {
    const given = { ...input([540, 540, 540]), tolerances: { up: 0.05, down: 0.1 } };
    assert.equal(countByUtilization(given, { resource: 'cpu', container: undefined, targetPercent: 50 }).replicas, 4);
  });

  const failing: readonly [string, CountInput, string][] = [
    ['no pods', { ...input([]), replicas: 1 }, 'no pods returned by selector while calculating replica count'],
    ['nothing measured', input([undefined]), 'did not receive metrics for targeted pods (pods might be unready)'],
    [
      'only unready pods',
      input([100], { 0: FRESH }),
      'did not receive metrics for targeted pods (pods might be unready)',
    ],
    [
      'a pod that does not say what it needs',
      input([100], { 0: { requests: ['1', undefined] } }),
      'missing request for cpu in container c1 of Pod p0',
    ],
    ['figures of other pods', { ...input([100]), pods: [pod('other')] }, 'no metrics returned matched known pods'],
  ];
  for (const [title, given, message] of failing) {
    test(`nothing comes of ${title}`, () => {
      const count = () => countByUtilization(given, { resource: 'cpu', container: undefined, targetPercent: 50 });
      assert.throws(count, (error) => error instanceof NoReplicaCount && error.message === message);
    });
  }
});

describe('countByAverage', () => {
  const cases: readonly [string, CountInput, target: number, expected: object][] = [
    ['more', input([20_000, 10_000, 30_000]), 15_000, { replicas: 4, milli: 20_000 }],
    ['less', input([10_000, 10_000, 10_000]), 15_000, { replicas: 2, milli: 10_000 }],
    ['a little more', input([16_000]), 15_000, { replicas: 1, milli: 16_000 }],
    [
      'unready pods count unless it is CPU',
      input([20_000, 20_000], { 1: { ready: 'False' } }),
      10_000,
      { replicas: 4, milli: 20_000 },
    ],
    [
      'pending pods take their part',
      input([20_000, undefined], { 1: { phase: 'Pending' } }),
      5000,
      { replicas: 4, milli: 20_000 },
    ],
    ['unmeasured pods are on target when it is less', input([1000, undefined]), 10_000, { replicas: 2, milli: 1000 }],
  ];
  for (const [title, given, targetMilli, expected] of cases) {
    test(title, () => assert.deepEqual(countByAverage(given, { resource: '', targetMilli }), expected));
  }
});

describe('countByValue', () => {
  const cases: readonly [string, CountInput, milli: number, replicas: number][] = [
    ['more than the target', input([0, 0, 0]), 20_000, 6],
    ['about the target', input([0, 0, 0]), 10_500, 3],
    ['ready pods alone count', input([0, 0, 0], { 0: { ready: 'False' } }), 20_000, 4],
    ['nothing at all', input([0, 0]), 0, 0],
    ['none yet', { ...input([]), replicas: 0 }, 25_000, 3],
  ];
  for (const [title, given, milli, replicas] of cases) {
    test(title, () => assert.deepEqual(countByValue(given, { milli, targetMilli: 10_000 }), { replicas, milli }));
  }
});

describe('countByValuePerPod', () => {
  const cases: readonly [string, replicas: number, milli: number, expected: object][] = [
    ['more than the target', 3, 60_000, { replicas: 6, milli: 20_000 }],
    ['about the target', 3, 31_000, { replicas: 3, milli: 10_334 }],
    ['less than the target', 5, 10_000, { replicas: 1, milli: 2000 }],
    ['none yet', 0, 15_000, { replicas: 2, milli: 15_000 }],
  ];
  for (const [title, replicas, milli, expected] of cases) {
    test(title, () => {
      const count = countByValuePerPod({ replicas, tolerances: TOLERANCES }, { milli, targetMilli: 10_000 });
      assert.deepEqual(count, expected);
    });
  }
});
