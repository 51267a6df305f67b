import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceCIDR } from '../../api/networking/service-cidr.ts';
import { formatTime } from '../../api/time.ts';
import { mayGo, overlaps, readyConditions } from './plan-service-cidr.ts';

const cidr = (name: string, ...cidrs: readonly string[]) =>
  ({ metadata: { name }, spec: { cidrs }, status: {} }) as unknown as ServiceCIDR;
const going = (one: ServiceCIDR) =>
  ({ ...one, metadata: { ...one.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }) as ServiceCIDR;

const OLD = going(cidr('old', '10.0.0.0/24'));
const DUAL = going(cidr('dual', '10.0.0.0/24', '2001:db8::/64'));

const cases: readonly (readonly [string, ServiceCIDR, readonly ServiceCIDR[], readonly string[], boolean])[] = [
  ['no address is given out', OLD, [], [], true],
  ['an address is', OLD, [], ['10.0.0.7'], false],
  ['an address of another range is', OLD, [], ['10.0.1.7'], true],
  ['a wider range stays', OLD, [cidr('new', '10.0.0.0/16')], ['10.0.0.7'], true],
  ['the same range stays', OLD, [cidr('new', '10.0.0.0/24')], ['10.0.0.7'], true],
  ['a wider range goes, too', OLD, [going(cidr('new', '10.0.0.0/16'))], ['10.0.0.7'], false],
  ['a narrower range has the address', OLD, [cidr('new', '10.0.0.0/28')], ['10.0.0.7'], true],
  ['a narrower range has it not', OLD, [cidr('new', '10.0.0.0/28')], ['10.0.0.70'], false],
  ['one family is covered, the other in use', DUAL, [cidr('new', '10.0.0.0/16')], ['2001:db8::1'], false],
  ['one family is covered, the other not in use', DUAL, [cidr('new', '10.0.0.0/16')], ['10.0.0.7'], true],
];
for (const [what, one, others, addresses, wanted] of cases) {
  test(`mayGo: ${what}`, () => assert.equal(mayGo(one, [one, ...others], addresses), wanted));
}

test('overlaps: ranges of one family, whichever is wider', () => {
  assert.equal(overlaps(OLD, cidr('x', '10.0.0.0/8')), true);
  assert.equal(overlaps(cidr('x', '10.0.0.0/8'), OLD), true);
  assert.equal(overlaps(OLD, cidr('x', '10.0.1.0/24')), false);
  assert.equal(overlaps(DUAL, cidr('x', '2001:db8::/32')), true);
});

test('readyConditions say it once', () => {
  const NOW = Date.UTC(2026, 0, 1);
  const conditions = readyConditions(OLD, 'ready', NOW) ?? [];
  assert.deepEqual(conditions, [
    {
      type: 'Ready',
      status: 'True',
      reason: '',
      message: 'Kubernetes Service CIDR is ready',
      lastTransitionTime: formatTime(NOW),
    },
  ]);
  const said = { ...OLD, status: { conditions } };
  assert.equal(readyConditions(said, 'ready', NOW + 5000), undefined);
  assert.deepEqual(
    readyConditions(said, 'blocked', NOW)?.map(({ status, reason }) => [status, reason]),
    [['False', 'Terminating']],
  );
});
