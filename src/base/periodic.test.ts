import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './clock.ts';
import { createLogger } from './log.ts';
import { periodic } from './periodic.ts';

test('periodic goes on after a failure, which it logs, and ends when it is closed', async () => {
  const clock = new FakeClock(0);
  const logged: unknown[] = [];
  const log = createLogger(({ fields }) => logged.push(fields['what']));
  const at: number[] = [];
  const work = periodic({ clock, log }, { what: 'the check', everyMs: 100 }, async () => {
    at.push(clock.now());
    if (at.length === 1) throw new Error('once');
  });
  await clock.advance(350);
  assert.deepEqual(at, [100, 200, 300]);
  assert.deepEqual(logged, ['the check']);
  await work[Symbol.asyncDispose]();
  await clock.advance(1_000);
  assert.equal(at.length, 3);
  assert.equal(clock.pending, 0);
});
