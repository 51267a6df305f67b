// What SQLite's and the file system's errors mean for the person who runs the store, and what to do about them.

import { StoreUnavailableError } from '../store.ts';

/** Primary result codes, https://sqlite.org/rescode.html. */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;
/** The shared index of the log could not grow, which is how a full disk may show first. */
const IOERR_SHMSIZE = 4874;

/** The error as a `StoreUnavailableError` that names the file. Only errors of SQLite and the system are explained. */
export function explain(error: unknown, path: string): unknown {
  if (error instanceof StoreUnavailableError || !(error instanceof Error)) return error;
  const { errcode, code } = error as Error & { readonly errcode?: number; readonly code?: string };
  if (errcode === undefined) {
    if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
    return code === 'ENOSPC' ? full(path, error) : unreachable(path, error);
  }
  switch (errcode & 0xff) {
    case CORRUPT:
    case NOTADB:
      return damaged(path, error.message, error);
    case FULL:
      return full(path, error);
    case BUSY:
      return new StoreUnavailableError(`the store ${path} is locked by another program`, { cause: error });
    case IOERR:
      return errcode === IOERR_SHMSIZE ? full(path, error) : unreachable(path, error);
    case READONLY:
    case CANTOPEN:
      return unreachable(path, error);
    default:
      return error;
  }
}

export function damaged(path: string, detail: string, cause?: unknown): StoreUnavailableError {
  return new StoreUnavailableError(
    `the store ${path} is damaged (${detail}). To restore it from a backup: stop the cluster, move ${path}, ${path}-wal and ` +
      `${path}-shm out of the way, copy the backup to ${path} and start again`,
    { cause },
  );
}

function full(path: string, cause: Error): StoreUnavailableError {
  return new StoreUnavailableError(
    `the store ${path} cannot grow: the disk is full or the store's size limit is reached. Reads still work; writes ` +
      'will again as soon as there is space',
    { cause },
  );
}

function unreachable(path: string, cause: Error): StoreUnavailableError {
  return new StoreUnavailableError(`the store ${path} cannot be read or written: ${cause.message}`, { cause });
}
