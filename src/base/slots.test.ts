import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FakeClock } from './clock.ts';
import { Slots, type SlotsOptions, type TurnOptions } from './slots.ts';

/** Works that begin when they may and end when they are told. */
function worksOn(count: number, options?: SlotsOptions) {
  const slots = new Slots(count, options);
  const begun: string[] = [];
  const start = (name: string, turn?: TurnOptions) => {
    const end = Promise.withResolvers<void>();
    const done = slots.run(() => {
      begun.push(name);
      return end.promise;
    }, turn);
    done.catch(() => {}); // Looked at where it matters.
    return { ...end, done };
  };
  return { begun, start };
}

describe('Slots', () => {
  test('the others wait in order, and work that fails gives its slot back', async () => {
    const { begun, start } = worksOn(2);
    const works = ['a', 'b', 'c', 'd'].map((name) => start(name));
    assert.deepEqual(begun, ['a', 'b']);
    works[1]!.reject(new Error('no route'));
    await assert.rejects(works[1]!.done);
    await turn();
    assert.deepEqual(begun, ['a', 'b', 'c']);
    for (const { resolve } of works) resolve();
    await Promise.allSettled(works.map(({ done }) => done));
    assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
  });

  test('what is urgent goes first, in order', async () => {
    const { begun, start } = worksOn(1);
    const works = [start('a'), start('b'), start('c', { urgent: true }), start('d', { urgent: true })];
    for (const { resolve } of works) resolve();
    await Promise.all(works.map(({ done }) => done));
    assert.deepEqual(begun, ['a', 'c', 'd', 'b']);
  });

  test('work that is given up before its turn is passed over', async () => {
    const { begun, start } = worksOn(1);
    const giveUp = new AbortController();
    const first = start('a');
    const given = start('b', { signal: giveUp.signal });
    const last = start('c');
    giveUp.abort(new Error('not any more'));
    await assert.rejects(given.done, /not any more/);
    await assert.rejects(start('d', { signal: giveUp.signal }).done, /not any more/);
    for (const { resolve } of [first, last]) resolve();
    await Promise.all([first.done, last.done]);
    assert.deepEqual(begun, ['a', 'c']);
  });

  test('work that hangs keeps its slot for a while only, and gives it on once', async () => {
    const clock = new FakeClock();
    const { begun, start } = worksOn(1, { patience: { clock, ms: 1_000 } });
    const hanging = start('a');
    const second = start('b');
    const third = start('c');
    await clock.advance(999);
    assert.deepEqual(begun, ['a']);
    await clock.advance(1);
    await turn();
    assert.deepEqual(begun, ['a', 'b']);
    hanging.resolve();
    await hanging.done;
    await turn();
    assert.deepEqual(begun, ['a', 'b']);
    second.resolve();
    await second.done;
    await turn();
    assert.deepEqual(begun, ['a', 'b', 'c']);
    third.resolve();
    await third.done;
  });
});
