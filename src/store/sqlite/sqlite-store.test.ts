import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { silentLogger } from '../../base/log.ts';
import { CompactedError, prefixRange, type StoreEvent, type StoreItem, StoreUnavailableError } from '../store.ts';
import { storeContract } from '../store-contract.ts';
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts';

const EVERYTHING = prefixRange('');
const directory = mkdtempSync(join(tmpdir(), 't8s-sqlite-'));
after(() => rmSync(directory, { recursive: true }));
let opened = 0;

storeContract('sqlite', () => open(newPath()));

describe('openSqliteStore', () => {
  test('goes on where it was: no revision is used again, not even that of a last delete', async () => {
    const path = newPath();
    {
      await using store = await open(path);
      await store.put('/a', bytes('1'), 0);
      await store.put('/b', bytes('2'), 0);
      await store.delete('/b', 2);
    }
    {
      await using store = await open(path);
      assert.equal(await store.currentRevision(), 3);
      assert.deepEqual((await store.list(EVERYTHING)).items.map(shown), ['/a@1=1']);
      assert.deepEqual(await store.put('/b', bytes('4'), 0), { ok: true, revision: 4 });
      await store.delete('/b', 4);
    }
    await using store = await open(path);
    assert.equal(await store.currentRevision(), 5);
    assert.deepEqual(await store.put('/b', bytes('6'), 0), { ok: true, revision: 6 });
  });

  test('knows no history from before, but everything about what changes from then on', async () => {
    const path = newPath();
    {
      await using store = await open(path);
      for (const key of ['/a', '/b', '/c', '/d']) await store.put(key, bytes(key), 0);
    }
    await using store = await open(path);
    await assert.rejects(
      store.list(EVERYTHING, { revision: 3 }),
      (error) => error instanceof CompactedError && error.oldestRevision === 4,
    );
    const seen: StoreEvent[] = [];
    using _ = store.watch(EVERYTHING, 4, { events: (batch) => seen.push(...batch), closed: () => {} });
    const refused = await store.put('/c', bytes('x'), 1);
    assert.equal(refused.ok ? '' : shown(refused.current), '/c@3=/c');
    const results = await Promise.all([
      store.put('/a', bytes('new'), 1),
      store.put('/a', bytes('newer'), 5),
      store.delete('/b', 2),
      store.delete('/d', 3),
    ]);
    assert.deepEqual(
      results.map((result) => (result.ok ? result.revision : shown(result.current))),
      [5, 6, 7, '/d@4=/d'],
    );
    assert.deepEqual(
      seen.map(({ previous }) => shown(previous)),
      ['/a@1=/a', '/a@5=new', '/b@2=/b'],
    );
    const then = await store.list(EVERYTHING, { revision: 4 });
    assert.deepEqual(then.items.map(shown), ['/a@1=/a', '/b@2=/b', '/c@3=/c', '/d@4=/d']);
  });

  test('lists one state although its values are written again while they are read from the file', async () => {
    const path = newPath();
    const keys = Array.from({ length: 1500 }, (_, i) => `/k/${String(i).padStart(4, '0')}`);
    {
      await using store = await open(path);
      await Promise.all(keys.map((key) => store.put(key, bytes(`old ${key}`), 0)));
    }
    await using store = await open(path);
    const expected = keys.map((key, i) => `${key}@${i + 1}=old ${key}`);
    const listing = store.list(EVERYTHING);
    const getting = keys.map((key) => store.get(key));
    const writing = keys.map(async (key, i) => {
      await (i % 3 === 0 ? store.delete(key, i + 1) : store.put(key, bytes('new'), i + 1));
      if (i % 100 === 0) await store.compact(await store.currentRevision());
    });
    assert.deepEqual((await listing).items.map(shown), expected);
    assert.deepEqual((await Promise.all(getting)).map(shown), expected);
    await Promise.all(writing);
    assert.equal((await store.list(EVERYTHING)).items.length, 1000);
  });

  test('keeps the file from other users, in a directory of its own', async () => {
    const path = join(directory, 'private', 'deeper', 'store.db');
    await using store = await open(path);
    await store.put('/a', bytes('secret'), 0);
    assert.equal(statSync(join(directory, 'private', 'deeper')).mode & 0o777, 0o700);
    const files = readdirSync(join(directory, 'private', 'deeper'));
    assert.deepEqual(files.sort(), ['store.db', 'store.db-lock', 'store.db-shm', 'store.db-wal']);
    for (const file of files) assert.equal(statSync(join(directory, 'private', 'deeper', file)).mode & 0o077, 0, file);
  });

  test('refuses a file that is open already, and opens it once it is closed', async () => {
    const path = newPath();
    const first = await open(path);
    await first.put('/a', bytes('1'), 0);
    await assert.rejects(open(path), unavailable(/in use by another process/));
    assert.equal(shown(await first.get('/a')), '/a@1=1', 'the first is none the worse for it');
    await first[Symbol.asyncDispose]();
    await using second = await open(path);
    assert.equal(shown(await second.get('/a')), '/a@1=1');
  });

  test('says why it cannot open a path', async () => {
    await using store = await open(join(directory, 'file', 'store.db'));
    await store.currentRevision();
    await assert.rejects(
      open(join(directory, 'file', 'store.db', 'below.db')),
      unavailable(/below\.db cannot be read/),
    );
  });
});

