import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { ControllerRevision } from './controller-revision.ts';

type Input = Parameters<typeof faultsOf<typeof ControllerRevision>>[1];

const data = { spec: { a: 'b' } };
const cases: readonly [title: string, input: Input, expected: readonly string[]][] = [
  ['a state', { data, revision: 0 }, []],
  ['no state', { revision: 1 }, ['data: Required value: data is mandatory']],
  [
    'a state before the first',
    { data, revision: -1 },
    ['revision: Invalid value: -1: must be greater than or equal to 0'],
  ],
];
for (const [title, input, expected] of cases) {
  test(`ControllerRevision.validate of ${title}`, () =>
    assert.deepEqual(faultsOf(ControllerRevision, input), expected));
}

test('ControllerRevision.validateUpdate keeps the state', () => {
  assert.deepEqual(updateFaultsOf(ControllerRevision, { data, revision: 2 }, { data, revision: 1 }), []);
  assert.deepEqual(updateFaultsOf(ControllerRevision, { data: { c: 'd' }, revision: 1 }, { data, revision: 1 }), [
    'data: Invalid value: {"c":"d"}: field is immutable',
  ]);
});
