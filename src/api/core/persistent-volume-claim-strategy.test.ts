import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warningsOf } from '../../../test/support/faults.ts';
import { readInput } from '../read-input.ts';
import { PersistentVolumeClaim } from './persistent-volume-claim.ts';

type Input = Parameters<typeof warningsOf<typeof PersistentVolumeClaim>>[1];
type Spec = NonNullable<Input['spec']>;
type Sources = Pick<Spec, 'dataSource' | 'dataSourceRef'>;

const claim = { apiGroup: null as never, kind: 'PersistentVolumeClaim', name: 'a' };
const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'a' };
const other = { apiGroup: 'example.com', kind: 'Other', name: 'a' };
const elsewhere = { ...snapshot, namespace: 'other' };

test('PersistentVolumeClaim begins unbound, with a file system', () => {
  const draft = readInput(PersistentVolumeClaim, { spec: {}, status: { phase: 'Bound' } });
  PersistentVolumeClaim.prepareForCreate?.(draft);
  assert.deepEqual([draft.status, draft.spec.volumeMode], [{ phase: 'Pending' }, 'Filesystem']);
});

const cases: readonly [title: string, before: Sources | undefined, after: Sources, expected: Sources][] = [
  ['nothing', undefined, {}, {}],
  ['a claim in the older field', undefined, { dataSource: claim }, { dataSource: claim, dataSourceRef: claim }],
  [
    'a snapshot in the older field',
    undefined,
    { dataSource: snapshot },
    { dataSource: snapshot, dataSourceRef: snapshot },
  ],
  ['anything else in the older field', undefined, { dataSource: other }, {}],
  ['a claim of a group in the older field', undefined, { dataSource: { ...claim, apiGroup: 'a' } }, {}],
  [
    'anything else in the newer field',
    undefined,
    { dataSourceRef: other },
    { dataSource: other, dataSourceRef: other },
  ],
  ['a source elsewhere', undefined, { dataSourceRef: elsewhere }, {}],
  ['two sources', undefined, { dataSource: claim, dataSourceRef: other }, { dataSource: claim, dataSourceRef: other }],
  [
    'the older field alone, of a claim with both',
    { dataSource: other, dataSourceRef: other },
    { dataSource: other },
    { dataSource: other, dataSourceRef: other },
  ],
  ['anything else, of a claim without', {}, { dataSource: other }, {}],
  [
    'a source elsewhere, of a claim that has it',
    { dataSourceRef: elsewhere },
    { dataSourceRef: elsewhere },
    { dataSourceRef: elsewhere },
  ],
];
for (const [title, before, after, expected] of cases) {
  test(`PersistentVolumeClaim is prepared with ${title}`, () => {
    const draft = readInput(PersistentVolumeClaim, { spec: after });
    if (!before) PersistentVolumeClaim.prepareForCreate?.(draft);
    else PersistentVolumeClaim.prepareForUpdate?.(draft, readInput(PersistentVolumeClaim, { spec: before }) as never);
    const { dataSource, dataSourceRef } = draft.spec;
    assert.deepEqual({ ...(dataSource && { dataSource }), ...(dataSourceRef && { dataSourceRef }) }, expected);
  });
}

const warnings: readonly [title: string, input: Input, expected: readonly string[]][] = [
  ['nothing', { spec: { resources: { requests: { storage: '1.5Gi' }, limits: { storage: '2Gi' } } } }, []],
  [
    'the class in an annotation',
    { metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'a' } }, spec: {} },
    [
      'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    ],
  ],
  [
    'parts of bytes',
    { spec: { resources: { requests: { storage: '1500m' }, limits: { storage: '2500m' } } } },
    [
      'spec.resources.requests[storage]: fractional byte value "1500m" is invalid, must be an integer',
      'spec.resources.limits[storage]: fractional byte value "2500m" is invalid, must be an integer',
    ],
  ],
];
for (const [title, input, expected] of warnings) {
  test(`PersistentVolumeClaim.warnings of ${title}`, () => {
    assert.deepEqual(warningsOf(PersistentVolumeClaim, input), expected);
  });
}
