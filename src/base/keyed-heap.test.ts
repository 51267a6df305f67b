import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KeyedHeap } from './keyed-heap.ts';
import { seededRandom } from './random.ts';

interface Item {
  readonly key: string;
  readonly value: number;
}

describe('KeyedHeap', () => {
  test('comes out in order after any mix of sets, changes and deletions', () => {
    const random = seededRandom(11);
    const heap = new KeyedHeap<Item>(
      ({ key }) => key,
      (a, b) => a.value - b.value,
    );
    const model = new Map<string, number>();
    for (let i = 0; i < 5000; i++) {
      const key = `k${Math.floor(random.next() * 300)}`;
      const value = Math.floor(random.next() * 1000);
      if (random.next() < 0.3) {
        assert.equal(heap.delete(key)?.value, model.get(key));
        model.delete(key);
      } else if (random.next() < 0.1) {
        const popped = heap.pop();
        assert.equal(popped?.value, model.size > 0 ? Math.min(...model.values()) : undefined);
        if (popped) model.delete(popped.key);
      } else {
        heap.set({ key, value });
        model.set(key, value);
      }
      assert.equal(heap.size, model.size);
      assert.equal(heap.get(key)?.value, model.get(key));
    }
    const rest = [];
    for (let item = heap.pop(); item; item = heap.pop()) rest.push(item.value);
    assert.deepEqual(
      rest,
      [...model.values()].sort((a, b) => a - b),
    );
  });
});
