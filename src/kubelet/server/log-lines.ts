// Log files as container runtimes write them (CRI's format: time, stream, full or partial, text): taking them apart, and
// finding where the last lines begin.

import type { FileHandle } from 'node:fs/promises';

export interface LogLine {
  readonly time: string;
  readonly stream: string;
  /** A partial line goes on in the next one. */
  readonly partial: boolean;
  readonly text: Buffer;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const WINDOW_BYTES = 64 * 1024;
/** Runtimes cut lines at 16 KB; what is longer than this is no line of theirs and is taken as it comes. */
const MAX_LINE_BYTES = 1024 * 1024;

/** The whole lines in the buffer, and what is left of it. */
export function splitLines(buffer: Buffer): { readonly lines: readonly LogLine[]; readonly rest: Buffer } {
  const lines: LogLine[] = [];
  let start = 0;
  for (let end = buffer.indexOf(NEWLINE); end >= 0; end = buffer.indexOf(NEWLINE, start)) {
    lines.push(parseLine(buffer.subarray(start, end)));
    start = end + 1;
  }
  const rest = buffer.subarray(start);
  if (rest.length <= MAX_LINE_BYTES) return { lines, rest };
  return { lines: [...lines, parseLine(rest)], rest: Buffer.alloc(0) };
}

/** `2026-01-01T00:00:00.000000000Z stdout F text`; what does not look like this is text as a whole. */
export function parseLine(line: Buffer): LogLine {
  const first = line.indexOf(SPACE);
  const second = first < 0 ? -1 : line.indexOf(SPACE, first + 1);
  if (second < 0) return { time: '', stream: 'stdout', partial: false, text: line };
  const third = line.indexOf(SPACE, second + 1);
  const tag = line.subarray(second + 1, third < 0 ? line.length : third).toString('latin1');
  return {
    time: line.subarray(0, first).toString('latin1'),
    stream: line.subarray(first + 1, second).toString('latin1'),
    partial: tag === 'P' || tag.startsWith('P:'),
    text: third < 0 ? Buffer.alloc(0) : line.subarray(third + 1),
  };
}

/** Where in the file its last lines begin; parts of a line count as one. */
export async function startOfTail(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  if (lines === 0) return size;
  for (let window = WINDOW_BYTES; ; window *= 2) {
    const start = Math.max(0, size - window);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const found = tailIn(buffer.subarray(0, bytesRead), lines, start === 0);
    if (found !== undefined) return start + found;
    if (start === 0) return 0;
  }
}

/** Where in the buffer the last lines begin; undefined when they may begin before it. `isWhole`: it has all of the file. */
function tailIn(buffer: Buffer, lines: number, isWhole: boolean): number | undefined {
  let left = lines;
  // From the newline at the end of each line back to the one before it.
  let end = buffer.lastIndexOf(NEWLINE);
  while (end > 0) {
    const before = buffer.lastIndexOf(NEWLINE, end - 1);
    if (before <= 0) return undefined;
    const start = buffer.lastIndexOf(NEWLINE, before - 1) + 1;
    if (start === 0 && !isWhole) return undefined; // Whether the line before is a part cannot be told from here.
    if (!parseLine(buffer.subarray(start, before)).partial && --left === 0) return before + 1;
    end = before;
  }
  return undefined;
}
