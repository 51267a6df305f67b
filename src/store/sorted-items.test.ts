import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import { SortedItems } from './sorted-items.ts';

interface Item {
  readonly key: string;
  readonly n: number;
}

describe('SortedItems', () => {
  for (const { name, growth } of [
    { name: 'while it grows', growth: 0.8 },
    { name: 'while it shrinks to nothing and grows again', growth: 0.45 },
  ]) {
    test(`agrees with a sorted array, snapshots included, ${name}`, () => {
      const random = seededRandom(7);
      const tree = new SortedItems<Item>();
      const model = new Map<string, Item>();
      const snapshots: { tree: SortedItems<Item>; items: Item[] }[] = [];
      for (let n = 0; n < 6000; n++) {
        const key = String(Math.floor(random.next() * 3000));
        const item = { key, n };
        if (random.next() < growth) {
          tree.set(item);
          model.set(key, item);
        } else {
          tree.delete(key);
          model.delete(key);
        }
        assert.equal(tree.get(key), model.get(key));
        assert.equal(tree.size, model.size);
        if (n % 500 === 0) snapshots.push({ tree: tree.snapshot(), items: sorted(model) });
      }
      snapshots.push({ tree, items: sorted(model) });
      for (const snapshot of snapshots) {
        assert.deepEqual(snapshot.tree.range({ start: '', end: undefined }), { items: snapshot.items, remaining: 0 });
        for (const [start, end, limit] of [
          ['1', '2', 10],
          ['2999', '3', 0],
          ['15', undefined, 100],
          ['', '1', 5],
          ['5', '4', 5],
        ] as const) {
          const all = snapshot.items.filter(({ key }) => key >= start && (end === undefined || key < end));
          assert.deepEqual(snapshot.tree.range({ start, end }, limit), {
            items: all.slice(0, limit),
            remaining: Math.max(0, all.length - limit),
          });
        }
      }
    });
  }

  test('is the same whether keys come in order or backwards', () => {
    const keys = Array.from({ length: 2000 }, (_, i) => String(i).padStart(5, '0'));
    for (const order of [keys, keys.toReversed()]) {
      const tree = new SortedItems<Item>();
      for (const key of order) tree.set({ key, n: 0 });
      assert.deepEqual(
        tree.range({ start: '', end: undefined }).items.map(({ key }) => key),
        keys,
      );
      for (const key of order) tree.delete(key);
      assert.deepEqual([tree.size, tree.range({ start: '', end: undefined })], [0, { items: [], remaining: 0 }]);
    }
  });

  test('a snapshot that is written to leaves the original alone', () => {
    const tree = new SortedItems<Item>();
    for (let n = 0; n < 100; n++) tree.set({ key: String(n), n });
    const snapshot = tree.snapshot();
    for (let n = 0; n < 100; n++) snapshot.delete(String(n));
    snapshot.set({ key: 'new', n: 1 });
    tree.set({ key: '5', n: 500 });
    assert.deepEqual([tree.size, tree.get('5')?.n, tree.get('new')], [100, 500, undefined]);
    assert.deepEqual([snapshot.size, snapshot.get('5')], [1, undefined]);
  });
});

function sorted(model: ReadonlyMap<string, Item>): Item[] {
  return [...model.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
