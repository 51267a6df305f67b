// Changes an object by a patch: JSON patch, JSON merge patch or strategic merge patch.

import type { Patch } from '../../api/patch/patch-object.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import { readPatchBody } from '../chain/read-patch.ts';
import { writeOptionsOf } from '../chain/request-options.ts';
import { toStored } from '../registry/conversion.ts';
import type { Registry } from '../registry/registry.ts';
import { updateObject } from '../registry/update-object.ts';
import { writeRequestOf, writtenAnswer } from './write-request.ts';

export async function patch(registry: Registry, call: Call): Promise<Answer> {
  const { resource, warn } = call;
  const options = writeOptionsOf(call.request.query, 'PatchOptions');
  const body: Patch = readPatchBody(call, options);
  const written = await updateObject(registry, writeRequestOf(call, options), {
    fromNewest: true,
    make(previous) {
      const { draft, warnings } = body.apply(resource.kind, resource.serve(previous).object);
      for (const text of warnings) warn(text);
      // What the object brings along itself is no wish of the client's: without one of its own it may be tried again.
      if (draft.metadata.resourceVersion === previous.resourceVersion) delete draft.metadata.resourceVersion;
      return toStored(resource, draft);
    },
  });
  return writtenAnswer(call, written, 200);
}
