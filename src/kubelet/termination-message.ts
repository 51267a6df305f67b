// A container's last words: what it wrote to its termination message file or, if it failed and that was agreed on, the end of
// its log. Upstream: getTerminationMessage in kuberuntime_container.go.

import { open } from 'node:fs/promises';
import { splitLines } from './server/log-lines.ts';

/** Upstream's limits for the file, and for the end of the log. */
const MAX_MESSAGE_BYTES = 4096;
const MAX_LOG_BYTES = 2048;
const MAX_LOG_LINES = 80;
/** Holds so many lines even with the time and the stream before each. */
const LOG_END_BYTES = MAX_LOG_BYTES + MAX_LOG_LINES * 64;
const NEWLINE = Buffer.from('\n');

export async function terminationMessage(container: {
  readonly file: string | undefined;
  readonly policy: string;
  readonly logFile: string;
  readonly failed: boolean;
}): Promise<string> {
  const written = container.file ? (await readEnd(container.file, MAX_MESSAGE_BYTES)).toString('utf8') : '';
  if (written !== '' || container.policy !== 'FallbackToLogsOnError' || !container.failed) return written;
  const log = await readEnd(container.logFile, LOG_END_BYTES);
  return lastWords(log);
}

/** What the last lines of a log say. Exported for its test. */
export function lastWords(log: Buffer): string {
  const texts = splitLines(log).lines.map(({ text, partial }) => (partial ? text : Buffer.concat([text, NEWLINE])));
  return Buffer.concat(texts.slice(-MAX_LOG_LINES)).subarray(-MAX_LOG_BYTES).toString('utf8');
}

/** The last bytes of a file; nothing when it cannot be read, since a container may never have got to writing. */
async function readEnd(path: string, maxBytes: number): Promise<Buffer> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const length = Math.min(size, maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } catch {
    return Buffer.alloc(0);
  }
}
