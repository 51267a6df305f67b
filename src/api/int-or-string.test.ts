import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPercent, PercentError, percentOf, scaledValue } from './int-or-string.ts';

test('scaledValue takes numbers as they are and percentages of the total', () => {
  const cases: readonly (readonly [number | string, number, 'up' | 'down', number])[] = [
    [3, 10, 'up', 3],
    ['25%', 10, 'up', 3],
    ['25%', 10, 'down', 2],
    ['100%', 7, 'down', 7],
    ['0%', 7, 'up', 0],
    ['-50%', 3, 'down', -2],
    ['150%', 10, 'up', 15],
  ];
  for (const [value, total, rounding, expected] of cases) {
    assert.equal(scaledValue(value, total, rounding), expected, `${value} of ${total} ${rounding}`);
  }
});

test('percentOf refuses strings that are no percentage', () => {
  assert.equal(percentOf('30%'), 30);
  assert.throws(
    () => percentOf('30'),
    new PercentError('invalid value for IntOrString: invalid type: string is not a percentage'),
  );
  assert.throws(
    () => percentOf('x%'),
    new PercentError('invalid value for IntOrString: invalid value "x%": strconv.Atoi: parsing "x": invalid syntax'),
  );
});

test('isPercent tells percentages from names and numbers', () => {
  assert.deepEqual([10, '10%', '10', 'http'].map(isPercent), [false, true, false, false]);
});
