// The part of metadata that the server decides. Upstream: k8s.io/apiserver/pkg/registry/rest (create.go, update.go, meta.go).

import { deepEqual } from '../../api/deep-equal.ts';
import type { AnyDraft, AnyObject, Kind } from '../../api/kind.ts';
import { ObjectMeta } from '../../api/meta/object-meta.ts';
import { formatTime } from '../../api/time.ts';

const META_FIELDS = [...ObjectMeta.jsonFields.keys()];

/** Metadata of an object that begins: what a client may not decide is replaced. */
export function beginMetadata(
  draft: AnyDraft,
  given: { readonly uid: string; readonly nowMs: number; readonly namespace: string },
): void {
  const { metadata } = draft;
  draft.metadata = inOrder({
    ...metadata,
    namespace: given.namespace === '' ? undefined : given.namespace,
    selfLink: undefined,
    uid: given.uid,
    resourceVersion: undefined,
    generation: undefined,
    creationTimestamp: formatTime(given.nowMs),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  });
}

/** Metadata of an object that goes on: what an update may not change is what it was. */
export function continueMetadata(draft: AnyDraft, previous: AnyObject): void {
  const before = previous.metadata;
  const { metadata } = draft;
  draft.metadata = inOrder({
    ...metadata,
    generateName: metadata.generateName ?? before.generateName,
    namespace: metadata.namespace ?? before.namespace,
    selfLink: undefined,
    uid: metadata.uid ?? before.uid,
    resourceVersion: before.resourceVersion,
    generation: before.generation,
    creationTimestamp: before.creationTimestamp,
    deletionTimestamp: before.deletionTimestamp,
    deletionGracePeriodSeconds: before.deletionGracePeriodSeconds,
  });
}

/** Counts a new generation when a part of the object that the kind counts has changed. */
export function countGeneration(kind: Kind, draft: AnyDraft, previous: AnyObject): void {
  if (!kind.generation) return;
  const changed = kind.generation.some((path) => !deepEqual(valueAt(draft, path), valueAt(previous, path)));
  draft.metadata.generation = (previous.metadata.generation ?? 0) + (changed ? 1 : 0);
}

function valueAt(object: object, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name];
  return value;
}

/** Copies metadata in its declared order, without what is not set: stored bytes rely on where the uid stands. */
function inOrder(metadata: Readonly<Record<string, unknown>>): AnyDraft['metadata'] {
  const ordered: Record<string, unknown> = {};
  for (const field of META_FIELDS) if (metadata[field] !== undefined) ordered[field] = metadata[field];
  return ordered;
}
