// Between the kind that is served and the kind that is stored, where two resources share their objects.

import { convertObject } from '../../api/convert.ts';
import type { AnyDraft, AnyObject, Kind } from '../../api/kind.ts';
import type { Resource } from './resource.ts';

/** A draft as it is stored. Takes the draft over. */
export function toStored({ kind, storage }: Resource, draft: AnyDraft): AnyDraft {
  return !storage || storage.kind === kind ? draft : convertObject(storage.kind, draft);
}

/** A stored object as another kind that it is served as. */
export function toServed(kind: Kind, object: AnyObject): AnyDraft {
  return convertObject(kind, object);
}
