import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { readInput } from '../read-input.ts';
import { DeviceClass } from './device-class.ts';
import { ResourceClaim } from './resource-claim.ts';
import { ResourceClaimTemplate } from './resource-claim-template.ts';
import { ResourceSlice } from './resource-slice.ts';

const spec = { devices: {} };
const reservedFor = [{ resource: 'pods', name: 'web', uid: 'u' }];

const cases: readonly [title: string, row: string, expected: string][] = [
  ['a ResourceClaim that waits', rowOf(ResourceClaim, { spec }), 'x | pending | 60m'],
  [
    'a ResourceClaim that is in use',
    rowOf(ResourceClaim, { spec, status: { allocation: {}, reservedFor } }),
    'x | allocated,reserved | 60m',
  ],
  [
    'a ResourceClaim that is being deleted',
    rowOf(ResourceClaim, { metadata: { deletionTimestamp: '2026-01-01T00:59:00Z' }, spec, status: { allocation: {} } }),
    'x | deleted,allocated | 60m',
  ],
  [
    'a ResourceClaim that is all but gone',
    rowOf(ResourceClaim, { metadata: { deletionTimestamp: '2026-01-01T00:59:00Z' }, spec }),
    'x | deleted | 60m',
  ],
  ['ResourceClaimTemplate', rowOf(ResourceClaimTemplate, { spec: { spec } }), 'x | 60m'],
  ['DeviceClass', rowOf(DeviceClass, { spec: {} }), 'x | 60m'],
  [
    'ResourceSlice',
    rowOf(ResourceSlice, {
      spec: { driver: 'd', nodeName: 'n', pool: { name: 'p', generation: 1, resourceSliceCount: 1 } },
    }),
    'x | n | d | p | 60m',
  ],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test('requests for devices are for one, unless they say otherwise', () => {
  const requests = [
    { name: 'a', exactly: { deviceClassName: 'c' } },
    { name: 'b', exactly: { deviceClassName: 'c', allocationMode: 'All' } },
    {
      name: 'd',
      firstAvailable: [
        { name: 'e', deviceClassName: 'c' },
        { name: 'f', deviceClassName: 'c', count: 2 },
      ],
    },
  ] as const;
  const expected = [
    ['ExactCount', 1],
    ['All', undefined],
    ['ExactCount', 1],
    ['ExactCount', 2],
  ];
  for (const { devices } of [
    readInput(ResourceClaim, { spec: { devices: { requests } } }).spec,
    readInput(ResourceClaimTemplate, { spec: { spec: { devices: { requests } } } }).spec.spec,
  ]) {
    const all = (devices.requests ?? []).flatMap(({ exactly, firstAvailable }) => [
      ...(exactly ? [exactly] : []),
      ...(firstAvailable ?? []),
    ]);
    assert.deepEqual(
      all.map(({ allocationMode, count }) => [allocationMode, count]),
      expected,
    );
  }
});
