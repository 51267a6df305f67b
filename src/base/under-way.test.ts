import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nextTurn, settled, underWay } from './under-way.ts';

describe('settled', () => {
  test('waits for turns, for what is done elsewhere, and for what either sets off', async () => {
    const seen: string[] = [];
    const work = async () => {
      await nextTurn();
      await underWay(crypto.subtle.digest('SHA-256', new Uint8Array(1_000_000)));
      seen.push('hashed');
      for (let turns = 0; turns < 3; turns++) await nextTurn();
      seen.push('turned');
    };
    void work();
    await settled();
    assert.deepEqual(seen, ['hashed', 'turned']);
  });

  test('does not wait for what has failed', async () => {
    const failing = underWay(nextTurn().then(() => Promise.reject(new Error('no'))));
    const failure = assert.rejects(failing, /no/);
    await settled();
    await failure;
  });

  test('gives up on what never ends', async () => {
    const endless = Promise.withResolvers<void>();
    const waiting = underWay(endless.promise);
    await assert.rejects(settled({ patienceMs: 5 }), /has not ended within 5 ms/);
    endless.resolve();
    await waiting;
    await settled();
  });
});
