// Writes tar archives (POSIX ustar, with pax records for long names) that depend on their entries alone: no times, no
// names of users. Reading archives is left to containerd.

import { utf8Length } from '../base/utf8-length.ts';

/** A path is relative and without a leading `./`. Modes default to 755 for directories and 644 for files. */
export type TarEntry =
  | { readonly type: 'directory'; readonly path: string; readonly mode?: number }
  | { readonly type: 'file'; readonly path: string; readonly mode?: number; readonly data: Uint8Array }
  | { readonly type: 'symlink' | 'hardlink'; readonly path: string; readonly target: string };

const BLOCK = 512;
const NAME_LIMIT = 100;
/** Eleven octal digits. */
const MAX_FILE_BYTES = 8 ** 11 - 1;
const FLAGS = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const;

const encoder = new TextEncoder();

/** The archive, entries in the order given. Throws RangeError for a file of 8 GiB or more. */
export function writeTar(entries: Iterable<TarEntry>): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const entry of entries) appendEntry(blocks, entry);
  blocks.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(blocks);
}

function appendEntry(blocks: Uint8Array[], entry: TarEntry): void {
  const name = entry.type === 'directory' ? `${entry.path}/` : entry.path;
  const target = 'target' in entry ? entry.target : '';
  const records = [...paxRecord('path', name), ...paxRecord('linkpath', target)];
  if (records.length > 0) {
    const data = encoder.encode(records.join(''));
    blocks.push(header({ name: 'pax', target: '', mode: 0o644, size: data.length, flag: 'x' }));
    appendData(blocks, data);
  }
  const data = entry.type === 'file' ? entry.data : new Uint8Array();
  if (data.length > MAX_FILE_BYTES) throw new RangeError(`${entry.path} is too large for the archive`);
  blocks.push(header({ name, target, mode: modeOf(entry), size: data.length, flag: FLAGS[entry.type] }));
  appendData(blocks, data);
}

function modeOf(entry: TarEntry): number {
  if ('target' in entry) return 0o777;
  return entry.mode ?? (entry.type === 'directory' ? 0o755 : 0o644);
}

function appendData(blocks: Uint8Array[], data: Uint8Array): void {
  blocks.push(data, new Uint8Array((BLOCK - (data.length % BLOCK)) % BLOCK));
}

/** A record is `LENGTH KEY=VALUE\n`, where the length counts its own digits too. */
function paxRecord(key: string, value: string): string[] {
  const bytes = utf8Length(value);
  if (bytes <= NAME_LIMIT && bytes === value.length) return [];
  const rest = bytes + key.length + 3;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length++;
  return [`${length} ${key}=${value}\n`];
}

interface Header {
  readonly name: string;
  readonly target: string;
  readonly mode: number;
  readonly size: number;
  readonly flag: string;
}

function header({ name, target, mode, size, flag }: Header): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string, limit: number) => block.set(encoder.encode(text).subarray(0, limit), at);
  put(0, name, NAME_LIMIT);
  put(100, octal(mode, 7), 7);
  put(108, octal(0, 7), 7);
  put(116, octal(0, 7), 7);
  put(124, octal(size, 11), 11);
  put(136, octal(0, 11), 11);
  put(148, ' '.repeat(8), 8); // The sum is taken with blanks in its own place.
  put(156, flag, 1);
  put(157, target, NAME_LIMIT);
  put(257, 'ustar\u000000', 8);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 6)}\0 `, 8);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
