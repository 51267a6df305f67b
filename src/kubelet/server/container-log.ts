// Reads the log of a container as the runtime writes it (CRI's format: time, stream, full or partial, text), selects lines as
// asked for, and follows the file while the container runs. Upstream: pkg/kubelet/kuberuntime/logs.

import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

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

interface Line {
  readonly time: string;
  readonly stream: string;
  /** A partial line goes on in the next one. */
  readonly partial: boolean;
  readonly text: Buffer;
}

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const SPACE = 0x20;

/**
 * The log's text in chunks. Ends at the end of the file or, when following, after `ended` says that no more will be
 * written. `ended` is asked whenever the file has been read to its end; `woken` tells that its answer may have changed.
 */
export async function* readContainerLog(
  path: string,
  options: LogOptions,
  { ended, signal }: { readonly ended: () => Promise<boolean>; readonly signal: AbortSignal },
): AsyncGenerator<Buffer> {
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  const select = selector(options);
  for await (const lines of linesOf(path, options, { ended, signal })) {
    const chosen = lines.flatMap((line) => select(line));
    if (chosen.length === 0) continue;
    const chunk = Buffer.concat(chosen);
    yield chunk.length <= left ? chunk : chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

function selector({ timestamps, sinceMs, stream }: LogOptions): (line: Line) => readonly Buffer[] {
  let inLine = false;
  return (line) => {
    if (stream !== undefined && line.stream !== stream) return [];
    if (sinceMs !== undefined && Date.parse(line.time) < sinceMs) return [];
    const head = timestamps && !inLine ? [Buffer.from(`${line.time} `)] : [];
    inLine = line.partial;
    return line.partial ? [...head, line.text] : [...head, line.text, Buffer.from('\n')];
  };
}

async function* linesOf(
  path: string,
  { tailLines, follow }: LogOptions,
  { ended, signal }: { readonly ended: () => Promise<boolean>; readonly signal: AbortSignal },
): AsyncGenerator<readonly Line[]> {
  await using changes = new FileChanges(path, follow, signal);
  let file = await open(path, 'r');
  try {
    let position = tailLines === undefined ? 0 : await startOfTail(file, tailLines);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      signal.throwIfAborted();
      // Asked before reading: what the container wrote before its end is then read for certain.
      const over = !follow || (await ended());
      const chunk = await readChunk(file, position);
      if (chunk.length > 0) {
        position += chunk.length;
        const { lines, remainder } = splitLines(Buffer.concat([rest, chunk]));
        rest = remainder;
        if (lines.length > 0) yield lines;
        continue;
      }
      if (over) return;
      const next = await rotated(file, path);
      if (next) {
        await file.close();
        file = next;
        position = 0;
        continue;
      }
      await changes.next();
    }
  } finally {
    await file.close();
  }
}

/** Waits for the file, or its place in the directory, to change; a while at most, for `ended` may have changed silently. */
class FileChanges implements AsyncDisposable {
  readonly #watcher: FSWatcher | undefined;
  readonly #signal: AbortSignal;
  #changed = Promise.withResolvers<void>();

  constructor(path: string, follow: boolean, signal: AbortSignal) {
    this.#signal = signal;
    if (!follow) return;
    const name = basename(path);
    this.#watcher = watch(dirname(path), (_event, changed) => {
      if (changed === null || changed === name) this.#wake();
    });
    this.#watcher.on('error', () => this.#wake()); // The directory has gone: the next read says so.
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  async next(): Promise<void> {
    const timeout = AbortSignal.timeout(1_000);
    timeout.onabort = () => this.#wake();
    await this.#changed.promise;
    timeout.onabort = null;
    this.#changed = Promise.withResolvers<void>();
    this.#signal.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watcher?.close();
  }

  #wake(): void {
    this.#changed.resolve();
  }
}

async function readChunk(file: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, position);
  return buffer.subarray(0, bytesRead);
}

/** The file that has taken the path's place, if another has. */
async function rotated(file: FileHandle, path: string): Promise<FileHandle | undefined> {
  const there = await stat(path).catch(() => undefined);
  if (!there || there.ino === (await file.stat()).ino) return undefined;
  return open(path, 'r');
}

/** Where the last lines begin; partial lines count with the line that they are part of. */
async function startOfTail(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  if (lines === 0) return size;
  let found = 0;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
    for (let at = buffer.length - 1; at >= 0; at--) {
      if (buffer[at] !== NEWLINE || start + at === size - 1) continue;
      if (!(await isPartialAt(file, start + at)) && ++found === lines) return start + at + 1;
    }
    end = start;
  }
  return 0;
}

/** Whether the line that ends at this newline is a partial one. */
async function isPartialAt(file: FileHandle, newline: number): Promise<boolean> {
  // The tag is near the line's beginning; lines are cut at 16 KB, so two chunks back there is one.
  const start = Math.max(0, newline - CHUNK_BYTES);
  const { buffer } = await file.read(Buffer.alloc(newline - start), 0, newline - start, start);
  const lineStart = buffer.lastIndexOf(NEWLINE) + 1;
  return parseLine(buffer.subarray(lineStart)).partial;
}

function splitLines(buffer: Buffer): { readonly lines: readonly Line[]; readonly remainder: Buffer } {
  const lines: Line[] = [];
  let start = 0;
  for (let end = buffer.indexOf(NEWLINE); end >= 0; end = buffer.indexOf(NEWLINE, start)) {
    lines.push(parseLine(buffer.subarray(start, end)));
    start = end + 1;
  }
  return { lines, remainder: buffer.subarray(start) };
}

/** `2026-01-01T00:00:00.000000000Z stdout F text` */
function parseLine(line: Buffer): Line {
  const first = line.indexOf(SPACE);
  const second = line.indexOf(SPACE, first + 1);
  const third = line.indexOf(SPACE, second + 1);
  if (first < 0 || second < 0) return { time: '', stream: 'stdout', partial: false, text: line };
  const tag = line.subarray(second + 1, third < 0 ? line.length : third).toString('latin1');
  return {
    time: line.subarray(0, first).toString('latin1'),
    stream: line.subarray(first + 1, second).toString('latin1'),
    partial: tag.startsWith('P'),
    text: third < 0 ? Buffer.alloc(0) : line.subarray(third + 1),
  };
}
