import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HorizontalPodAutoscaler } from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import { AutoscalerStatus } from './autoscaler-status.ts';

const NOW = Date.UTC(2026, 0, 1);
const EARLIER = '2025-12-31T23:00:00Z';
const condition = (status: string, lastTransitionTime: string) => {
  return { type: 'AbleToScale', status, lastTransitionTime, reason: 'R', message: 'M' };
};
const autoscaler = (status: object) =>
  ({ status: { desiredReplicas: 0, currentMetrics: null, ...status } }) as unknown as HorizontalPodAutoscaler;

describe('AutoscalerStatus', () => {
  test('a condition changes when its status does, whatever was said on the way', () => {
    const before = autoscaler({ conditions: [condition('False', EARLIER)] });
    const same = new AutoscalerStatus(before, NOW);
    same.set('AbleToScale', 'True', 'R', 'M');
    same.set('AbleToScale', 'False', 'R', 'M');
    assert.deepEqual(same.result(), before.status);
    const other = new AutoscalerStatus(before, NOW);
    other.set('AbleToScale', 'True', 'R', 'M');
    assert.deepEqual(other.result().conditions, [condition('True', '2026-01-01T00:00:00Z')]);
  });

  test('what is settled is as the API gives it back', () => {
    const before = autoscaler({ currentReplicas: 2, lastScaleTime: EARLIER });
    const settled = new AutoscalerStatus(before, NOW);
    settled.settle({ current: 0, desired: 0, metrics: undefined });
    assert.deepEqual(settled.result(), { desiredReplicas: 0, currentMetrics: null, lastScaleTime: EARLIER });
  });
});
