import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FieldError, formatFieldError, Path } from './field-error.ts';
import { checkAtMostAll, checkShare, figureOf } from './share-checks.ts';

const AT = Path.of('share');
const faultsOf = (check: typeof checkShare, value: number | string): string[] => {
  const errors: FieldError[] = [];
  check(value, AT, errors);
  return errors.map(formatFieldError);
};

test('checkShare takes counts and percentages', () => {
  for (const value of [0, 3, '0%', '250%']) assert.deepEqual(faultsOf(checkShare, value), []);
  assert.deepEqual(faultsOf(checkShare, -1), ['share: Invalid value: -1: must be greater than or equal to 0']);
  for (const value of ['3', '-5%', '1.5%', '']) {
    assert.match(faultsOf(checkShare, value)[0] ?? '', /: a valid percent string must be a numeric string followed/);
  }
});

test('checkAtMostAll refuses more than all there is', () => {
  for (const value of [500, '0%', '100%', 'some']) assert.deepEqual(faultsOf(checkAtMostAll, value), []);
  assert.deepEqual(faultsOf(checkAtMostAll, '101%'), ['share: Invalid value: "101%": must not be greater than 100%']);
});

test('figureOf is the number, of whatever', () => {
  assert.deepEqual([3, '25%', '0%', 'some'].map(figureOf), [3, 25, 0, 0]);
});
