import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HorizontalPodAutoscalerBehavior } from '../../api/autoscaling/metrics-v2.ts';
import { beginHistory, limitScale, type ScalingHistory, type ScalingRequest, withStep } from './scaling-limits.ts';

const NOW = Date.UTC(2026, 0, 1);
const NOTHING: ScalingHistory = { recommendations: [], scaleUps: [], scaleDowns: [] };
const ago = (seconds: number) => NOW - seconds * 1000;
const asked = (...pairs: readonly [replicas: number, secondsAgo: number][]): ScalingHistory => ({
  ...NOTHING,
  recommendations: pairs.map(([replicas, seconds]) => ({ replicas, atMs: ago(seconds) })),
});
const request = (current: number, proposed: number, more: Partial<ScalingRequest> = {}): ScalingRequest => ({
  ...{ current, proposed, min: 1, max: 10, behavior: undefined, nowMs: NOW },
  ...more,
});
const pods = (value: number, periodSeconds = 60) => ({ type: 'Pods', value, periodSeconds });
const percent = (value: number, periodSeconds = 60) => ({ type: 'Percent', value, periodSeconds });
type Rules = NonNullable<HorizontalPodAutoscalerBehavior['scaleUp']>;
const behavior = (up: Partial<Rules>, down: Partial<Rules> = {}): HorizontalPodAutoscalerBehavior => ({
  scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [percent(900)], ...up } as Rules,
  scaleDown: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [percent(100)], ...down } as Rules,
});

type Case = readonly [string, ScalingRequest, ScalingHistory, replicas: number, able: string, limited: string];

