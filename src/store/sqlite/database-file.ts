// The SQLite file: opens it under a lock, checks that it is whole, and commits, reads and checkpoints. Holds the newest
// value of every key and the revision counter, no history. Synchronous: it lives in the worker (database-worker.ts), which
// also explains the errors.

import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { StoreUnavailableError } from '../store.ts';
import { damaged } from './failure.ts';
import type { Found, WorkerOptions, WriteRequest } from './protocol.ts';

/** "t8s1" in the file's header says that it is ours. */
const APPLICATION_ID = 0x74387331;
const FORMAT = 1;
/** A change writes whole pages, twice: small ones suit the many small updates (leases, status) of a cluster. */
const PAGE_SIZE = 4096;
const CACHE_KIB = 16_384;
/**
 * A checkpoint is made after about this many pages went to the log. It holds up the next batch for some milliseconds;
 * larger ones are rarer but hold up longer (measured: 400 pages 4 ms, 2,000 pages 16 ms, 10,000 pages 150 ms).
 */
const CHECKPOINT_PAGES = 300;
/** What the log may keep on disk after it was long, as it is while a backup reads. */
const LOG_SIZE_LIMIT = 16 << 20;
const LOCK_TIMEOUT_MS = 1000;

/**
 * A row is numbered by the revision at which its key came to be, so new rows always go to the end of the table. An index
 * by key would make every new row write a second page somewhere in its middle; the main thread has that index anyway.
 */
const SCHEMA = `
  CREATE TABLE items (row INTEGER PRIMARY KEY, key TEXT NOT NULL, revision INTEGER NOT NULL, checksum INTEGER NOT NULL,
    value BLOB NOT NULL) STRICT;
  CREATE TABLE counter (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL) STRICT;
  INSERT INTO counter VALUES (1, 0);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT};
`;

export interface Row {
  /** The revision at which the key came to be. */
  readonly row: number;
  readonly key: string;
  readonly revision: number;
}

export class DatabaseFile implements Disposable {
  /** The newest revision when the file was opened. */
  readonly revision: number;
  readonly #path: string;
  readonly #lock: DatabaseSync;
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #get: StatementSync;
  readonly #count: StatementSync;
  readonly #checkpoint: StatementSync;
  #pagesSinceCheckpoint = 0;

