import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInput } from '../read-input.ts';
import { Lease } from './lease.ts';

const coordinated = { strategy: 'OldestEmulationVersion', preferredHolder: 'a' };
const leaseOf = (spec: object) => readInput(Lease, { spec: { holderIdentity: 'a', ...spec } });

test('Lease: fields of coordinated leader election are dropped from new leases', () => {
  const lease = leaseOf(coordinated);
  Lease.prepareForCreate?.(lease);
  assert.deepEqual(lease.spec, { holderIdentity: 'a' });
});

test('Lease: fields of coordinated leader election stay where they were before', () => {
  const update = (before: object) => {
    const lease = leaseOf(coordinated);
    Lease.prepareForUpdate?.(lease, leaseOf(before) as Lease);
    return lease.spec;
  };
  assert.deepEqual(update(coordinated), { holderIdentity: 'a', ...coordinated });
  assert.deepEqual(update({}), { holderIdentity: 'a' });
  assert.deepEqual(update({ strategy: 'example.com/a' }), { holderIdentity: 'a', strategy: coordinated.strategy });
});
