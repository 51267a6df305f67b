// The worker thread of the SQLite store: answers requests in order on the file it was started with.

import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { DatabaseFile, type Row } from './database-file.ts';
import { explain } from './failure.ts';
import type { Found, FromWorker, Request, WorkerOptions } from './protocol.ts';

const ROWS_PER_MESSAGE = 10_000;

if (parentPort) serve(parentPort, workerData as WorkerOptions);

function serve(port: MessagePort, options: WorkerOptions): void {
  const say = (message: FromWorker, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, [...transfer]);
  const messageOf = (thrown: unknown) => {
    const error = explain(thrown, options.path);
    return error instanceof Error ? error.message : String(error);
  };
  let file: DatabaseFile | undefined;
  try {
    file = DatabaseFile.open(options);
    sayRows(file, say);
    say({ type: 'opened', revision: file.revision });
  } catch (error) {
    file?.[Symbol.dispose]();
    say({ type: 'unusable', message: messageOf(error) });
    return;
  }
  const opened = file;
  let checkpointFails = false;
  port.on('message', (request: Request) => {
    try {
      const found = answer(opened, request);
      const buffers = found.flatMap((item) => (item ? [item.value.buffer as ArrayBuffer] : []));
      say({ type: 'done', found }, buffers);
    } catch (error) {
      say({ type: 'failed', message: messageOf(error) });
    }
    if (request.type === 'close') return port.close();
    // Those who wait have their answer: only what comes next can be held up.
    try {
      if (!opened.checkpointWhenDue() || !checkpointFails) return;
      checkpointFails = false;
      say({ type: 'checkpoint', message: undefined });
    } catch (error) {
      if (!checkpointFails) say({ type: 'checkpoint', message: messageOf(error) });
      checkpointFails = true;
    }
  });
}

function answer(file: DatabaseFile, request: Request): readonly (Found | undefined)[] {
  switch (request.type) {
    case 'write':
      return file.write(request);
    case 'read':
      return file.read(request.rows);
    case 'close':
      file[Symbol.dispose]();
      return [];
    default:
      return request satisfies never;
  }
}

function sayRows(file: DatabaseFile, say: (message: FromWorker, transfer: readonly ArrayBuffer[]) => void): void {
  let rows: Row[] = [];
  const flush = () => {
    const ids = Float64Array.from(rows, ({ row }) => row);
    const revisions = Float64Array.from(rows, ({ revision }) => revision);
    say({ type: 'rows', rows: ids, keys: rows.map(({ key }) => key), revisions }, [ids.buffer, revisions.buffer]);
    rows = [];
  };
  for (const row of file.rows()) {
    rows.push(row);
    if (rows.length === ROWS_PER_MESSAGE) flush();
  }
  flush();
}
