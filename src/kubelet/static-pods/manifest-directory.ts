// Reads the directory of manifests, at the start and whenever something changes in it. Upstream: pkg/kubelet/config/file.go.

import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Manifest } from './static-pod.ts';

/** Editors write more than once: what follows within this counts as one change. */
const SETTLE_MS = 100;
/** When the directory cannot be watched. Upstream: fileCheckFrequency. */
const RETRY_MS = 20_000;

/** Tells of everything there is each time something has changed; the first time before it resolves. */
export async function followManifests(
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  directory: string,
  found: (manifests: readonly Manifest[]) => void,
): Promise<AsyncDisposable> {
  let watcher: FSWatcher | undefined;
  let timer: Disposable | undefined;
  let reading = Promise.resolve();
  let closed = false;
  const look = () => {
    reading = reading.then(read);
  };
  const later = (delayMs: number) => {
    timer?.[Symbol.dispose]();
    if (!closed) timer = clock.after(delayMs, look);
  };
  const read = async () => {
    try {
      watcher ??= await watchDirectory(directory, {
        changed: () => later(SETTLE_MS),
        lost: () => {
          watcher?.close();
          watcher = undefined;
          later(RETRY_MS);
        },
      });
      found(await readManifests(directory));
    } catch (error) {
      log.warn('the directory of static pods cannot be read', { directory, error });
      watcher?.close();
      watcher = undefined;
      later(RETRY_MS);
    }
  };
  look();
  await reading;
  return {
    async [Symbol.asyncDispose]() {
      closed = true;
      timer?.[Symbol.dispose]();
      watcher?.close();
      await reading;
    },
  };
}

async function watchDirectory(
  directory: string,
  { changed, lost }: { readonly changed: () => void; readonly lost: () => void },
): Promise<FSWatcher> {
  await mkdir(directory, { recursive: true });
  const watcher = watch(directory, changed);
  watcher.on('error', lost);
  return watcher;
}

/** Sorted, so that of two with the same name always the same one counts. Hidden files are somebody's drafts. */
async function readManifests(directory: string): Promise<readonly Manifest[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
  const manifests: Manifest[] = [];
  for (const name of files.sort()) {
    const file = join(directory, name);
    manifests.push({ file, text: await readFile(file, 'utf8') });
  }
  return manifests;
}
