import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Duration, durationMs } from './duration.ts';

describe('durationMs', () => {
  const cases: readonly [Duration, number][] = [
    [{}, 0],
    [{ days: 1 }, 86_400_000],
    [{ hours: 1, minutes: 30 }, 5_400_000],
    [{ seconds: 1.5, milliseconds: 2 }, 1502],
  ];
  for (const [duration, expected] of cases) {
    test(JSON.stringify(duration), () => assert.equal(durationMs(duration), expected));
  }

  test('refuses what cannot pass', () => {
    for (const seconds of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => durationMs({ seconds }), RangeError);
  });
});
