import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachOf } from './for-each-of.ts';
import { nextTurn } from './under-way.ts';

const signal = new AbortController().signal;

test('forEachOf does everything, some at a time', async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await forEachOf([1, 2, 3, 4, 5], 2, signal, async (item) => {
    most = Math.max(most, ++running);
    await nextTurn();
    running--;
    done.push(item);
  });
  assert.deepEqual(done.sort(), [1, 2, 3, 4, 5]);
  assert.equal(most, 2);
});

test('forEachOf ends with the first failure, and when it is aborted', async () => {
  const failing = forEachOf([1, 2], 1, signal, async () => {
    throw new Error('no');
  });
  await assert.rejects(failing, /no/);
  await assert.rejects(
    forEachOf([1], 1, AbortSignal.abort(new Error('over')), async () => {}),
    /over/,
  );
});
