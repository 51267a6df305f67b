// A process that writes to a SQLite store as fast as it can and says on its standard output what it is about to do and
// what has been acknowledged, so that a test can kill it and judge what is left.
//
//   store-writer.ts PATH [WRITES]    without WRITES it goes on until it is killed

import { silentLogger } from '../../src/base/log.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';

const [path, limit] = process.argv.slice(2);
const writes = Number(limit ?? Number.POSITIVE_INFINITY);
const OWNERS = 30;
const COUNTERS = 5;

await using store = await openSqliteStore({ path: path!, log: silentLogger });
await Promise.all([
  ...Array.from({ length: OWNERS }, (_, i) => own(`/own/${i}`)),
  ...Array.from({ length: COUNTERS }, () => count('/shared')),
]);

/** Writes a key that nobody else writes, and deletes it now and then. */
async function own(key: string): Promise<void> {
  let revision = (await store.get(key))?.revision ?? 0;
  for (let i = 0; i < writes; i++) {
    if (revision > 0 && i % 5 === 4) {
      say('deleting', key, revision);
      const result = await store.delete(key, revision);
      if (!result.ok) throw new Error(`${key} was changed by somebody else`);
      say('deleted', key, result.revision);
      revision = 0;
    } else {
      const value = JSON.stringify({ key, replaces: revision, filling: 'x'.repeat(1500) });
      const result = await store.put(key, new TextEncoder().encode(value), revision);
      if (!result.ok) throw new Error(`${key} was changed by somebody else`);
      say('put', key, result.revision, revision);
      revision = result.revision;
    }
  }
}

/** Adds one, in competition with others. */
async function count(key: string): Promise<void> {
  let current = await store.get(key);
  for (let i = 0; i < writes; i++) {
    const next = current ? Number(new TextDecoder().decode(current.value)) + 1 : 1;
    const value = new TextEncoder().encode(String(next));
    const result = await store.put(key, value, current?.revision ?? 0);
    if (result.ok) say('counted', key, result.revision, next);
    current = result.ok ? { key, value, revision: result.revision } : result.current;
  }
}

function say(...words: readonly (string | number)[]): void {
  process.stdout.write(`${words.join(' ')}\n`);
}
