import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusFaultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { PersistentVolumeClaim } from './persistent-volume-claim.ts';

type Input = Parameters<typeof updateFaultsOf<typeof PersistentVolumeClaim>>[1];
type Spec = NonNullable<Input['spec']>;

const SPEC_STAYS =
  'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n';
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';
const annotated = (name: string) => ({ metadata: { annotations: { [BETA_CLASS]: name } } });
const of = (spec: Partial<Spec> = {}, rest: Partial<Input> = {}): Input => ({
  ...rest,
  spec: { accessModes: ['ReadWriteOnce'], ...spec },
});
const size = (storage: string) => ({ resources: { requests: { storage } } });
const bound = (spec: Partial<Spec>, capacity = '1Gi') =>
  of(spec, { status: { phase: 'Bound', capacity: { storage: capacity } } });
const SIZE = 'spec.resources.requests.storage';

const cases: readonly [title: string, before: Input, after: Input, expected: readonly string[]][] = [
  ['nothing else', of(size('1Gi')), of(size('1Gi')), []],
  ['a volume', of(), of({ volumeName: 'a' }), []],
  ['another volume', of({ volumeName: 'a' }), of({ volumeName: 'b' }), [`${SPEC_STAYS}spec.volumeName: "a" -> "b"`]],
  [
    'other modes',
    of(),
    of({ accessModes: ['ReadOnlyMany'] }),
    [`${SPEC_STAYS}spec.accessModes[0]: "ReadWriteOnce" -> "ReadOnlyMany"`],
  ],
  ['a size while it waits', of(size('1Gi')), of(size('2Gi')), [`${SPEC_STAYS}${SIZE}: "1Gi" -> "2Gi"`]],
  ['a larger size', bound(size('1Gi')), bound(size('2Gi')), []],
  ['a smaller size than was asked for, above what there is', bound(size('3Gi')), bound(size('2Gi')), []],
  [
    'a size below what there is',
    bound(size('3Gi'), '2Gi'),
    bound(size('2Gi'), '2Gi'),
    [`${SIZE}: Forbidden: field can not be less than status.capacity`],
  ],
  [
    'another limit',
    bound({ resources: { limits: { storage: '1Gi' } } }),
    bound({ resources: { limits: { storage: '2Gi' } } }),
    [`${SPEC_STAYS}spec.resources.limits.storage: "1Gi" -> "2Gi"`],
  ],
  [
    'another volume mode',
    of(),
    of({ volumeMode: 'Block' }),
    [`${SPEC_STAYS}spec.volumeMode: "Filesystem" -> "Block"`, 'volumeMode: Invalid value: "Block": field is immutable'],
  ],
  ['a class where there was none', of(), of({ storageClassName: 'a' }), []],
  [
    'another class',
    of({ storageClassName: 'a' }),
    of({ storageClassName: 'b' }),
    [`${SPEC_STAYS}spec.storageClassName: "a" -> "b"`],
  ],
  ['its class in the field', of({}, annotated('a')), of({ storageClassName: 'a' }), []],
  ['its class in both places', of({}, annotated('a')), of({ storageClassName: 'a' }, annotated('a')), []],
  [
    'another class in the field than in the annotation',
    of({}, annotated('a')),
    of({ storageClassName: 'b' }, annotated('a')),
    [`${SPEC_STAYS}spec.storageClassName: null -> "b"`],
  ],
  [
    'another class in the annotation',
    of({}, annotated('a')),
    of({}, annotated('b')),
    [`metadata.annotations.${BETA_CLASS}: Invalid value: "b": field is immutable`],
  ],
  ['a class of attributes', bound({ volumeAttributesClassName: 'a' }), bound({ volumeAttributesClassName: 'b' }), []],
  [
    'a class of attributes while it waits',
    of({ volumeAttributesClassName: 'a' }),
    of({ volumeAttributesClassName: 'b' }),
    [`${SPEC_STAYS}spec.volumeAttributesClassName: "a" -> "b"`],
  ],
  [
    'no class of attributes any more',
    bound({ volumeAttributesClassName: 'a' }),
    bound({}),
    [
      `${SPEC_STAYS}spec.volumeAttributesClassName: "a" -> null`,
      'spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden',
    ],
  ],
  [
    'an empty class of attributes',
    bound({ volumeAttributesClassName: 'a' }),
    bound({ volumeAttributesClassName: '' }),
    ['spec.volumeAttributesClassName: Forbidden: update from non-nil value to an empty string is forbidden'],
  ],
];

for (const [title, before, after, expected] of cases) {
  test(`PersistentVolumeClaim.validateUpdate to ${title}`, () => {
    assert.deepEqual(updateFaultsOf(PersistentVolumeClaim, after, before), expected);
  });
}

type Status = NonNullable<Input['status']>;
const RESIZING =
  '"ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"';

const statuses: readonly [title: string, status: Status, expected: readonly string[]][] = [
  [
    'all there is',
    {
      phase: 'Bound',
      capacity: { storage: '1Gi' },
      allocatedResources: { storage: '2Gi', 'example.com/iops': '5' },
      allocatedResourceStatuses: { storage: 'NodeResizePending' },
    },
    [],
  ],
  [
    'a negative capacity',
    { capacity: { storage: '-1' } },
    ['status.capacity[storage]: Invalid value: -1: must be a valid resource quantity'],
  ],
  [
    'an unknown resource',
    { allocatedResources: { cpu: '1' }, allocatedResourceStatuses: { cpu: 'NodeResizePending' } },
    [
      'status.allocatedResourceStatus: Unsupported value: "cpu": supported values: "storage"',
      'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
    ],
  ],
  [
    'an unknown state',
    { allocatedResourceStatuses: { storage: 'Lost' as 'NodeResizePending' } },
    [`status.allocatedResourceStatus: Unsupported value: "storage": supported values: ${RESIZING}`],
  ],
  [
    'a negative allocation',
    { allocatedResources: { storage: '-1' } },
    ['status.allocatedResources[storage]: Invalid value: -1: must be a valid resource quantity'],
  ],
  [
    'a resource that is none',
    { allocatedResources: { '!': '-1' } },
    [
      "status.allocatedResources: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
];

for (const [title, status, expected] of statuses) {
  test(`PersistentVolumeClaim.validateStatusUpdate of ${title}`, () => {
    assert.deepEqual(statusFaultsOf(PersistentVolumeClaim, of({}, { status }), of()), expected);
  });
}

test('PersistentVolumeClaim.validateStatusUpdate of a claim without access modes', () => {
  assert.deepEqual(statusFaultsOf(PersistentVolumeClaim, { spec: {} }, { spec: {} }), [
    'Spec.accessModes: Required value',
  ]);
});
