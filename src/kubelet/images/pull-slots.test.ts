import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PullSlots, pullsAtOnce } from './pull-slots.ts';

describe('pullsAtOnce', () => {
  test('is bounded by default, one where pulls are serialized, else as many as are allowed', () => {
    const cases = [{}, { serializeImagePulls: true }, { maxParallelImagePulls: 3 }];
    assert.deepEqual(cases.map(pullsAtOnce), [5, 1, 3]);
    assert.equal(pullsAtOnce({ serializeImagePulls: true, maxParallelImagePulls: 1 }), 1);
  });

  test('refuses what contradicts itself', () => {
    assert.throws(
      () => pullsAtOnce({ serializeImagePulls: true, maxParallelImagePulls: 2 }),
      /cannot be larger than 1/,
    );
    assert.throws(() => pullsAtOnce({ maxParallelImagePulls: 0 }), /must be a positive number/);
  });
});

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
