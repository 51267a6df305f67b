import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../base/clock.ts';
import { RetryAdvice } from './retry-advice.ts';

test('RetryAdvice is a second at first, grows while many are turned away, and shrinks again', async () => {
  const clock = new FakeClock();
  const advice = new RetryAdvice({ clock });
  const refuse = (times: number) => {
    let seconds = 0;
    for (let i = 0; i < times; i++) seconds = advice.afterRefusal('level');
    return seconds;
  };
  assert.equal(refuse(10), 1);
  await clock.advance(1000);
  assert.equal(refuse(10), 2);
  await clock.advance(1000);
  assert.equal(refuse(10), 2);
  await clock.advance(1000);
  assert.equal(refuse(10), 4);
  for (let second = 0; second < 120; second++) {
    await clock.advance(1000);
    refuse(200);
  }
  assert.equal(refuse(1), 32);
  assert.equal(advice.afterRefusal('other'), 1);
  await clock.advance(40_000);
  assert.equal(refuse(1), 31);
});
