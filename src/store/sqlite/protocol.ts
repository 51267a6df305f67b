// What the SQLite store's main thread and its worker say to each other. Requests are answered one by one in their order,
// which both sides rely on.

export interface WorkerOptions {
  readonly path: string;
  readonly maxSizeBytes: number | undefined;
}

/** One transaction. */
export interface WriteRequest {
  readonly type: 'write';
  /** The newest revision before; the writes take the next ones in order. */
  readonly after: number;
  /** The row of each write: the revision at which its key came to be. */
  readonly rows: readonly number[];
  readonly keys: readonly string[];
  /** The size of each write's value, or -1 for a delete. */
  readonly sizes: readonly number[];
  /** All values one after the other. */
  readonly values: ArrayBuffer;
  /** What the file must hold before the transaction, to be sent back. */
  readonly wanted: readonly { readonly row: number; readonly revision: number }[];
}

export interface ReadRequest {
  readonly type: 'read';
  readonly rows: readonly number[];
}

/** Asks for the file to be closed; the worker ends after its answer. */
export interface CloseRequest {
  readonly type: 'close';
}

export type Request = WriteRequest | ReadRequest | CloseRequest;

export interface Found {
  readonly revision: number;
  readonly value: Uint8Array;
}

export type Answer =
  /** What was asked to be read, in that order; nothing for a row that is not there. */
  | { readonly type: 'done'; readonly found: readonly (Found | undefined)[] }
  | { readonly type: 'failed'; readonly message: string };

/** A part of what is in the file at start. */
export interface RowsNotice {
  readonly type: 'rows';
  readonly rows: Float64Array;
  readonly keys: readonly string[];
  readonly revisions: Float64Array;
}

export type Notice =
  | RowsNotice
  | { readonly type: 'opened'; readonly revision: number }
  /** The file cannot be used; the worker ends. */
  | { readonly type: 'unusable'; readonly message: string }
  /** Told when it begins to fail and when it works again. */
  | { readonly type: 'checkpoint'; readonly message: string | undefined };

export type FromWorker = Answer | Notice;
