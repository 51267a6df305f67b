// Server-side apply: makes of an object what a manager wants of it, and the object itself where there is none. Upstream:
// the apply patcher of apiserver's endpoints/handlers/patch.go.

import { applyConfiguration } from '../../api/apply/field-manager.ts';
import { entriesOf, type JsonMap } from '../../api/apply/typed-value.ts';
import { decodeObject } from '../../api/decode-object.ts';
import type { AnyDraft } from '../../api/kind.ts';
import { conflict, isStatusError, notFound } from '../../api/status-error.ts';
import { formatTime } from '../../api/time.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import { type AppliedBody, readAppliedBody } from '../chain/read-patch.ts';
import { type PatchRequestOptions, patchOptionsOf } from '../chain/request-options.ts';
import { toStored } from '../registry/conversion.ts';
import { createObject } from '../registry/create-object.ts';
import { fieldScopeOf, setManagedFields } from '../registry/managed-fields.ts';
import type { Registry, WriteRequest } from '../registry/registry.ts';
import { keyOf } from '../registry/resource.ts';
import { updateObject } from '../registry/update-object.ts';
import { refuseOtherNamespace } from './create.ts';
import { refuseOtherName } from './update.ts';
import { writeRequestOf, writtenAnswer } from './write-request.ts';

/** How often an object may come and go under an apply. */
const ATTEMPTS = 5;

export async function apply(registry: Registry, call: Call): Promise<Answer> {
  const options = patchOptionsOf(call.request.query, { isApply: true });
  const body = readAppliedBody(call, options);
  const request = writeRequestOf(call, options);
  const { storage, subresource, resource, name } = request;
  const key = keyOf(storage.kind, call.info);
  const applied = { ...options, registry, call, request, body };
  for (let attempt = 1; ; attempt++) {
    const isThere = storage.get(key) !== undefined;
    if (!isThere && subresource !== '') throw notFound(resource.name, name);
    try {
      return isThere ? await applyToObject(applied) : await createByApply(applied);
    } catch (error) {
      const isOvertaken = isStatusError(error, isThere ? 'NotFound' : 'AlreadyExists');
      if (!isOvertaken || attempt === ATTEMPTS || (storage.get(key) !== undefined) === isThere) throw error;
    }
  }
}

interface Apply extends PatchRequestOptions {
  readonly registry: Registry;
  readonly call: Call;
  readonly request: WriteRequest;
  readonly body: AppliedBody;
}

async function applyToObject(applied: Apply): Promise<Answer> {
  const { registry, call, request } = applied;
  const { resource } = call;
  const written = await updateObject(registry, request, {
    fromNewest: true,
    tracked: true,
    make(previous) {
      const draft = appliedDraft(applied, resource.serve(previous).object as unknown as JsonMap);
      if (draft.metadata.resourceVersion === previous.resourceVersion) delete draft.metadata.resourceVersion;
      return toStored(resource, draft);
    },
  });
  return writtenAnswer(call, written, 200);
}

async function createByApply(applied: Apply): Promise<Answer> {
  const { registry, call, request } = applied;
  const { resource, info, user } = call;
  const draft = appliedDraft(applied, fieldScopeOf(request).empty);
  const { uid } = draft.metadata;
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(resource.name, info.name, why);
  }
  refuseOtherNamespace(call, draft);
  refuseOtherName(call, draft);
  registry.authorizeCreate(user, info);
  const written = await createObject(registry, request, toStored(resource, draft), { tracked: true });
  return writtenAnswer(call, written, 201);
}

function appliedDraft({ registry, call, request, body, force }: Apply, live: JsonMap): AnyDraft {
  const time = formatTime(registry.clock.now());
  const write = { live, applied: body.applied, manager: request.fieldManager, force, time };
  const { object, managedFields } = applyConfiguration(fieldScopeOf(request), write);
  body.checkDuplicates(call.warn);
  const draft = decodeObject(call.resource.kind, withoutManagedFields(object));
  setManagedFields(draft, managedFields);
  return draft;
}

/** They are long, and about to be replaced. */
function withoutManagedFields(object: JsonMap): JsonMap {
  const { managedFields: _, ...metadata } = entriesOf(object['metadata']);
  return { ...object, metadata };
}
