import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { VolumeAttributesClass } from './volume-attributes-class.ts';

type Input = Parameters<typeof faultsOf<typeof VolumeAttributesClass>>[1];

const base: Input = { driverName: 'Disks.example.com', parameters: { iops: '100' } };

const cases: readonly [title: string, given: Partial<Input>, expected: readonly string[]][] = [
  ['all there is', {}, []],
  [
    'a driver that is none',
    { driverName: '!A' },
    [
      "driverName: Invalid value: \"!a\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  ['no parameters', { parameters: {} }, ['parameters: Required value: must contain at least one key/value pair']],
  [
    'a parameter without a name',
    { parameters: { '': 'a' } },
    ['parameters: Invalid value: "": field can not be empty.'],
  ],
];

for (const [title, given, expected] of cases) {
  test(`VolumeAttributesClass.validate of ${title}`, () => {
    assert.deepEqual(faultsOf(VolumeAttributesClass, { ...base, ...given }), expected);
  });
}

test('VolumeAttributesClass.validateUpdate keeps what volumes have been changed to', () => {
  const labelled = { ...base, metadata: { labels: { a: 'b' } } };
  assert.deepEqual(updateFaultsOf(VolumeAttributesClass, labelled, base), []);
  assert.deepEqual(updateFaultsOf(VolumeAttributesClass, { driverName: 'other', parameters: { iops: '1' } }, base), [
    'driverName: Forbidden: updates to driverName are forbidden.',
    'parameters: Forbidden: updates to parameters are forbidden.',
  ]);
});
