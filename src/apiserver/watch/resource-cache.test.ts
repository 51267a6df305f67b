import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeJson } from '../../api/json-encode.ts';
import type { AnyObject } from '../../api/kind.ts';
import { nextTurn } from '../../base/under-way.ts';
import type { StoreEvent, StoreItem } from '../../store/store.ts';
import type { Change } from './cache-event.ts';
import { ObjectShelf, type ObjectVersion } from './object-version.ts';
import { type CacheLimits, ResourceCache } from './resource-cache.ts';
import { everythingIn, type Selection } from './selection.ts';
import type { Watcher, WatchItem } from './watcher.ts';

const PREFIX = '/registry/core/pods/';
const LIMITS: CacheLimits = {
  window: { events: 100, bytes: 1 << 20 },
  backlog: { changes: 50, bytes: 1 << 20 },
};

/** A cache with a store's side to it. */
function cacheUnderTest(limits = LIMITS) {
  const cache = new ResourceCache({ shelf: new ObjectShelf({ limitBytes: 1 << 20 }) }, { prefix: PREFIX, limits });
  const items = new Map<string, StoreItem>();
  let revision = 0;
  const put = (key: string, node = '', labels: Record<string, string> = {}): StoreEvent => {
    const name = key.slice(key.indexOf('/') + 1);
    const value = encodeJson({
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name, uid: 'u', labels },
      spec: { nodeName: node },
    });
    const item = { key: PREFIX + key, value, revision: ++revision };
    const previous = items.get(item.key);
    items.set(item.key, item);
    return { type: 'put', item, previous };
  };
  const remove = (key: string): StoreEvent => {
    const previous = items.get(PREFIX + key)!;
    items.delete(PREFIX + key);
    return { type: 'delete', key: PREFIX + key, revision: ++revision, previous };
  };
  return { cache, put, remove, items: () => [...items.values()], revision: () => revision };
}

function onNode(node: string): Selection {
  const nodeOf = (version: ObjectVersion) =>
    version.field('spec.nodeName', (object: AnyObject) => (object['spec'] as { nodeName: string }).nodeName);
  return {
    id: `node ${node}`,
    namespace: '',
    key: undefined,
    field: { name: 'spec.nodeName', value: node, valueOf: nodeOf },
    test: (version) => nodeOf(version) === node,
  };
}

function told(changes: readonly Change[]): string[] {
  return changes.map(({ type, version }) => `${type} ${version.key}@${version.revision}`);
}

async function toldFirst(initial: AsyncIterable<readonly Change[]>): Promise<string[]> {
  const all: string[] = [];
  for await (const changes of initial) all.push(...told(changes));
  return all;
}

async function next(watcher: Watcher): Promise<string[]> {
  const items: readonly WatchItem[] = (await watcher.next()) ?? [];
  return items.flatMap((item) => (item.type === 'changes' ? told(item.batch.changes) : [`BOOKMARK@${item.revision}`]));
}

