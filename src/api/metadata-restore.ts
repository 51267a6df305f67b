// Puts back the parts of metadata that an update through a subresource may not change. Upstream:
// ResetObjectMetaForStatus in k8s.io/apimachinery/pkg/apis/meta/v1.

import type { ObjectMeta } from './meta/object-meta.ts';
import type { Draft } from './schema.ts';

/** Everything that a user may write to metadata, and what the deletion of the object has left there. */
const WRITABLE = [
  'deletionTimestamp',
  'generation',
  'selfLink',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
] as const satisfies readonly (keyof ObjectMeta)[];

/** `fields` become what they were before; all others stay as they are. */
export function restoreMetadata(
  metadata: Draft<ObjectMeta>,
  previous: ObjectMeta,
  fields: readonly (typeof WRITABLE)[number][] = WRITABLE,
): void {
  for (const field of fields) {
    const value = previous[field];
    if (value === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: value });
  }
}
