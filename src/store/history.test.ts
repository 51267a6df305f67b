import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { History } from './history.ts';
import { prefixRange, type StoreEvent } from './store.ts';

const EVERYTHING = prefixRange('');

describe('History without values', () => {
  test('has the values of what was written since the compaction, and of what was written over since then', () => {
    const history = new History({ keepValues: false });
    history.load([{ key: '/old', revision: 3, created: 2, item: undefined }], 5);
    const old = history.get('/old')!;
    assert.equal(history.itemOf(old), undefined);

    const read = { key: '/old', revision: 3, value: Uint8Array.of(3) };
    const first = put('/old', 6, read);
    history.apply([first]);
    assert.equal(history.itemOf(old), read, 'whoever still holds the entry gets what the write brought along');
    const entry = history.get('/old')!;
    assert.deepEqual([entry.revision, entry.created, history.itemOf(entry)], [6, 2, first.item]);

    history.compact(6);
    assert.equal(history.itemOf(entry), undefined, 'the value is forgotten with its event');
    history.apply([put('/old', 7, first.item)]);
    assert.equal(history.itemOf(entry), first.item);
  });

  test('counts a key that was deleted and made again as a new one', () => {
    const history = new History({ keepValues: false });
    const first = put('/a', 1, undefined);
    history.apply([first, { type: 'delete', key: '/a', revision: 2, previous: first.item }, put('/a', 3, undefined)]);
    assert.equal(history.get('/a')?.created, 3);
  });
});

describe('History.list', () => {
  test('gives the same entries for a past revision before and after a compaction below it', () => {
    const history = new History({ keepValues: true });
    const previous = new Map<string, ReturnType<typeof put>>();
    for (let revision = 1; revision <= 2000; revision++) {
      const key = `/${revision % 37}`;
      const event = put(key, revision, previous.get(key)?.item);
      previous.set(key, event);
      history.apply([event]);
    }
    const revisions = [1000, 1023, 1024, 1025, 1279, 1280, 1500, 2000];
    const before = revisions.map((revision) => history.list(EVERYTHING, { revision }));
    history.compact(999);
    history.compact(1000);
    assert.deepEqual(
      revisions.map((revision) => history.list(EVERYTHING, { revision })),
      before,
    );
  });
});

function put(key: string, revision: number, previous: StoreEvent['previous']): Extract<StoreEvent, { type: 'put' }> {
  return { type: 'put', item: { key, revision, value: Uint8Array.of(revision & 255) }, previous };
}