describe('limitScale', () => {
  const cases: readonly Case[] = [
    ['what is asked for', request(2, 4), NOTHING, 4, 'ReadyForNewScale', 'DesiredWithinRange'],
    ['no more than the most', request(8, 12), NOTHING, 10, 'ReadyForNewScale', 'TooManyReplicas'],
    ['no fewer than the least', request(4, 1, { min: 2 }), NOTHING, 2, 'ReadyForNewScale', 'TooFewReplicas'],
    ['twice as many at most', request(3, 10), NOTHING, 6, 'ReadyForNewScale', 'ScaleUpLimit'],
    ['four at least', request(1, 10), NOTHING, 4, 'ReadyForNewScale', 'ScaleUpLimit'],
    ['not fewer than lately', request(8, 2), asked([7, 299], [9, 301]), 7, 'ScaleDownStabilized', 'DesiredWithinRange'],
    ['fewer after a while', request(8, 2), asked([8, 301]), 2, 'ReadyForNewScale', 'DesiredWithinRange'],
  ];
  const ups = (change: number, seconds: number) => ({ ...NOTHING, scaleUps: [{ change, atMs: ago(seconds) }] });
  const downs = (change: number, seconds: number) => ({ ...NOTHING, scaleDowns: [{ change, atMs: ago(seconds) }] });
  const up = (rules: Partial<Rules>) => ({ behavior: behavior(rules), max: 100 });
  const down = (rules: Partial<Rules>) => ({ behavior: behavior({}, rules), max: 100 });
  const ready = 'ReadyForNewScale';
  const behaving: readonly Case[] = [
    ['some pods at a time', request(5, 50, up({ policies: [pods(4)] })), NOTHING, 9, ready, 'ScaleUpLimit'],
    ['a share at a time', request(5, 50, up({ policies: [percent(50)] })), NOTHING, 8, ready, 'ScaleUpLimit'],
    [
      'the most of the policies',
      request(5, 50, up({ policies: [pods(4), percent(200)] })),
      NOTHING,
      15,
      ready,
      'ScaleUpLimit',
    ],
    [
      'the least of the policies',
      request(5, 50, up({ policies: [pods(4), percent(200)], selectPolicy: 'Min' })),
      NOTHING,
      9,
      ready,
      'ScaleUpLimit',
    ],
    ['never up', request(5, 50, up({ selectPolicy: 'Disabled' })), NOTHING, 5, ready, 'ScaleUpLimit'],
    ['what is left of the period', request(8, 50, up({ policies: [pods(4)] })), ups(3, 30), 9, ready, 'ScaleUpLimit'],
    [
      'nothing is left of the period',
      request(12, 50, up({ policies: [pods(4)] })),
      ups(7, 30),
      12,
      ready,
      'ScaleUpLimit',
    ],
    ['a period that is over', request(8, 50, up({ policies: [pods(4)] })), ups(3, 60), 12, ready, 'ScaleUpLimit'],
    [
      'what went down in the period',
      request(5, 50, up({ policies: [pods(4)] })),
      downs(2, 30),
      11,
      ready,
      'ScaleUpLimit',
    ],
    ['the most of all', request(5, 50, { ...up({}), max: 20 }), NOTHING, 20, ready, 'TooManyReplicas'],
    ['some pods down', request(20, 5, down({ policies: [pods(4)] })), NOTHING, 16, ready, 'ScaleDownLimit'],
    ['a share down', request(20, 5, down({ policies: [percent(25)] })), NOTHING, 15, ready, 'ScaleDownLimit'],
    [
      'the most of the policies down',
      request(20, 5, down({ policies: [percent(25), pods(2)] })),
      NOTHING,
      15,
      ready,
      'ScaleDownLimit',
    ],
    [
      'the least of the policies down',
      request(20, 5, down({ policies: [percent(25), pods(2)], selectPolicy: 'Min' })),
      NOTHING,
      18,
      ready,
      'ScaleDownLimit',
    ],
    ['never down', request(20, 5, down({ selectPolicy: 'Disabled' })), NOTHING, 20, ready, 'ScaleDownLimit'],
    [
      'what is left of the period down',
      request(18, 5, down({ policies: [pods(4)] })),
      downs(2, 30),
      16,
      ready,
      'ScaleDownLimit',
    ],
    ['the least of all', request(5, 1, { ...down({}), min: 3 }), NOTHING, 3, ready, 'TooFewReplicas'],
    [
      'the lowest of what was asked for lately',
      request(5, 9, up({ stabilizationWindowSeconds: 60 })),
      asked([6, 59], [2, 61]),
      6,
      'ScaleUpStabilized',
      'DesiredWithinRange',
    ],
    [
      'the highest of what was asked for lately',
      request(9, 3, down({ stabilizationWindowSeconds: 60 })),
      asked([6, 59], [9, 61]),
      6,
      'ScaleDownStabilized',
      'DesiredWithinRange',
    ],
    [
      'five minutes of it, if nothing is said',
      request(9, 3, {
        behavior: { scaleUp: {}, scaleDown: { policies: [percent(100)] } } as HorizontalPodAutoscalerBehavior,
      }),
      asked([9, 299]),
      9,
      'ScaleDownStabilized',
      'DesiredWithinRange',
    ],
  ];
  for (const [title, given, history, replicas, able, limited] of [...cases, ...behaving]) {
    test(title, () => {
      const scale = limitScale(given, history);
      assert.deepEqual([scale.replicas, scale.able.reason, scale.limited.reason], [replicas, able, limited]);
      assert.equal(scale.limited.isLimited, limited !== 'DesiredWithinRange');
      assert.deepEqual(scale.history.recommendations.at(-1), { replicas: given.proposed, atMs: NOW });
    });
  }

  test('what does not count any more is forgotten', () => {
    const { history } = limitScale(request(2, 2), asked([5, 301], [4, 10]));
    assert.deepEqual(history.recommendations, asked([4, 10], [2, 0]).recommendations);
  });
});

test('beginHistory takes what is there for what was asked for', () => {
  assert.equal(limitScale(request(6, 2), beginHistory(6, NOW)).replicas, 6);
});

test('withStep notes steps for as long as a policy looks back, and none without a behaviour', () => {
  const rules = behavior({ policies: [pods(1, 60)] }, { policies: [pods(1, 15)] });
  const old = { ...NOTHING, scaleUps: [{ change: 1, atMs: ago(61) }], scaleDowns: [{ change: 2, atMs: ago(59) }] };
  const after = withStep(old, { from: 2, to: 5, nowMs: NOW }, rules);
  assert.deepEqual(after.scaleUps, [{ change: 3, atMs: NOW }]);
  assert.deepEqual(after.scaleDowns, old.scaleDowns);
  assert.equal(withStep(old, { from: 2, to: 5, nowMs: NOW }, undefined), old);
});
