// A container's last words: what it wrote to its termination message file or, if it failed and that was agreed on, the end of
// its log. Upstream: getTerminationMessage in kuberuntime_container.go.

import { open } from 'node:fs/promises';

/** Upstream's limits for the file, and for the end of the log. */
const MAX_MESSAGE_BYTES = 4096;
const MAX_LOG_BYTES = 2048;
const MAX_LOG_LINES = 80;

export async function terminationMessage(container: {
  readonly file: string | undefined;
  readonly policy: string;
  readonly logFile: string;
  readonly failed: boolean;
}): Promise<string> {
  const written = container.file ? await readEnd(container.file, MAX_MESSAGE_BYTES) : '';
  if (written !== '' || container.policy !== 'FallbackToLogsOnError' || !container.failed) return written;
  const log = await readEnd(container.logFile, MAX_LOG_BYTES * 4);
  const lines = log.split('\n').map((line) => /^\S+ \S+ [FP] ?(.*)$/.exec(line)?.[1] ?? '');
  return lines
    .slice(-MAX_LOG_LINES - 1)
    .join('\n')
    .slice(-MAX_LOG_BYTES);
}

/** The last bytes of a file; nothing when it cannot be read, since a container may never have got to writing. */
async function readEnd(path: string, maxBytes: number): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const length = Math.min(size, maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } catch {
    return '';
  }
}
