import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onceDone, remembered } from './remembered.ts';

test('remembered makes one thing of each object', () => {
  let made = 0;
  const numberOf = remembered((_key: object): number | undefined => {
    made++;
    return undefined;
  });
  const [a, b] = [{}, {}];
  for (const key of [a, b, a, b]) numberOf(key);
  assert.equal(made, 2);
});

test('onceDone tries again only what has failed', async () => {
  let attempts = 0;
  const run = onceDone(async () => {
    if (++attempts === 1) throw new Error('no');
    return attempts;
  });
  await Promise.all([assert.rejects(run(), /no/), assert.rejects(run(), /no/)]);
  assert.deepEqual([await run(), await run()], [2, 2]);
});
