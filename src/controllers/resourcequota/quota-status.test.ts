import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResourceQuota } from '../../api/core/resource-quota.ts';
import { readInput } from '../../api/read-input.ts';
import { FakeClock } from '../../base/clock.ts';
import { ChargesUnderWay, SETTLED_AFTER_MS } from './charges-under-way.ts';
import { isUncounted, quotaStatus } from './quota-status.ts';

type Amounts = Readonly<Record<string, string>>;
const quotaOf = (hard: Amounts, status: { readonly hard?: Amounts; readonly used?: Amounts }) =>
  readInput(ResourceQuota, { metadata: { name: 'a' }, spec: { hard }, status });

const HARD = { pods: '5', cpu: '2' };
const counted = { pods: '3', cpu: '1' };
const cases: readonly [string, { hard?: Amounts; used?: Amounts }, Amounts, Amounts, Amounts | undefined][] = [
  ['says all that a new quota limits', {}, counted, {}, { pods: '3', cpu: '1' }],
  [
    'writes nothing that is there already, however it is written',
    { hard: HARD, used: { pods: '3', cpu: '1000m' } },
    counted,
    {},
    undefined,
  ],
  ['takes limits over that have changed', { hard: { pods: '5', cpu: '1' }, used: counted }, counted, {}, counted],
  ['raises what is used', { hard: HARD, used: { pods: '1', cpu: '1' } }, counted, {}, counted],
  ['lowers what is used', { hard: HARD, used: { pods: '5', cpu: '2' } }, counted, {}, counted],
  [
    'leaves what is under way charged',
    { hard: HARD, used: { pods: '5', cpu: '2' } },
    counted,
    { pods: '1' },
    { pods: '4', cpu: '1' },
  ],
  [
    'never raises for what is under way',
    { hard: HARD, used: { pods: '4', cpu: '1' } },
    counted,
    { pods: '9' },
    undefined,
  ],
  [
    'leaves what nobody counts',
    { hard: HARD, used: { pods: '5', cpu: '2' } },
    { pods: '3' },
    {},
    { pods: '3', cpu: '2' },
  ],
  [
    'forgets what is limited no more',
    { hard: { ...HARD, secrets: '1' }, used: { ...counted, secrets: '1' } },
    counted,
    {},
    counted,
  ],
];
for (const [title, status, count, underWay, used] of cases) {
  test(`quotaStatus ${title}`, () => {
    const result = quotaStatus(quotaOf(HARD, status), count, underWay);
    assert.deepEqual(result, used && { hard: HARD, used });
  });
}

test('isUncounted: a status without the limits, or without what is used', () => {
  assert.equal(isUncounted(quotaOf(HARD, {})), true);
  assert.equal(isUncounted(quotaOf(HARD, { hard: HARD, used: { pods: '0' } })), true);
  assert.equal(isUncounted(quotaOf(HARD, { hard: { pods: '6', cpu: '2' }, used: counted })), true);
  assert.equal(isUncounted(quotaOf(HARD, { hard: HARD, used: counted })), false);
});

test('ChargesUnderWay remembers what was charged for a moment', async () => {
  const clock = new FakeClock();
  const charges = new ChargesUnderWay({ clock });
  charges.note('a/q', { pods: '3', cpu: '1' }, { pods: '1', cpu: '2' });
  await clock.advance(SETTLED_AFTER_MS / 2);
  charges.note('a/q', { pods: '4' }, { pods: '3' });
  assert.deepEqual(charges.amountOf('a/q'), { pods: '3' });
  assert.equal(charges.settleInMs('a/q'), SETTLED_AFTER_MS);
  await clock.advance(SETTLED_AFTER_MS / 2);
  assert.deepEqual(charges.amountOf('a/q'), { pods: '1' });
  await clock.advance(SETTLED_AFTER_MS / 2);
  assert.deepEqual([charges.amountOf('a/q'), charges.settleInMs('a/q')], [{}, undefined]);
});
