import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { whenDone } from './when-done.ts';

describe('whenDone', () => {
  const end = (ask: () => number | Promise<number>) =>
    whenDone(
      ask,
      (result) => `done: ${result}`,
      (error) => `failed: ${(error as Error).message}`,
    );
  const fail = () => {
    throw new Error('no');
  };

  test('goes on at once where nothing is waited for', () => {
    assert.equal(
      end(() => 1),
      'done: 1',
    );
    assert.equal(end(fail), 'failed: no');
  });

  test('goes on when a promise has ended', async () => {
    assert.equal(await end(async () => 1), 'done: 1');
    assert.equal(await end(async () => fail()), 'failed: no');
  });

  test('does not take an error of what goes on for one of what was asked', () => {
    assert.throws(() => whenDone(() => 1, fail, String), /no/);
  });
});
