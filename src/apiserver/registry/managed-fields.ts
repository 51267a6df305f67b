// Who manages the fields of an object once it is written: `metadata.managedFields` of a draft, in the version in which
// the client writes it. Server-side apply and scaling work them out themselves; what the server does on its own behalf
// (binding, eviction, deletion) leaves them as they are, as upstream does.

import { managedFieldsAfterUpdate } from '../../api/apply/field-manager.ts';
import type { FieldScope } from '../../api/apply/field-scope.ts';
import { differOnlyInTimes } from '../../api/apply/managers.ts';
import type { JsonMap } from '../../api/apply/typed-value.ts';
import { convertObject } from '../../api/convert.ts';
import { deepEqual } from '../../api/deep-equal.ts';
import type { AnyDraft, AnyObject } from '../../api/kind.ts';
import type { ManagedFieldsEntry } from '../../api/meta/object-meta.ts';
import { formatTime } from '../../api/time.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import type { Registry, WriteRequest } from './registry.ts';

/** The draft is defaulted, and not admitted yet. */
export function trackCreate(registry: Registry, request: WriteRequest, draft: AnyDraft): void {
  const scope = fieldScopeOf(request);
  track(registry, request, { scope, live: scope.empty, draft });
}

/** The same for a draft that takes the place of `previous`. */
export function trackUpdate(registry: Registry, request: WriteRequest, draft: AnyDraft, previous: ObjectVersion): void {
  const live = request.resource.serve(previous).object as unknown as JsonMap;
  track(registry, request, { scope: fieldScopeOf(request), live, draft });
}

export function fieldScopeOf({ resource, subresource }: WriteRequest): FieldScope {
  return resource.fieldScopes.of(resource.kind, subresource);
}

/** Undefined: nobody manages anything. */
export function setManagedFields(
  { metadata }: AnyDraft,
  managedFields: readonly ManagedFieldsEntry[] | undefined,
): void {
  if (managedFields) metadata.managedFields = managedFields as NonNullable<AnyDraft['metadata']['managedFields']>;
  else delete metadata.managedFields;
}

/** Whether a draft says the same as what is there. Then it is not written, whatever times it has for the managers. */
export function isSameObject(draft: AnyDraft, before: AnyObject): boolean {
  const { managedFields } = draft.metadata;
  if (!differOnlyInTimes(managedFields, before.metadata.managedFields)) return deepEqual(draft, before);
  const { managedFields: _, ...metadata } = draft.metadata;
  const { managedFields: __, ...metadataBefore } = before.metadata;
  return deepEqual({ ...draft, metadata }, { ...before, metadata: metadataBefore });
}

function track(
  { clock }: Registry,
  { resource, fieldManager }: WriteRequest,
  { scope, live, draft }: { readonly scope: FieldScope; readonly live: JsonMap; readonly draft: AnyDraft },
): void {
  const next = (resource.servesStored ? draft : convertObject(resource.kind, draft)) as JsonMap;
  const write = { live, next, manager: fieldManager, time: formatTime(clock.now()) };
  setManagedFields(draft, managedFieldsAfterUpdate(scope, write));
}
