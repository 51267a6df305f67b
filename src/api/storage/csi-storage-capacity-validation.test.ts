import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf, warningsOf } from '../../../test/support/faults.ts';
import { CSIStorageCapacity } from './csi-storage-capacity.ts';

type Input = Parameters<typeof faultsOf<typeof CSIStorageCapacity>>[1];

const NO_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const base: Input = { storageClassName: 'fast' };

const cases: readonly [title: string, capacity: Partial<Input>, expected: readonly string[]][] = [
  ['all there is', { nodeTopology: { matchLabels: { a: 'b' } }, capacity: '0', maximumVolumeSize: '1Gi' }, []],
  ['no class', { storageClassName: '' }, [`storageClassName: Invalid value: "": ${NO_SUBDOMAIN}`]],
  ['a class that is none', { storageClassName: 'A' }, [`storageClassName: Invalid value: "A": ${NO_SUBDOMAIN}`]],
  ['a negative capacity', { capacity: '-1' }, ['capacity: Invalid value: "-1": must be greater than or equal to 0']],
];

for (const [title, capacity, expected] of cases) {
  test(`CSIStorageCapacity.validate of ${title}`, () => {
    assert.deepEqual(faultsOf(CSIStorageCapacity, { ...base, ...capacity }), expected);
  });
}

test('CSIStorageCapacity.validateUpdate keeps what the capacity is of', () => {
  assert.deepEqual(updateFaultsOf(CSIStorageCapacity, { ...base, capacity: '1', maximumVolumeSize: '1' }, base), []);
  const other: Input = { storageClassName: 'slow', nodeTopology: {} };
  assert.deepEqual(updateFaultsOf(CSIStorageCapacity, other, base), [
    'nodeTopology: Invalid value: {}: field is immutable',
    'storageClassName: Invalid value: "slow": field is immutable',
  ]);
});

test('CSIStorageCapacity.warnings of old labels', () => {
  const nodeTopology = {
    matchLabels: { 'node-role.kubernetes.io/master': '', zone: 'a' },
    matchExpressions: [{ key: 'beta.kubernetes.io/arch', operator: 'Exists' }],
  } as const;
  assert.deepEqual(warningsOf(CSIStorageCapacity, { ...base, nodeTopology }), [
    'nodeTopology.matchExpressions[0].key: beta.kubernetes.io/arch is deprecated since v1.14; use "kubernetes.io/arch" instead',
    'nodeTopology.matchLabels.node-role.kubernetes.io/master: use "node-role.kubernetes.io/control-plane" instead',
  ]);
  assert.deepEqual(warningsOf(CSIStorageCapacity, base), []);
});
