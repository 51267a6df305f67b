import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff, backoffDelayMs } from './backoff.ts';
import { FakeClock } from './clock.ts';
import { seededRandom } from './random.ts';
import { TokenBucket } from './token-bucket.ts';

test('backoffDelayMs grows by its factor up to the limit', () => {
  const delays = [1, 2, 3, 4, 5, 100].map((failures) => backoffDelayMs(failures, { baseMs: 100, maxMs: 1000 }));
  assert.deepEqual(delays, [100, 200, 400, 800, 1000, 1000]);
  assert.equal(backoffDelayMs(3, { baseMs: 10, maxMs: 1000, factor: 3 }), 90);
});

test('Backoff adds jitter within its bounds and starts anew after a reset', () => {
  const backoff = new Backoff({ baseMs: 100, maxMs: 1000, jitter: 0.5 }, seededRandom(1));
  const first = backoff.next();
  assert.ok(first >= 100 && first < 150);
  const second = backoff.next();
  assert.ok(second >= 200 && second < 300);
  backoff.reset();
  assert.ok(backoff.next() < 150);
});

test('TokenBucket lets a burst through and then its rate', async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, { perSecond: 2, burst: 3 });
  assert.deepEqual([bucket.take(), bucket.take(), bucket.take(), bucket.take()], [true, true, true, false]);
  await clock.advance(500);
  assert.deepEqual([bucket.take(), bucket.take()], [true, false]);
  assert.deepEqual([bucket.reserveMs(), bucket.reserveMs()], [500, 1000]);
});
