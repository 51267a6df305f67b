// Changes an object by a patch: JSON patch, JSON merge patch or strategic merge patch; or by applying what it should be.

import type { PatchType } from '../../api/patch/patch-object.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import { patchTypeOf, readPatchBody } from '../chain/read-patch.ts';
import { patchOptionsOf } from '../chain/request-options.ts';
import { toStored } from '../registry/conversion.ts';
import type { Registry } from '../registry/registry.ts';
import { updateObject } from '../registry/update-object.ts';
import { apply } from './apply.ts';
import { writeRequestOf, writtenAnswer } from './write-request.ts';

export async function patch(registry: Registry, call: Call): Promise<Answer> {
  const patchType = patchTypeOf(call);
  return patchType === 'apply' ? apply(registry, call) : patchObject(registry, call, patchType);
}

async function patchObject(registry: Registry, call: Call, patchType: PatchType): Promise<Answer> {
  const { resource, warn } = call;
  const options = patchOptionsOf(call.request.query, { isApply: false });
  const body = readPatchBody(call, patchType, options);
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
