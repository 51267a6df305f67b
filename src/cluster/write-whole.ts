// Files that others read while they are written, or after the machine has lost its power: there is the old text or the new
// one, never a part.

import { renameSync, writeFileSync } from 'node:fs';

/** Only the owner may read the file. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode: 0o600, flush: true });
  renameSync(temporary, path);
}
