// The annotation in which client-side apply keeps what was applied last, next to server-side apply by kubectl: what it
// says was applied is no conflict, which is how objects move from the one to the other, and it is kept up to date for
// those who go back. Other managers have nothing to do with it. Upstream: apimachinery's
// util/managedfields/internal/lastapplied*.go.

import { utf8Length } from '../../base/utf8-length.ts';
import { goJson, withSortedKeys } from '../go-json.ts';
import { checkApplied } from './check-applied.ts';
import { compareObjects } from './compare-objects.ts';
import type { FieldScope } from './field-scope.ts';
import { difference, type FieldSet, isEmpty, NO_FIELDS } from './field-set.ts';
import { fieldsOf } from './fields-of.ts';
import type { Conflict } from './track-changes.ts';
import { entriesOf, isMap, type JsonMap, MergeTypeError } from './typed-value.ts';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
export const KUBECTL = 'kubectl';
const MAX_ANNOTATIONS_BYTES = 256 * 1024;

/** The conflicts over something else than what the annotation says was applied, and still is as it was. */
export function conflictsBesidesLastApplied(
  scope: FieldScope,
  live: JsonMap,
  conflicts: readonly Conflict[],
): readonly Conflict[] {
  const allowed = fieldsLastApplied(scope, live);
  return conflicts
    .map(({ manager, fields }) => ({ manager, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmpty(fields));
}

function fieldsLastApplied({ apiVersion, type }: FieldScope, live: JsonMap): FieldSet {
  const applied = parsed(annotationsOf(live)[LAST_APPLIED]);
  if (!applied || applied['apiVersion'] !== apiVersion) return NO_FIELDS;
  try {
    checkApplied(type, applied);
    const { changed, removed } = compareObjects(type, applied, live);
    return difference(difference(fieldsOf(type, applied), changed), removed);
  } catch (error) {
    if (error instanceof MergeTypeError) return NO_FIELDS; // Somebody has written something else there.
    throw error;
  }
}

/** The object with the annotation brought up to date, if it has one; without it where that would be too much. */
export function withLastApplied(object: JsonMap, applied: JsonMap): JsonMap {
  const { [LAST_APPLIED]: previous, ...others } = annotationsOf(object);
  if (typeof previous !== 'string' || previous === '') return object;
  const annotations = { ...others, [LAST_APPLIED]: lastAppliedText(applied) };
  const isTooLong = sizeOf(annotations) > MAX_ANNOTATIONS_BYTES;
  return { ...object, metadata: { ...entriesOf(object['metadata']), annotations: isTooLong ? others : annotations } };
}

function lastAppliedText(applied: JsonMap): string {
  const metadata = applied['metadata'];
  const annotations = entriesOf(metadata)['annotations'];
  if (!isMap(metadata) || !isMap(annotations)) return textOf(applied);
  const { [LAST_APPLIED]: _, ...others } = annotations;
  return textOf({ ...applied, metadata: { ...metadata, annotations: others } });
}

function textOf(object: JsonMap): string {
  return `${goJson(withSortedKeys(object))}\n`;
}

function annotationsOf(object: JsonMap): JsonMap {
  return entriesOf(entriesOf(object['metadata'])['annotations']);
}

function parsed(text: unknown): JsonMap | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isMap(value) ? value : undefined;
  } catch {
    return undefined; // Not what client-side apply writes.
  }
}

function sizeOf(annotations: JsonMap): number {
  return Object.entries(annotations).reduce(
    (size, [key, value]) => size + utf8Length(key) + utf8Length(String(value)),
    0,
  );
}
