import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { CSINode } from './csi-node.ts';

type Driver = NonNullable<Parameters<typeof faultsOf<typeof CSINode>>[1]['spec']['drivers']>[number];

const NO_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NO_NAME =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const driver: Driver = { name: 'Disks.example.com', nodeID: 'n' };
const longId = 'a'.repeat(257);

const cases: readonly [title: string, drivers: readonly Partial<Driver>[], expected: readonly string[]][] = [
  ['no drivers', [], []],
  [
    'all there is',
    [{ topologyKeys: ['a', 'example.com/b'], allocatable: { count: 0 }, nodeID: 'a'.repeat(256) }, { name: 'other' }],
    [],
  ],
  ['a driver twice', [{}, {}], ['spec.drivers[1].name: Duplicate value: "Disks.example.com"']],
  ['a driver without a name', [{ name: '' }], ['spec.drivers[0].name: Required value']],
  ['a driver that is none', [{ name: 'a_b' }], [`spec.drivers[0].name: Invalid value: "a_b": ${NO_SUBDOMAIN}`]],
  [
    'a driver of a long name',
    [{ name: 'a'.repeat(64) }],
    ['spec.drivers[0].name: Too long: may not be more than 63 bytes'],
  ],
  ['no node', [{ nodeID: '' }], ['spec.drivers[0].nodeID: Required value']],
  [
    'a long node',
    [{ nodeID: longId }],
    [`spec.drivers[0].nodeID: Invalid value: "${longId}": must be 256 characters or less`],
  ],
  [
    'less than no volumes',
    [{ allocatable: { count: -1 } }],
    ['spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0'],
  ],
  ['a topology twice', [{ topologyKeys: ['a', 'a'] }], ['spec.drivers[0]: Duplicate value: "a"']],
  ['a topology that is none', [{ topologyKeys: ['!'] }], [`spec.drivers[0]: Invalid value: "!": ${NO_NAME}`]],
  [
    'an empty topology',
    [{ topologyKeys: [''] }],
    [
      'spec.drivers[0]: Required value',
      'spec.drivers[0]: Invalid value: "": name part must be non-empty',
      `spec.drivers[0]: Invalid value: "": ${NO_NAME}`,
    ],
  ],
];

for (const [title, drivers, expected] of cases) {
  test(`CSINode.validate of ${title}`, () => {
    const all = drivers.map((given) => ({ ...driver, ...given }));
    assert.deepEqual(faultsOf(CSINode, { spec: { drivers: all } }), expected);
  });
}

test('CSINode.validateUpdate keeps drivers as they are, but for how many volumes they take', () => {
  const step = (before: Partial<Driver>, after: Partial<Driver>) =>
    updateFaultsOf(
      CSINode,
      { spec: { drivers: [{ ...driver, ...after }] } },
      { spec: { drivers: [{ ...driver, ...before }] } },
    );
  assert.deepEqual(step({}, { allocatable: { count: 1 } }), []);
  assert.deepEqual(step({ nodeID: 'a' }, { name: 'other', nodeID: 'b' }), []);
  assert.deepEqual(step({}, { nodeID: 'b' }), [
    'spec.drivers: Invalid value: {"name":"Disks.example.com","nodeID":"b","topologyKeys":null}: field is immutable',
  ]);
});
