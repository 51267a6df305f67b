import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock, sleep } from './clock.ts';
import { nextTurn } from './under-way.ts';

describe('FakeClock', () => {
  test('calls back in the order of time, each at its own moment, and equal moments in the order of asking', async () => {
    const clock = new FakeClock(0);
    const calls: string[] = [];
    clock.after(20, () => calls.push(`b@${clock.now()}`));
    clock.after(10, () => calls.push(`a@${clock.now()}`));
    clock.after(20, () => calls.push(`c@${clock.now()}`));
    await clock.advance(15);
    assert.deepEqual(calls, ['a@10']);
    await clock.advance(15);
    assert.deepEqual(calls, ['a@10', 'b@20', 'c@20']);
    assert.equal(clock.now(), 30);
    assert.equal(clock.pending, 0);
  });

  test('lets what a callback sets off wait within the same step', async () => {
    const clock = new FakeClock(0);
    const seen: number[] = [];
    clock.after(10, () => void sleep(clock, 5).then(() => seen.push(clock.now())));
    await clock.advance(100);
    assert.deepEqual(seen, [15]);
  });

  test('time stands still until what is under way has ended, however many turns it takes', async () => {
    const clock = new FakeClock(0);
    const seen: string[] = [];
    clock.after(10, async () => {
      for (let turns = 0; turns < 5; turns++) await nextTurn();
      seen.push(`turned@${clock.now()}`);
    });
    clock.after(11, () => seen.push(`next@${clock.now()}`));
    await clock.advance(20);
    assert.deepEqual(seen, ['turned@10', 'next@11']);
  });

  test('advances to the next callback, if there is one', async () => {
    const clock = new FakeClock(0);
    clock.after(10, () => {});
    assert.deepEqual([await clock.advanceToNext(50), clock.now()], [true, 10]);
    assert.deepEqual([await clock.advanceToNext(50), clock.now()], [false, 50]);
  });

  test('does not call back what was disposed', async () => {
    const clock = new FakeClock(0);
    const timer = clock.after(10, () => assert.fail('it was disposed'));
    timer[Symbol.dispose]();
    await clock.advance(100);
  });
});

describe('sleep', () => {
  test('rejects with the reason when it is aborted, and leaves no timer', async () => {
    const clock = new FakeClock(0);
    const abort = new AbortController();
    const sleeping = sleep(clock, 1_000, abort.signal);
    abort.abort(new Error('enough'));
    await assert.rejects(sleeping, /enough/);
    assert.equal(clock.pending, 0);
  });

  test('rejects at once when it was aborted before', async () => {
    await assert.rejects(sleep(new FakeClock(0), 1_000, AbortSignal.abort(new Error('before'))), /before/);
  });
});
