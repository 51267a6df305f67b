// Between the kind that is served and the kind that is stored, where two resources share their objects.

import { convertObject } from '../../api/convert.ts';
import { applyDefaults } from '../../api/defaults.ts';
import type { AnyDraft } from '../../api/kind.ts';
import { hooksOf } from './kind-hooks.ts';
import type { Resource } from './resource.ts';

/** A draft as it is stored, defaulted first by the kind that it was written in. Takes the draft over. */
export function toStored({ kind, storage, servesStored }: Resource, draft: AnyDraft): AnyDraft {
  if (!storage || servesStored) return draft;
  applyDefaults(kind.schema, draft);
  hooksOf(kind).defaults?.(draft);
  return convertObject(storage.kind, draft);
}
