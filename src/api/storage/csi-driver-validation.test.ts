import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { dropDisabledFields } from '../disabled-fields.ts';
import { readInput } from '../read-input.ts';
import { CSIDriver } from './csi-driver.ts';

type Spec = Parameters<typeof faultsOf<typeof CSIDriver>>[1]['spec'];

const cases: readonly [title: string, spec: Spec, expected: readonly string[]][] = [
  [
    'all there is',
    {
      attachRequired: false,
      podInfoOnMount: true,
      volumeLifecycleModes: ['Persistent', 'Ephemeral'],
      storageCapacity: true,
      fsGroupPolicy: 'File',
      tokenRequests: [{ audience: '' }, { audience: 'a', expirationSeconds: 600 }],
      requiresRepublish: true,
      seLinuxMount: true,
      nodeAllocatableUpdatePeriodSeconds: 10,
      serviceAccountTokenInSecrets: true,
    },
    [],
  ],
  ['nothing', {}, []],
  [
    'an unknown policy',
    { fsGroupPolicy: 'Some' },
    ['spec.fsGroupPolicy: Unsupported value: "Some": supported values: "File", "None", "ReadWriteOnceWithFSType"'],
  ],
  [
    'an unknown mode',
    { volumeLifecycleModes: ['Short'] },
    ['spec.volumeLifecycleModes: Unsupported value: "Short": supported values: "Persistent", "Ephemeral"'],
  ],
  [
    'an audience twice',
    { tokenRequests: [{ audience: 'a' }, { audience: 'a', expirationSeconds: 1 }] },
    ['spec.tokenRequests[1].audience: Duplicate value: "a"'],
  ],
  [
    'tokens for too short and too long a time',
    {
      tokenRequests: [
        { audience: 'a', expirationSeconds: 599 },
        { audience: 'b', expirationSeconds: 4294967297 },
      ],
    },
    [
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ],
  ],
  [
    'a period that is too short',
    { nodeAllocatableUpdatePeriodSeconds: 9 },
    ['spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds'],
  ],
  [
    'a place for tokens without tokens',
    { serviceAccountTokenInSecrets: false },
    ['spec.serviceAccountTokenInSecrets: Forbidden: may only be set when tokenRequests is configured'],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`CSIDriver.validate of ${title}`, () => assert.deepEqual(faultsOf(CSIDriver, { spec }), expected));
}

test('CSIDriver.validateUpdate keeps whether volumes are attached, and how long they live', () => {
  const spec = { podInfoOnMount: true, fsGroupPolicy: 'None', storageCapacity: true, requiresRepublish: true };
  assert.deepEqual(updateFaultsOf(CSIDriver, { spec }, { spec: {} }), []);
  const changed = { attachRequired: false, volumeLifecycleModes: ['Ephemeral'] };
  assert.deepEqual(updateFaultsOf(CSIDriver, { spec: changed }, { spec: {} }), [
    'spec.attachedRequired: Invalid value: false: field is immutable',
    'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
  ]);
});

test('CSIDriver has defaults, and nothing that is not enabled', () => {
  const driver = readInput(CSIDriver, { spec: { preventPodSchedulingIfMissing: true } });
  dropDisabledFields(CSIDriver, driver);
  assert.deepEqual(driver.spec, {
    attachRequired: true,
    podInfoOnMount: false,
    volumeLifecycleModes: ['Persistent'],
    storageCapacity: false,
    fsGroupPolicy: 'ReadWriteOnceWithFSType',
    requiresRepublish: false,
    seLinuxMount: false,
  });
});
