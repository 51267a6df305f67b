// Reads the log of a container: selects lines as asked for, and follows the file, and what takes its place when it is
// rotated, while the container runs. Upstream: pkg/kubelet/kuberuntime/logs.

import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Clock, sleep } from '../../base/clock.ts';
import { rotatedLogs } from '../logs/log-files.ts';
import { COMPRESSED, TEMPORARY } from '../logs/plan-rotation.ts';
import { type LogLine, splitLines, startOfTail } from './log-lines.ts';

export interface LogOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** Only the last so many lines of what is there at the beginning. */
  readonly tailLines: number | undefined;
  /** Only lines at or after this moment, in milliseconds since the epoch. */
  readonly sinceMs: number | undefined;
  readonly limitBytes: number | undefined;
  /** Absent: both. */
  readonly stream: 'stdout' | 'stderr' | undefined;
}

export interface LogDeps {
  readonly clock: Clock;
  /** Whether nothing more will be written. Asked when the file has not changed for a while. */
  readonly ended: () => Promise<boolean>;
}

const CHUNK_BYTES = 64 * 1024;
/** How long a followed file may be still before it is asked whether its container has ended. */
const QUIET_MS = 1_000;
/** How long the runtime may go on writing to a file after it has begun the next one: what it has read by then. */
const SETTLE_MS = 100;

/** The log's text in chunks, to the end of the file or, when following, of the container. */
export async function* readContainerLog(
  deps: LogDeps,
  path: string,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  const select = selector(options);
  for await (const lines of linesOf(deps, path, options, signal)) {
    const chosen = lines.flatMap((line) => select(line));
    if (chosen.length === 0) continue;
    const chunk = Buffer.concat(chosen);
    yield chunk.length <= left ? chunk : chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

function selector({ timestamps, sinceMs, stream }: LogOptions): (line: LogLine) => readonly Buffer[] {
  /** Streams in the middle of a line: only the first part has the time before it. */
  const inLine = new Set<string>();
  return (line) => {
    if (stream !== undefined && line.stream !== stream) return [];
    if (sinceMs !== undefined && Date.parse(line.time) < sinceMs) return [];
    const head = timestamps && !inLine.has(line.stream) ? [Buffer.from(`${line.time} `)] : [];
    if (line.partial) inLine.add(line.stream);
    else inLine.delete(line.stream);
    return line.partial ? [...head, line.text] : [...head, line.text, Buffer.from('\n')];
  };
}

async function* linesOf(
  { clock, ended }: LogDeps,
  path: string,
  { tailLines, follow }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly LogLine[]> {
  using changes = new FileChanges(clock, path, follow, signal);
  let file = await open(path, 'r');
  let next: FileHandle | undefined;
  try {
    let position = tailLines === undefined ? 0 : await startOfTail(file, tailLines);
    let rest: Buffer = Buffer.alloc(0);
    let over = !follow;
    for (;;) {
      signal.throwIfAborted();
      const chunk = await readChunk(file, position);
      if (chunk.length > 0) {
        position += chunk.length;
        const split = splitLines(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
        rest = split.rest;
        if (split.lines.length > 0) yield split.lines;
      } else if (next) {
        await file.close();
        file = next;
        next = undefined;
        position = 0;
      } else {
        // What was written before the end, or before the other file took its place, is still to be read.
        next = follow ? await successor(file, path) : undefined;
        if (next) await sleep(clock, SETTLE_MS, signal);
        else if (over) return;
        else if ((await changes.next()) === 'quiet') over = await ended();
      }
    }
  } finally {
    await file.close();
    await next?.close();
  }
}

/** Waits for the file, or its place in the directory, to change. */
class FileChanges implements Disposable {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #watcher: FSWatcher | undefined;
  readonly #wake = () => this.#changed.resolve('changed');
  #changed = Promise.withResolvers<'changed' | 'quiet'>();

  constructor(clock: Clock, path: string, follow: boolean, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    if (!follow) return;
    const name = basename(path);
    this.#watcher = watch(dirname(path), (_event, changed) => {
      if (changed === null || changed === name) this.#wake();
    });
    this.#watcher.on('error', this.#wake); // The directory has gone: the next look at the file says so.
    signal.addEventListener('abort', this.#wake, { once: true });
  }

  /** `quiet`: nothing has changed for a while. */
  async next(): Promise<'changed' | 'quiet'> {
    using _timer = this.#clock.after(QUIET_MS, () => this.#changed.resolve('quiet'));
    const what = await this.#changed.promise;
    this.#changed = Promise.withResolvers();
    this.#signal.throwIfAborted();
    return what;
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
    this.#signal.removeEventListener('abort', this.#wake);
  }
}

async function readChunk(file: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, position);
  return buffer.subarray(0, bytesRead);
}

/**
 * The file that was begun after this one, if any was. That is not always the one that is being written now: who reads
 * slowly may be a rotation behind.
 */
async function successor(file: FileHandle, path: string): Promise<FileHandle | undefined> {
  const now = await stat(path).catch(() => undefined);
  const own = await file.stat();
  if (!now || now.ino === own.ino) return undefined;
  for (const name of await rotatedLogs(path)) {
    if (name.endsWith(COMPRESSED) || name.endsWith(TEMPORARY)) continue;
    const rotated = await open(join(dirname(path), name), 'r').catch(() => undefined); // Compressed meanwhile.
    const there = await rotated?.stat();
    if (there && there.ino !== own.ino && there.mtimeMs > own.mtimeMs) return rotated;
    await rotated?.close();
  }
  return open(path, 'r');
}
