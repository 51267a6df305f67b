// A change of one object, as the cache tells it to watchers: once for all of them.

import type { ObjectVersion } from './object-version.ts';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** What a watcher is told: for DELETED the last version that it saw, under the revision at which it went. */
export interface Change {
  readonly type: ChangeType;
  readonly version: ObjectVersion;
}

export class CacheEvent {
  readonly revision: number;
  /** Absent when the object was deleted. */
  readonly current: ObjectVersion | undefined;
  readonly previous: ObjectVersion | undefined;
  #added: Change | undefined;
  #modified: Change | undefined;
  #deleted: Change | undefined;

  constructor(event: {
    readonly revision: number;
    readonly current: ObjectVersion | undefined;
    readonly previous: ObjectVersion | undefined;
  }) {
    this.revision = event.revision;
    this.current = event.current;
    this.previous = event.previous;
  }

  get key(): string {
    return (this.current ?? this.previous)?.key ?? '';
  }

  /** About how many bytes are held for this event alone. */
  get sizeBytes(): number {
    return this.current?.sizeBytes ?? this.previous?.sizeBytes ?? 0;
  }

  /**
   * The change as it looks to somebody who sees only what matches: an object that begins to match is added, one that
   * no longer does is deleted. Undefined when there is nothing to tell.
   */
  seenBy(matches: (version: ObjectVersion) => boolean): Change | undefined {
    const { current, previous } = this;
    const matched = previous !== undefined && matches(previous);
    if (current && matches(current)) {
      if (matched) {
        this.#modified ??= { type: 'MODIFIED', version: current };
        return this.#modified;
      }
      this.#added ??= { type: 'ADDED', version: current };
      return this.#added;
    }
    if (!matched) return undefined;
    this.#deleted ??= { type: 'DELETED', version: previous.at(this.revision) };
    return this.#deleted;
  }
}
