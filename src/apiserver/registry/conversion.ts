// Between the kind that is served and the kind that is stored, where two resources share their objects.

import type { AnyDraft, AnyObject, Kind } from '../../api/kind.ts';
import type { Resource } from './resource.ts';

/** A draft as it is stored. Takes the draft over. */
export function toStored({ kind, storage }: Resource, draft: AnyDraft): AnyDraft {
  return !storage || storage.kind === kind ? draft : convert(storage.kind, draft);
}

/** A stored object as another kind that it is served as. */
export function toServed(kind: Kind, object: AnyObject): AnyDraft {
  return convert(kind, structuredClone(object) as unknown as AnyDraft);
}

function convert(kind: Kind, draft: AnyDraft): AnyDraft {
  throw new Error(`no conversion from ${draft.kind} to ${kind.kind}`);
}
