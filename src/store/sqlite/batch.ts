// Decides a batch of writes in order, each against the ones before it: which are made, which are refused, and which old
// values have to be read for the answers. Pure; sqlite-store.ts carries it out.

import type { StoreEvent, StoreItem, WriteResult } from '../store.ts';

export interface Write {
  readonly key: string;
  /** Undefined deletes. */
  readonly value: Uint8Array | undefined;
  readonly expected: number;
}

/** What stands at a key. The item is missing while its value is only in the file. */
export interface Standing {
  readonly key: string;
  readonly revision: number;
  /** The revision at which the key came to be: the file knows it by that. */
  readonly created: number;
  item: StoreItem | undefined;
}

export interface Decision<W extends Write> {
  readonly write: W;
  /** The revision the write takes, or undefined when it is refused. */
  readonly revision: number | undefined;
  readonly before: Standing | undefined;
}

export interface Batch<W extends Write> {
  readonly decisions: readonly Decision<W>[];
  /** Whose item is missing: to be filled in before `events` and `resultOf` are called. */
  readonly missing: readonly Standing[];
}

/** `standing` says what is durable at a key; writes that are made take the revisions after `after`. */
export function decideBatch<W extends Write>(
  writes: readonly W[],
  after: number,
  standing: (key: string) => Standing | undefined,
): Batch<W> {
  const touched = new Map<string, Standing | undefined>();
  const missing: Standing[] = [];
  const decisions: Decision<W>[] = [];
  let revision = after;
  for (const write of writes) {
    const { key, value, expected } = write;
    let before = touched.get(key);
    if (!before && !touched.has(key)) {
      before = standing(key);
      touched.set(key, before);
      if (before && !before.item) missing.push(before);
    }
    if ((before?.revision ?? 0) !== expected || (!value && !before)) {
      decisions.push({ write, revision: undefined, before });
      continue;
    }
    revision++;
    const created = before?.created ?? revision;
    touched.set(key, value && { key, revision, created, item: { key, value, revision } });
    decisions.push({ write, revision, before });
  }
  return { decisions, missing };
}

/** What the batch changes, in order. */
export function eventsOf(decisions: readonly Decision<Write>[]): StoreEvent[] {
  const events: StoreEvent[] = [];
  for (const { write, revision, before } of decisions) {
    if (revision === undefined) continue;
    const { key, value } = write;
    if (value) events.push({ type: 'put', item: { key, value, revision }, previous: before?.item });
    else events.push({ type: 'delete', key, revision, previous: before!.item! });
  }
  return events;
}

export function resultOf({ revision, before }: Decision<Write>): WriteResult {
  return revision === undefined ? { ok: false, current: before?.item } : { ok: true, revision };
}
