import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, type TestContext, test } from 'node:test';
import { createLogger, type LogRecord, silentLogger } from '../../base/log.ts';
import { prefixRange, StoreUnavailableError } from '../store.ts';
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts';

const EVERYTHING = prefixRange('');
const VALUE = new Uint8Array(3000).fill(7);
const directory = mkdtempSync(join(tmpdir(), 't8s-failure-'));
after(() => rmSync(directory, { recursive: true }));

describe('openSqliteStore with a file it cannot use', () => {
  const cases: readonly { name: string; harm: (path: string) => void; says: RegExp }[] = [
    { name: 'a page in the middle is overwritten', harm: (path) => scribble(path, 40 * 4096, 4096), says: /damaged/ },
    { name: 'the header is overwritten', harm: (path) => scribble(path, 0, 100), says: /damaged/ },
    { name: 'its end is missing', harm: (path) => truncateSync(path, 50 * 4096), says: /damaged/ },
    {
      name: 'it is empty while its log is not',
      harm: (path) => {
        writeFileSync(path, '');
        writeFileSync(`${path}-wal`, 'log');
      },
      says: /damaged .*empty although its log is not/,
    },
    { name: 'it is no database', harm: (path) => writeFileSync(path, 'text\n'.repeat(2000)), says: /damaged/ },
    {
      name: 'it is a database of another program',
      harm: (path) => {
        rmSync(path);
        using other = new DatabaseSync(path);
        other.exec('CREATE TABLE other (a)');
      },
      says: /some other program/,
    },
    {
      name: 'it was written by a newer version',
      harm: (path) => {
        using database = new DatabaseSync(path);
        database.exec('PRAGMA user_version = 2');
      },
      says: /newer version, in format 2/,
    },
  ];
  for (const [i, { name, harm, says }] of cases.entries()) {
    test(`says so when ${name}`, async () => {
      const path = join(directory, `case-${i}.db`);
      await fill(path, 200);
      harm(path);
      await assert.rejects(openSqliteStore({ path, log: silentLogger }), (error) => {
        assert.ok(error instanceof StoreUnavailableError);
        assert.match(error.message, says);
        assert.ok(error.message.includes(path));
        if (/damaged/.test(error.message)) assert.match(error.message, /restore it from a backup: .* start again/);
        return true;
      });
    });
  }

  test('opens a file with a damaged value, but gives nothing for it but the error', async () => {
    const path = join(directory, 'value.db');
    const secret = new TextEncoder().encode('unmistakable');
    {
      await using store = await openSqliteStore({ path, log: silentLogger });
      await store.put('/a', secret, 0);
      await store.put('/b', VALUE, 0);
    }
    scribble(path, readFileSync(path).indexOf(secret) + 3, 1);
    await using store = await openSqliteStore({ path, log: silentLogger });
    for (const attempt of [() => store.get('/a'), () => store.list(EVERYTHING), () => store.put('/a', VALUE, 1)]) {
      await assert.rejects(attempt(), (error) => {
        return (
          error instanceof StoreUnavailableError && /is damaged \(\/a is not as it was written\)/.test(error.message)
        );
      });
    }
    assert.deepEqual(await store.get('/b'), { key: '/b', value: VALUE, revision: 2 });
    assert.deepEqual(await store.put('/c', VALUE, 0), { ok: true, revision: 3 });
  });

  test('opens again when the advice has been followed', async () => {
    const path = join(directory, 'restored.db');
    const backup = join(directory, 'restored.backup');
    {
      await using store = await openSqliteStore({ path, log: silentLogger });
      await store.put('/kept', VALUE, 0);
      await store.backup(backup);
      await store.put('/later', VALUE, 0);
    }
    scribble(path, 0, 100);
    await assert.rejects(openSqliteStore({ path, log: silentLogger }), StoreUnavailableError);
    for (const suffix of ['', '-wal', '-shm']) {
      if (statSync(path + suffix, { throwIfNoEntry: false })) renameSync(path + suffix, `${path}.damaged${suffix}`);
    }
    copyFileSync(backup, path);
    await using store = await openSqliteStore({ path, log: silentLogger });
    assert.deepEqual((await store.list(EVERYTHING)).items, [{ key: '/kept', value: VALUE, revision: 1 }]);
  });
});

