import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PullSlots } from './pull-slots.ts';

test('PullSlots: the others wait in order, and a pull that fails gives its slot back', async () => {
  const slots = new PullSlots(2);
  const begun: string[] = [];
  const pulls = ['a', 'b', 'c', 'd'].map((name) => {
    const end = Promise.withResolvers<void>();
    const done = slots.run(() => {
      begun.push(name);
      return end.promise;
    });
    return { ...end, done };
  });
  assert.deepEqual(begun, ['a', 'b']);
  pulls[1]!.reject(new Error('no route'));
  await assert.rejects(pulls[1]!.done);
  assert.deepEqual(begun, ['a', 'b', 'c']);
  for (const { resolve } of pulls) resolve();
  await Promise.allSettled(pulls.map(({ done }) => done));
  assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
});
