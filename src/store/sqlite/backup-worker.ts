// The worker thread of one backup: copies the store as it stands, through a connection of its own, while others write.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../base/message-of.ts';
import { explain } from './failure.ts';

export interface BackupOptions {
  readonly path: string;
  readonly target: string;
}

export interface Backup {
  /** The backup holds the store as of this revision. */
  readonly revision: number;
  readonly sizeBytes: number;
}

export type BackupAnswer =
  | { readonly type: 'done'; readonly backup: Backup }
  | { readonly type: 'failed'; readonly message: string };

if (parentPort) parentPort.postMessage(answer(workerData as BackupOptions));

function answer(options: BackupOptions): BackupAnswer {
  try {
    return { type: 'done', backup: copy(options) };
  } catch (error) {
    // What fails is the writing: a damaged store was found out when it was opened.
    const explained = explain(error, options.target);
    return { type: 'failed', message: messageOf(explained) };
  }
}

function copy({ path, target }: BackupOptions): Backup {
  if (statSync(target, { throwIfNoEntry: false })) throw new Error(`the file ${target} is already there`);
  const partial = `${target}.partial`;
  try {
    rmSync(partial, { force: true });
    closeSync(openSync(partial, 'wx', 0o600));
    using source = new DatabaseSync(path, { readOnly: true });
    source.prepare('VACUUM INTO ?').run(partial);
    const revision = revisionOf(partial);
    sync(partial);
    renameSync(partial, target);
    sync(dirname(target));
    return { revision, sizeBytes: statSync(target).size };
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  } finally {
    shortenLog(path);
  }
}

function revisionOf(path: string): number {
  using copied = new DatabaseSync(path, { readOnly: true });
  return Number(copied.prepare('SELECT revision FROM counter').get()?.['revision']);
}

/**
 * The log could not be moved into the table while the copy was being read, and may have grown long. Doing that here
 * holds up no writer; what is left for the next regular checkpoint is short again.
 */
function shortenLog(path: string): void {
  using database = new DatabaseSync(path);
  database.exec('PRAGMA wal_checkpoint(PASSIVE)');
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
