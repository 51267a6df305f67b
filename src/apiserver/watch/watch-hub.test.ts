import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeJson } from '../../api/json-encode.ts';
import { nextTurn } from '../../base/under-way.ts';
import { CacheEvent } from './cache-event.ts';
import { ObjectShelf, ObjectVersion } from './object-version.ts';
import { everythingIn } from './selection.ts';
import { WatchHub } from './watch-hub.ts';
import type { Watcher } from './watcher.ts';

const LIMITS = { changes: 10_000, bytes: 64 << 20 };
const BOOKMARKS = { bookmarks: true };
const shelf = new ObjectShelf({ limitBytes: 0 });

/** An object that is added at the revision, with so many bytes. */
function added(revision: number, sizeBytes = 100): CacheEvent {
  const name = `object-${revision}`;
  const stored = encodeJson({ metadata: { name, uid: 'u' }, data: 'x'.repeat(sizeBytes) });
  const current = new ObjectVersion({ shelf }, { key: `a/${name}`, revision, stored });
  return new CacheEvent({ revision, current, previous: undefined });
}

/** The revisions that a watcher is told of until it ends; a bookmark as `<5`. */
async function toldUntilEnd(watcher: Watcher): Promise<string[]> {
  const told: string[] = [];
  for (let items = await watcher.next(); items; items = await watcher.next()) {
    for (const item of items) {
      if (item.type === 'bookmark') told.push(`<${item.revision}`);
      else told.push(...item.batch.changes.map(({ version }) => String(version.revision)));
    }
  }
  return told;
}

describe('WatchHub', () => {
  test('lets the event loop turn while many watchers are told much, each of all in order', async () => {
    const hub = new WatchHub({ limits: LIMITS });
    const watchers = Array.from({ length: 200 }, () => hub.join(everythingIn(), BOOKMARKS));
    const ends = watchers.map(toldUntilEnd);
    hub.dispatch(Array.from({ length: 10 }, (_, i) => added(i + 1, 10_000)));
    let turns = 0;
    let ended = false;
    void Promise.all(ends).then(() => {
      ended = true;
    });
    hub.endAll();
    for (; !ended; turns++) {
      await nextTurn();
      if (turns === 3) hub.dispatch([added(11)]); // Comes behind the end.
    }
    assert.ok(turns > 5, `${turns} turns`);
    const expected = Array.from({ length: 10 }, (_, i) => String(i + 1));
    for (const told of await Promise.all(ends)) assert.deepEqual(told, expected);
    assert.equal(hub.watchers, 0);
  });

  test('tells who joins meanwhile of what comes later only, and others of everything', async () => {
    const hub = new WatchHub({ limits: LIMITS });
    const early = Array.from({ length: 50 }, () => hub.join(everythingIn(), BOOKMARKS));
    hub.dispatch([added(1, 100_000)]);
    await nextTurn();
    await nextTurn(); // Some of the early ones have been told.
    hub.dispatch([added(2)]);
    const late = hub.join(everythingIn(), BOOKMARKS);
    hub.dispatch([added(3)]);
    hub.endAll();
    assert.deepEqual(await toldUntilEnd(late), ['3']);
    for (const watcher of early) assert.deepEqual(await toldUntilEnd(watcher), ['1', '2', '3']);
  });

  test('goes on with others when some end while they are told', async () => {
    const hub = new WatchHub({ limits: LIMITS });
    const watchers = Array.from({ length: 60 }, () => hub.join(everythingIn(), BOOKMARKS));
    hub.dispatch([added(1, 100_000)]);
    await nextTurn();
    await nextTurn();
    for (const watcher of watchers.filter((_, i) => i % 2 === 0)) watcher.end();
    hub.dispatch([added(2)]);
    hub.endAll();
    for (const [i, watcher] of watchers.entries()) {
      const told = await toldUntilEnd(watcher);
      if (i % 2 === 1) assert.deepEqual(told, ['1', '2']);
    }
  });

  test('conclude tells what is pending before the bookmark that speaks of it', async () => {
    const hub = new WatchHub({ limits: LIMITS });
    const [one, other] = [hub.join(everythingIn(), BOOKMARKS), hub.join(everythingIn(), BOOKMARKS)];
    hub.dispatch([added(1)]);
    hub.conclude(one, 1);
    hub.dispatch([added(2)]);
    hub.endAll();
    assert.deepEqual(await toldUntilEnd(one), ['1', '<1']);
    assert.deepEqual(await toldUntilEnd(other), ['1', '2']);
  });

  test('what happens in one turn, or while others are told, is one batch', async () => {
    const hub = new WatchHub({ limits: LIMITS });
    const watcher = hub.join(everythingIn(), BOOKMARKS);
    hub.dispatch([added(1)]);
    hub.dispatch([added(2), added(3)]);
    const items = await watcher.next();
    assert.deepEqual(
      items?.map((item) => (item.type === 'changes' ? item.batch.changes.length : 0)),
      [3],
    );
    hub.endAll();
    assert.deepEqual(await toldUntilEnd(watcher), []);
  });
});