describe('SqliteStore without space', () => {
  test('fails writes at its size limit, stays readable, and recovers when something is deleted', async () => {
    const records: LogRecord[] = [];
    const path = join(directory, 'limited.db');
    const log = createLogger((record) => records.push(record));
    await using store = await openSqliteStore({ path, log }, { maxSizeBytes: 400_000 });
    const acknowledged = await fillUp(store);
    assert.ok(acknowledged.size > 20);
    assert.ok(!(await isWritable(store)));
    for (const [key, revision] of [...acknowledged].slice(0, 20)) {
      assert.ok((await store.delete(key, revision)).ok);
      acknowledged.delete(key);
    }
    assert.ok(await isWritable(store));
    await assertHolds(store, acknowledged);
    assert.deepEqual(
      records.map(({ level, message }) => [level, message]),
      [
        ['error', 'cannot write to the store'],
        ['info', 'can write to the store again'],
      ],
    );
  });

  test('fails writes on a full disk, stays readable, and recovers when there is space again', async (context) => {
    const mount = mountSmallDisk(context);
    if (!mount) return;
    try {
      const filling = join(mount, 'filling');
      writeFileSync(filling, new Uint8Array(4 << 20));
      const acknowledged = new Map<string, number>();
      const path = join(mount, 'store', 'store.db');
      {
        await using store = await openSqliteStore({ path, log: silentLogger });
        for (const [key, revision] of await fillUp(store)) acknowledged.set(key, revision);
        assert.ok(acknowledged.size > 100);
        await assertHolds(store, acknowledged);
        assert.ok(!(await isWritable(store)));
        rmSync(filling);
        assert.ok(await isWritable(store));
        const result = await store.put('/after', VALUE, 0);
        assert.ok(result.ok);
        acknowledged.set('/after', result.revision);
      }
      await using store = await openSqliteStore({ path, log: silentLogger });
      await assertHolds(store, acknowledged);
    } finally {
      execFileSync('umount', [mount]);
    }
  });
});

async function fill(path: string, count: number): Promise<void> {
  await using store = await openSqliteStore({ path, log: silentLogger });
  await Promise.all(Array.from({ length: count }, (_, i) => store.put(`/k/${i}`, VALUE, 0)));
}

/** Writes until that fails for want of space, and returns what was acknowledged. */
async function fillUp(store: SqliteStore): Promise<Map<string, number>> {
  const acknowledged = new Map<string, number>();
  for (let i = 0; i < 10_000; i++) {
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, async (_, j) => {
        const key = `/full/${i}/${j}`;
        const result = await store.put(key, VALUE, 0);
        assert.ok(result.ok);
        acknowledged.set(key, result.revision);
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (!failed) continue;
    assert.ok(failed.reason instanceof StoreUnavailableError, String(failed.reason));
    assert.match(failed.reason.message, /cannot grow: the disk is full/);
    return acknowledged;
  }
  return assert.fail('there was always space');
}

async function isWritable(store: SqliteStore): Promise<boolean> {
  const key = '/probe';
  try {
    const result = await store.put(key, new Uint8Array(40_000), 0);
    assert.ok(result.ok);
    assert.ok((await store.delete(key, result.revision)).ok);
    return true;
  } catch (error) {
    assert.ok(error instanceof StoreUnavailableError);
    return false;
  }
}

/** The values are read from the file. */
async function assertHolds(store: SqliteStore, acknowledged: ReadonlyMap<string, number>): Promise<void> {
  await store.compact(await store.currentRevision());
  const { items } = await store.list(prefixRange('/'));
  assert.deepEqual(new Map(items.map(({ key, revision }) => [key, revision])), new Map([...acknowledged].sort(byKey)));
  assert.ok(items.every(({ value }) => value.length === VALUE.length && value[0] === 7));
}

function byKey(a: readonly [string, number], b: readonly [string, number]): number {
  return a[0] < b[0] ? -1 : 1;
}

function mountSmallDisk(context: TestContext): string | undefined {
  const mount = join(directory, 'disk');
  mkdirSync(mount);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 't8s-test', mount], { stdio: 'ignore' });
    return mount;
  } catch {
    context.skip('mounting a small disk needs root on Linux');
    return undefined;
  }
}

function scribble(path: string, offset: number, length: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, new Uint8Array(length).fill(0xa5), 0, length, offset);
  closeSync(file);
}
