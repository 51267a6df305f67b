// What is told of a watch's items whatever form they travel in.

import type { BookmarkMetadata } from '../negotiation/renderer.ts';
import type { WatchItem } from '../watch/watcher.ts';

/** Counts the events that a watch is told. */
export interface EventCount {
  add(count: number): void;
}

export function changesIn(items: readonly WatchItem[]): number {
  let count = 0;
  for (const item of items) if (item.type === 'changes') count += item.batch.changes.length;
  return count;
}

export function bookmarkMetadata(revision: number, initialEnd: boolean): BookmarkMetadata {
  const annotations = initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  return { resourceVersion: String(revision), ...annotations };
}
