import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { Lease } from '../coordination/lease.ts';
import { RuntimeClass } from '../node/runtime-class.ts';
import { readInput } from '../read-input.ts';
import { PriorityClass } from './priority-class.ts';

const cases: readonly [title: string, row: string, expected: string][] = [
  [
    'PriorityClass',
    rowOf(PriorityClass, { value: 100, globalDefault: true }),
    'x | 100 | true | 60m | PreemptLowerPriority',
  ],
  ['RuntimeClass', rowOf(RuntimeClass, { handler: 'runc' }), 'x | runc | 60m'],
  ['Lease', rowOf(Lease, { spec: { holderIdentity: 'node' } }), 'x | node | 60m'],
  ['a Lease of nobody', rowOf(Lease, {}), 'x |  | 60m'],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test('PriorityClass preempts, and is of the first generation for ever', () => {
  const priorityClass = readInput(PriorityClass, { value: 1 });
  PriorityClass.prepareForCreate?.(priorityClass);
  assert.equal(priorityClass.preemptionPolicy, 'PreemptLowerPriority');
  assert.equal(priorityClass.metadata.generation, 1);
});