  /** Opens or creates the file. Throws when it is damaged, not ours, in use or out of reach. */
  static open(options: WorkerOptions): DatabaseFile {
    createPrivately(options.path);
    const lock = lockFile(options.path);
    try {
      return new DatabaseFile(options, lock);
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  private constructor({ path, maxSizeBytes }: WorkerOptions, lock: DatabaseSync) {
    this.#path = path;
    this.#lock = lock;
    this.#database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
    try {
      prepareFile(this.#database, path);
      this.revision = newestRevision(this.#database, path);
      if (maxSizeBytes !== undefined) {
        this.#database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxSizeBytes / PAGE_SIZE))}`);
      }
      const prepare = (sql: string) => this.#database.prepare(sql);
      this.#begin = prepare('BEGIN IMMEDIATE');
      this.#commit = prepare('COMMIT');
      this.#insert = prepare('INSERT INTO items VALUES (?, ?, ?, ?, ?)');
      this.#update = prepare('UPDATE items SET revision = ?, checksum = ?, value = ? WHERE row = ?');
      this.#delete = prepare('DELETE FROM items WHERE row = ?');
      this.#get = prepare('SELECT key, revision, checksum, value FROM items WHERE row = ?');
      this.#count = prepare('UPDATE counter SET revision = ? WHERE revision = ?');
      this.#checkpoint = prepare('PRAGMA wal_checkpoint(PASSIVE)');
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Everything but the values. */
  *rows(): Iterable<Row> {
    for (const { row, key, revision } of this.#database.prepare('SELECT row, key, revision FROM items').iterate()) {
      if (Number(revision) > this.revision) throw damaged(this.#path, `${key} is newer than its newest revision`);
      yield { row: Number(row), key: String(key), revision: Number(revision) };
    }
  }

  /** Makes all the writes or none, and returns when they are on disk, with what was wanted from before. */
  write(request: WriteRequest): (Found | undefined)[] {
    try {
      this.#begin.run();
      const found = this.#wanted(request);
      this.#change(request);
      this.#commit.run();
      return found;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Throws `StoreUnavailableError` when a value is not as it was written. */
  read(rows: readonly number[]): (Found | undefined)[] {
    return rows.map((row) => {
      const found = this.#get.get(row);
      if (!found) return undefined;
      const key = String(found['key']);
      const revision = Number(found['revision']);
      const value = found['value'] as Uint8Array;
      if (checksum(key, revision, value) !== found['checksum'])
        throw damaged(this.#path, `${key} is not as it was written`);
      return { revision, value };
    });
  }

  /**
   * Moves the log into the table if it has grown enough, and says whether it did. When that throws nothing is lost: the
   * log only stays as long as it is, and a later call tries again.
   */
  checkpointWhenDue(): boolean {
    if (this.#pagesSinceCheckpoint < CHECKPOINT_PAGES) return false;
    this.#pagesSinceCheckpoint = 0;
    this.#checkpoint.get();
    return true;
  }

  [Symbol.dispose](): void {
    try {
      this.#database.close();
    } finally {
      this.#lock.close();
    }
  }

  #wanted({ wanted }: WriteRequest): (Found | undefined)[] {
    const found = this.read(wanted.map(({ row }) => row));
    for (const [i, { row, revision }] of wanted.entries()) {
      if (found[i]?.revision !== revision)
        throw damaged(this.#path, `it does not hold row ${row} at revision ${revision}`);
    }
    return found;
  }

  #change({ after, rows, keys, sizes, values }: WriteRequest): void {
    let revision = after;
    let offset = 0;
    for (const [i, row] of rows.entries()) {
      const size = sizes[i]!;
      revision++;
      this.#pagesSinceCheckpoint += 1 + Math.floor(Math.max(0, size) / PAGE_SIZE);
      const value = size < 0 ? undefined : new Uint8Array(values, offset, size);
      if (this.#changeRow(row, keys[i]!, revision, value) !== 1)
        throw damaged(this.#path, `it does not hold row ${row}`);
      offset += value?.length ?? 0;
    }
    if (this.#count.run(revision, after).changes !== 1) {
      throw damaged(this.#path, 'another program has changed its revision');
    }
  }

  /** Returns how many rows have changed. */
  #changeRow(row: number, key: string, revision: number, value: Uint8Array | undefined): number | bigint {
    if (!value) return this.#delete.run(row).changes;
    const sum = checksum(key, revision, value);
    if (row === revision) return this.#insert.run(row, key, revision, sum, value).changes;
    return this.#update.run(revision, sum, value, row).changes;
  }
}

/** SQLite finds out when its own structure is damaged, not when what it stores is. */
function checksum(key: string, revision: number, value: Uint8Array): number {
  return crc32(value, crc32(`${revision} ${key}`));
}

/** Makes the directory and the file if they are not there; SQLite gives its log the mode of the file. */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const directory = openSync(dirname(path), 'r');
  fsyncSync(directory); // Else the file's name may be lost with the power, and everything in it.
  closeSync(directory);
}

/**
 * Keeps other processes out for as long as this one lives, whatever ends it. The lock is on a file of its own, because
 * SQLite's exclusive mode on the store itself would keep out our own backups.
 */
function lockFile(path: string): DatabaseSync {
  const lockPath = `${path}-lock`;
  closeSync(openSync(lockPath, 'a', 0o600));
  const lock = new DatabaseSync(lockPath, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw new StoreUnavailableError(`the store ${path} is in use by another process`, { cause: error });
  }
}

function prepareFile(database: DatabaseSync, path: string): void {
  if (statSync(path).size === 0) {
    if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
      throw damaged(path, 'it is empty although its log is not');
    }
    database.exec(`PRAGMA page_size = ${PAGE_SIZE}`);
  }
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = ${LOG_SIZE_LIMIT};
    PRAGMA cache_size = -${CACHE_KIB};
  `);
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  // A crash while the file was being made leaves it without a schema: the schema is one transaction.
  if (pragma('schema_version') === 0) database.exec(`BEGIN; ${SCHEMA} COMMIT`);
  if (pragma('application_id') !== APPLICATION_ID) {
    throw new StoreUnavailableError(`${path} is a database of some other program, not a store`);
  }
  if (pragma('user_version') !== FORMAT) {
    throw new StoreUnavailableError(
      `the store ${path} was written by a newer version, in format ${pragma('user_version')}`,
    );
  }
  const verdict = pragma('quick_check(1)');
  if (verdict !== 'ok') throw damaged(path, String(verdict));
}

function newestRevision(database: DatabaseSync, path: string): number {
  const row = database.prepare('SELECT revision FROM counter').get();
  if (!row) throw damaged(path, 'it has no revision counter');
  return Number(row['revision']);
}