describe('ResourceCache', () => {
  test('list is in order of keys, by namespace and from a key on', () => {
    const { cache, put } = cacheUnderTest();
    cache.apply([put('b/1'), put('a/2'), put('a/1'), put('a-b/1')]);
    const keys = (namespace: string, from?: string) => cache.list(namespace, from).map(({ key }) => key);
    assert.deepEqual(keys(''), ['a-b/1', 'a/1', 'a/2', 'b/1']);
    assert.deepEqual(keys('a'), ['a/1', 'a/2']);
    assert.deepEqual(keys('a', 'a/1\0'), ['a/2']);
    assert.deepEqual(keys('', 'a/2'), ['a/2', 'b/1']);
    assert.deepEqual(keys('c'), []);
  });

  test('watch from a revision begins with what has happened since', async () => {
    const { cache, put, remove } = cacheUnderTest();
    cache.apply([put('a/1'), put('a/2'), put('a/1')]);
    cache.apply([remove('a/2')]);
    const started = cache.watch(everythingIn(), { after: 2, bookmarks: false });
    assert.deepEqual(await toldFirst(started!.initial), ['MODIFIED a/1@3', 'DELETED a/2@4']);
    cache.apply([put('a/3')]);
    assert.deepEqual(await next(started!.watcher), ['ADDED a/3@5']);
  });

  test('watch that joins between a change and its delivery is told of it once', async () => {
    const { cache, put } = cacheUnderTest();
    const early = cache.watch(everythingIn(), { after: 0, bookmarks: false })!;
    cache.apply([put('a/1')]);
    const late = cache.watch(everythingIn(), { after: undefined, bookmarks: false })!;
    cache.apply([put('a/2')]);
    assert.deepEqual(await toldFirst(late.initial), ['ADDED a/1@1']);
    assert.deepEqual(await next(late.watcher), ['ADDED a/2@2']);
    assert.deepEqual(await next(early.watcher), ['ADDED a/1@1', 'ADDED a/2@2']);
  });

  test('watch is refused for a past that has left the window', () => {
    const { cache, put } = cacheUnderTest({ ...LIMITS, window: { events: 2, bytes: 1 << 20 } });
    cache.apply([put('a/1'), put('a/2'), put('a/3')]);
    assert.equal(cache.watch(everythingIn(), { after: 0, bookmarks: false }), undefined);
    assert.ok(cache.watch(everythingIn(), { after: 1, bookmarks: false }));
    assert.equal(cache.watchableSince, 1);
  });

  test('watch by a field tells of what comes to match and what no longer does', async () => {
    const { cache, put, remove } = cacheUnderTest();
    cache.apply([put('a/1')]);
    const { watcher } = cache.watch(onNode('n1'), { after: 1, bookmarks: false })!;
    const other = cache.watch(onNode('n2'), { after: 1, bookmarks: false })!;
    cache.apply([put('a/1', 'n1'), put('a/1', 'n1')]);
    assert.deepEqual(await next(watcher), ['ADDED a/1@2', 'MODIFIED a/1@3']);
    cache.apply([put('a/1', 'n2')]);
    assert.deepEqual(await next(watcher), ['DELETED a/1@4']);
    assert.deepEqual(await next(other.watcher), ['ADDED a/1@4']);
    cache.apply([remove('a/1')]);
    assert.deepEqual(await next(other.watcher), ['DELETED a/1@5']);
  });

  test('DELETED by a selector carries the last version that matched, under the new revision', async () => {
    const { cache, put } = cacheUnderTest();
    const { watcher } = cache.watch(onNode('n1'), { after: 0, bookmarks: false })!;
    cache.apply([put('a/1', 'n1', { seen: 'yes' }), put('a/1', 'n2', { seen: 'no' })]);
    const items = (await watcher.next()) ?? [];
    const [, deleted] = items[0]?.type === 'changes' ? items[0].batch.changes : [];
    assert.equal(deleted?.type, 'DELETED');
    assert.deepEqual(deleted?.version.labels, { seen: 'yes' });
    assert.equal(deleted?.version.object.metadata.resourceVersion, '2');
  });

  test('index finds objects by a field, through changes of it and while it is being made', async () => {
    const { cache, put, remove } = cacheUnderTest();
    for (let i = 0; i < 600; i++) cache.apply([put(`a/${i}`, i % 100 ? 'other' : 'n1')]);
    const selection = onNode('n1');
    const found = () => cache.candidates(selection).map(({ key }) => key);
    assert.equal(found().length, 600);
    const made = cache.index(selection.field!);
    cache.apply([put('a/100', 'other'), put('a/7', 'n1'), remove('a/200')]);
    await made;
    assert.deepEqual(found(), ['a/0', 'a/300', 'a/400', 'a/500', 'a/7']);
    cache.apply([put('a/300', 'n2'), put('a/601', 'n1'), remove('a/400')]);
    assert.deepEqual(found(), ['a/0', 'a/500', 'a/601', 'a/7']);
    assert.deepEqual(
      cache.candidates(selection, 'a/6').map(({ key }) => key),
      ['a/601', 'a/7'],
    );
    assert.deepEqual(cache.candidates(onNode('n3')), []);
  });

  test('watchers of one selection share a batch and each encoding of it', async () => {
    const { cache, put } = cacheUnderTest();
    const watchers = [1, 2, 3].map(() => cache.watch(everythingIn('a'), { after: 0, bookmarks: false })!.watcher);
    cache.apply([put('a/1'), put('b/1')]);
    cache.apply([put('a/2')]);
    let encodings = 0;
    const results = await Promise.all(
      watchers.map(async (watcher) => {
        const [item] = (await watcher.next()) ?? [];
        assert.equal(item?.type, 'changes');
        return item.batch.encoded('test', (changes) => {
          encodings++;
          return told(changes);
        });
      }),
    );
    assert.equal(encodings, 1);
    assert.deepEqual(results[0], ['ADDED a/1@1', 'ADDED a/2@3']);
    assert.equal(results[2], results[0]);
  });

  test('a watcher that falls too far behind is ended, and only that one', async () => {
    const { cache, put } = cacheUnderTest();
    const slow = cache.watch(everythingIn(), { after: 0, bookmarks: false })!.watcher;
    const quick = cache.watch(everythingIn('a'), { after: 0, bookmarks: false })!.watcher;
    let seen = 0;
    for (let i = 0; i < 60; i++) {
      cache.apply([put(`a/${i}`)]);
      seen += (await next(quick)).length;
    }
    assert.equal(seen, 60);
    assert.equal(await slow.next(), undefined);
    assert.equal(cache.hub.watchers, 1);
  });

  test('bookmarks go to those who want them, the newest only', async () => {
    const { cache, put } = cacheUnderTest();
    const wants = cache.watch(everythingIn(), { after: 0, bookmarks: true })!.watcher;
    const not = cache.watch(everythingIn(), { after: 0, bookmarks: false })!.watcher;
    cache.hub.bookmark(3);
    cache.apply([put('a/1')]);
    cache.hub.bookmark(4);
    cache.hub.bookmark(5);
    assert.deepEqual(await next(wants), ['BOOKMARK@3', 'ADDED a/1@1', 'BOOKMARK@5']);
    assert.deepEqual(await next(not), ['ADDED a/1@1']);
  });

  test('load starts over: watches end, listeners are told what is different', async () => {
    const { cache, put, remove, items, revision } = cacheUnderTest();
    cache.apply([put('a/1'), put('a/2')]);
    const { watcher } = cache.watch(everythingIn(), { after: 2, bookmarks: false })!;
    const heard: string[] = [];
    using _listening = cache.listen(({ current, previous }) => {
      heard.push(`${previous?.revision ?? '-'} ${current?.revision ?? '-'} ${(current ?? previous)?.key}`);
    });
    remove('a/1');
    put('a/2');
    put('a/3');
    cache.load(items(), revision());
    assert.equal(await watcher.next(), undefined);
    assert.deepEqual(heard.sort(), ['- 5 a/3', '1 - a/1', '2 4 a/2']);
    assert.deepEqual(
      cache.list('').map(({ key }) => key),
      ['a/2', 'a/3'],
    );
    assert.equal(cache.watch(everythingIn(), { after: 2, bookmarks: false }), undefined);
  });

  test('expect gives the object that was written to the version that comes of it', async () => {
    const { cache } = cacheUnderTest();
    const object = { kind: 'Pod', apiVersion: 'v1', metadata: { name: '1', uid: 'u' } } as unknown as AnyObject;
    const stored = encodeJson(object);
    const item = { key: `${PREFIX}a/1`, value: stored.slice(), revision: 8 };
    {
      using _expected = cache.expect('a/1', stored, object);
      cache.apply([{ type: 'put', item, previous: undefined }]);
    }
    assert.equal(cache.get('a/1')?.object, object);
    cache.apply([{ type: 'put', item: { ...item, revision: 9 }, previous: item }]);
    assert.notEqual(cache.get('a/1')?.object, object);
    await nextTurn();
  });
});
