import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FieldError, formatFieldError, Path } from '../field-error.ts';
import type { Condition } from './condition.ts';
import { checkConditions } from './condition-validation.ts';

const NO_REASON =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";
const NO_NAME =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const good: Condition = {
  type: 'example.com/Ready',
  status: 'True',
  observedGeneration: 1,
  lastTransitionTime: '2026-01-01T00:00:00Z',
  reason: 'ReasonA:ReasonB',
  message: '',
};

const cases: readonly [title: string, conditions: readonly Partial<Condition>[], expected: readonly string[]][] = [
  ['several', [{}, { type: 'Other', status: 'Unknown' }], []],
  ['one twice', [{}, {}], ['c[1].type: Duplicate value: "example.com/Ready"']],
  ['no type', [{ type: '!' }], [`c[0].type: Invalid value: "!": ${NO_NAME}`]],
  ['no status', [{ status: '' }], ['c[0].status: Unsupported value: "": supported values: "False", "True", "Unknown"']],
  [
    'a generation before the first',
    [{ observedGeneration: -1 }],
    ['c[0].observedGeneration: Invalid value: -1: must be greater than or equal to zero'],
  ],
  ['no time', [{ lastTransitionTime: null as never }], ['c[0].lastTransitionTime: Required value']],
  ['no reason', [{ reason: '' }], ['c[0].reason: Required value']],
  ['a reason of words', [{ reason: 'a b' }], [`c[0].reason: Invalid value: "a b": ${NO_REASON}`]],
  ['a long reason', [{ reason: 'a'.repeat(1025) }], ['c[0].reason: Too long: may not be more than 1024 bytes']],
  ['a long message', [{ message: 'ä'.repeat(16385) }], ['c[0].message: Too long: may not be more than 32768 bytes']],
];

for (const [title, conditions, expected] of cases) {
  test(`checkConditions of ${title}`, () => {
    const errors: FieldError[] = [];
    const all = conditions.map((condition) => ({ ...good, ...condition }));
    checkConditions(all, Path.of('c'), errors);
    assert.deepEqual(errors.map(formatFieldError), expected);
  });
}
