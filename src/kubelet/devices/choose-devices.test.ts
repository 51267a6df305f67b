import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseFrom, settleChoice } from './choose-devices.ts';

describe('chooseFrom and settleChoice', () => {
  const resource = 'example.com/device';
  const cases: readonly (readonly [
    name: string,
    count: number,
    free: readonly string[],
    reusable: readonly string[],
    preferred: readonly string[],
    expected: readonly string[],
  ])[] = [
    ['the first that are free', 2, ['a', 'b', 'c'], [], [], ['a', 'b']],
    ['what the plugin prefers, filled up', 2, ['a', 'b', 'c'], [], ['c'], ['c', 'a']],
    ['what an init container had', 2, ['b', 'c'], ['a'], ['c'], ['a', 'c']],
    ['no more than is wanted', 1, ['c'], ['a', 'b'], ['c'], ['a']],
    ['nothing that is not free', 1, ['a'], [], ['x'], ['a']],
  ];
  for (const [name, count, free, reusable, preferred, expected] of cases) {
    test(name, () => {
      const choice = chooseFrom({ resource, count, free, reusable });
      assert.deepEqual(settleChoice(choice, count, preferred), expected);
    });
  }

  test('says how many there are when there are not enough', () => {
    assert.throws(() => chooseFrom({ resource, count: 3, free: ['b'], reusable: ['a'] }), {
      message: 'requested number of devices unavailable for example.com/device. Requested: 3, Available: 2',
    });
  });
});
