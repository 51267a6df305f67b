import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Taint, Toleration } from '../../api/core/toleration.ts';
import { noExecuteTaints, toleratedMs } from './plan-eviction.ts';

const UNREACHABLE = 'node.kubernetes.io/unreachable';
const taint = (key: string, effect: Taint['effect'] = 'NoExecute'): Taint => ({ key, effect });
const tolerates = (seconds?: number): Toleration => ({
  key: UNREACHABLE,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(seconds === undefined ? {} : { tolerationSeconds: seconds }),
});
const FOR_EVER = Number.POSITIVE_INFINITY;

const cases: readonly (readonly [string, readonly Taint[], readonly Toleration[], number])[] = [
  ['no taint', [], [], FOR_EVER],
  ['a taint that keeps away only', [taint('k', 'NoSchedule')], [], FOR_EVER],
  ['not tolerated', [taint(UNREACHABLE)], [], 0],
  ['tolerated for ever', [taint(UNREACHABLE)], [tolerates()], FOR_EVER],
  ['tolerated for a while', [taint(UNREACHABLE)], [tolerates(300)], 300_000],
  ['the first of two tolerations counts', [taint(UNREACHABLE)], [tolerates(300), tolerates(60)], 300_000],
  ['the first is for ever', [taint(UNREACHABLE)], [tolerates(), tolerates(60)], FOR_EVER],
  ['a second taint is not tolerated', [taint(UNREACHABLE), taint('other')], [tolerates(300)], 0],
  [
    'the shortest of two taints counts',
    [taint(UNREACHABLE), taint('other')],
    [tolerates(300), { key: 'other', operator: 'Exists', tolerationSeconds: 10 }],
    10_000,
  ],
  ['less than nothing', [taint(UNREACHABLE)], [tolerates(-5)], 0],
  ['another value', [{ ...taint('k'), value: 'a' }], [{ key: 'k', operator: 'Equal', value: 'b' }], 0],
  ['the same value, operator left out', [{ ...taint('k'), value: 'a' }], [{ key: 'k', value: 'a' }], FOR_EVER],
  ['everything', [taint('k'), taint(UNREACHABLE)], [{ operator: 'Exists' }], FOR_EVER],
];
for (const [what, taints, tolerations, wanted] of cases) {
  test(`toleratedMs: ${what}`, () => assert.equal(toleratedMs(noExecuteTaints(taints), tolerations), wanted));
}
