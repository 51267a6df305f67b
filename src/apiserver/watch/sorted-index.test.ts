import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { SortedIndex } from './sorted-index.ts';

const keysOf = (values: readonly { readonly key: string }[]) => values.map(({ key }) => key);

describe('SortedIndex', () => {
  test('range is in byte order and half open', () => {
    const index = new SortedIndex<{ key: string }>();
    for (const key of ['b/x', 'a/x', 'a-b/x', 'a/', 'a0', 'A/x']) index.set({ key });
    assert.deepEqual(keysOf(index.range('', undefined)), ['A/x', 'a-b/x', 'a/', 'a/x', 'a0', 'b/x']);
    assert.deepEqual(keysOf(index.range('a/', 'a0')), ['a/', 'a/x']);
    assert.deepEqual(keysOf(index.range('z', undefined)), []);
    assert.deepEqual(keysOf(index.range('b', 'a')), []);
  });

  test('range is not touched by later changes', () => {
    const index = new SortedIndex<{ key: string }>();
    index.set({ key: 'a' });
    const before = index.range('', undefined);
    index.delete('a');
    index.set({ key: 'b' });
    assert.deepEqual(keysOf(before), ['a']);
  });

  test('agrees with a sorted map over random changes', () => {
    const random = seededRandom(3);
    const index = new SortedIndex<{ key: string; round: number }>();
    const model = new Map<string, number>();
    for (let round = 0; round < 3000; round++) {
      const key = `k${Math.floor(random.next() * 200)}`;
      if (random.next() < 0.4) {
        index.delete(key);
        model.delete(key);
      } else {
        index.set({ key, round });
        model.set(key, round);
      }
    }
    const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
    assert.deepEqual(
      index.range('', undefined).map(({ key, round }) => [key, round]),
      expected,
    );
    assert.equal(index.size, model.size);
    for (const [key, round] of expected) assert.equal(index.get(key)?.round, round);
  });
});
