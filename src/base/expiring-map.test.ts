import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from './clock.ts';
import { ExpiringMap } from './expiring-map.ts';

describe('ExpiringMap', () => {
  test('keeps an answer for as long as it is good', async () => {
    const clock = new FakeClock();
    const map = new ExpiringMap<number>(clock, { limit: 9 });
    map.set('a', 1, 1000);
    await clock.advance(999);
    assert.equal(map.get('a'), 1);
    await clock.advance(1);
    assert.equal(map.get('a'), undefined);
  });

  test('forgets the oldest first', () => {
    const map = new ExpiringMap<number>(new FakeClock(), { limit: 2 });
    for (const [index, key] of ['a', 'b', 'a', 'c'].entries()) map.set(key, index, 1000);
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => map.get(key)),
      [2, undefined, 3],
    );
  });
});
