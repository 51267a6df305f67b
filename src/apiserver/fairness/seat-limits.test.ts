import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MANDATORY_LEVELS, SUGGESTED_LEVELS } from './bootstrap-flow-control.ts';
import { planFlowControl } from './flow-control-plan.ts';
import { SeatDemand } from './seat-demand.ts';
import { allocate, type LevelDemand, type SeatWish, seatLimits, shareSeats, smoothedDemand } from './seat-limits.ts';

describe('seatLimits', () => {
  test('are upstream’s for what every cluster has', () => {
    const { levels } = planFlowControl([...MANDATORY_LEVELS, ...SUGGESTED_LEVELS], []);
    const all = levels.reduce((sum, { shares }) => sum + shares.nominalConcurrencyShares, 0);
    assert.equal(all, 245);
    const limits = levels.map(({ name, shares }) => {
      const { nominal, lower, upper } = seatLimits(shares, all, 600);
      return `${name} ${nominal} ${lower} ${upper}`;
    });
    assert.deepEqual(limits, [
      'exempt 0 0 600',
      'catch-all 13 13 613',
      'system 74 50 674',
      'node-high 98 73 698',
      'leader-election 25 25 625',
      'workload-high 98 49 698',
      'workload-low 245 24 845',
      'global-default 49 24 649',
    ]);
  });

  test('borrow no more than they may', () => {
    const shares = { nominalConcurrencyShares: 10, lendablePercent: 0, borrowingLimitPercent: 50 };
    assert.deepEqual(seatLimits(shares, 20, 100), { nominal: 50, lower: 50, upper: 75 });
  });
});

describe('smoothedDemand', () => {
  const calm = { average: 0, deviation: 0, highWatermark: 0, durationMs: 10_000 };
  test('rises at once', () => assert.equal(smoothedDemand(1, { ...calm, average: 5, deviation: 2 }), 7));
  test('has fallen to a half after five minutes', () => {
    let demand = 100;
    for (let period = 0; period < 30; period++) demand = smoothedDemand(demand, calm);
    assert.ok(Math.abs(demand - 50) < 1, String(demand));
    assert.ok(Math.abs(smoothedDemand(100, { ...calm, durationMs: 300_000 }) - demand) < 1e-9);
  });
});

test('SeatDemand knows average, deviation and most, by the time that each lasted', () => {
  const demand = new SeatDemand(0);
  demand.set(2, 0);
  demand.set(6, 500);
  demand.set(4, 1000);
  assert.deepEqual(demand.take(1000), { durationMs: 1000, average: 4, deviation: 2, highWatermark: 6 });
  assert.deepEqual(demand.take(2000), { durationMs: 1000, average: 4, deviation: 0, highWatermark: 4 });
});

describe('allocate', () => {
  const wish = (target: number, lower: number, upper: number): SeatWish => ({ target, lower, upper });
  const cases: readonly [title: string, sum: number, SeatWish[], shares: number[]][] = [
    ['by targets', 30, [wish(10, 0, 100), wish(20, 0, 100)], [10, 20]],
    ['twice the targets', 60, [wish(10, 0, 100), wish(20, 0, 100)], [20, 40]],
    ['not below a lower bound', 30, [wish(20, 20, 100), wish(20, 0, 100)], [20, 10]],
    ['not above an upper bound', 60, [wish(10, 0, 15), wish(10, 0, 100)], [15, 45]],
    ['only the lower bounds', 30, [wish(20, 20, 100), wish(10, 10, 100)], [20, 10]],
    ['only the upper bounds', 50, [wish(10, 0, 20), wish(10, 0, 30)], [20, 30]],
    ['nothing wanted', 10, [wish(0, 0, 10), wish(0, 0, 10)], [5, 5]],
  ];
  for (const [title, sum, wishes, shares] of cases) {
    test(title, () => {
      const rounded = allocate(sum, wishes).shares.map((share) => Math.round(share * 1e6) / 1e6);
      assert.deepEqual(rounded, shares);
    });
  }
});

describe('shareSeats', () => {
  const level = (
    nominal: number,
    lower: number,
    highWatermark: number,
    smoothed: number,
    exempt = false,
  ): LevelDemand => ({
    exempt,
    limits: { nominal, lower, upper: nominal + 100 },
    highWatermark,
    smoothed,
  });
  const cases: readonly [title: string, LevelDemand[], current: number[]][] = [
    ['nobody wants anything: by the lower limits', [level(50, 25, 0, 0), level(50, 25, 0, 0)], [50, 50]],
    ['the busy one borrows all that is lent', [level(50, 10, 0, 0), level(50, 25, 90, 90)], [10, 90]],
    ['what has just been used is not lent', [level(50, 10, 40, 10), level(50, 25, 90, 90)], [40, 60]],
    ['nothing is lent by who keeps all', [level(50, 50, 0, 0), level(50, 25, 90, 90)], [50, 50]],
    ['the exempt take first', [level(0, 0, 20, 20, true), level(50, 10, 0, 0), level(50, 10, 90, 90)], [20, 10, 70]],
    [
      'the exempt take all but the lower limits',
      [level(0, 0, 95, 95, true), level(50, 10, 50, 50), level(50, 10, 50, 50)],
      [95, 10, 10],
    ],
    [
      'the exempt leave a part',
      [level(0, 0, 40, 40, true), level(50, 10, 50, 50), level(50, 10, 50, 50)],
      [40, 30, 30],
    ],
  ];
  for (const [title, levels, current] of cases) {
    test(title, () => assert.deepEqual(shareSeats(levels).current, current));
  }
});