describe('SqliteStore.backup', () => {
  test('is a whole store as of one revision, while writes go on', async () => {
    await using store = await open(newPath());
    const stop = new AbortController();
    let acknowledged = 0;
    const writers = Array.from({ length: 20 }, async (_, w) => {
      const key = `/w/${w}`;
      for (let at = 0, i = 0; !stop.signal.aborted; i++) {
        const gone = at > 0 && i % 10 === 9;
        const result = gone ? await store.delete(key, at) : await store.put(key, bytes(`${i} ${'x'.repeat(2000)}`), at);
        assert.ok(result.ok);
        at = gone ? 0 : result.revision;
        acknowledged++;
      }
    });
    while (acknowledged < 1000) await new Promise((resolve) => setImmediate(resolve));
    const [before, acknowledgedBefore] = [await store.currentRevision(), acknowledged];
    const path = newPath();
    const backup = await store.backup(path);
    assert.ok(acknowledged > acknowledgedBefore, 'writes went on meanwhile');
    stop.abort();
    await Promise.all(writers);

    assert.ok(backup.revision >= before);
    assert.deepEqual([statSync(path).mode & 0o777, statSync(path).size], [0o600, backup.sizeBytes]);
    await using copy = await open(path);
    assert.equal(await copy.currentRevision(), backup.revision);
    const expected = await store.list(EVERYTHING, { revision: backup.revision });
    assert.deepEqual((await copy.list(EVERYTHING)).items.map(shown), expected.items.map(shown));
  });

  test('refuses to replace a file, leaves nothing behind when it fails, and is waited for when the store is closed', async () => {
    const store = await open(newPath());
    await store.put('/a', bytes('1'), 0);
    const target = join(directory, 'backups.db');
    assert.equal((await store.backup(target)).revision, 1);
    await assert.rejects(store.backup(target), unavailable(/already there/));
    await assert.rejects(store.backup(join(directory, 'nowhere', 'b.db')), unavailable(/cannot back up the store/));
    const last = store.backup(join(directory, 'last.db'));
    await store[Symbol.asyncDispose]();
    assert.equal((await last).revision, 1);
    assert.deepEqual(
      readdirSync(directory).filter((file) => file.includes('partial')),
      [],
    );
  });
});

function newPath(): string {
  return join(directory, `${opened++}.db`);
}

function open(path: string): Promise<SqliteStore> {
  return openSqliteStore({ path, log: silentLogger });
}

function unavailable(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof StoreUnavailableError && message.test(error.message);
}

function shown(item: StoreItem | undefined): string | undefined {
  return item && `${item.key}@${item.revision}=${new TextDecoder().decode(item.value)}`;
}

function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
