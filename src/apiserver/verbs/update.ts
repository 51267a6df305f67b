// Replaces an object, or the part of it that a subresource stands for.

import type { AnyDraft } from '../../api/kind.ts';
import { badRequest } from '../../api/status-error.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import { readBody } from '../chain/read-body.ts';
import { writeOptionsOf } from '../chain/request-options.ts';
import { toStored } from '../registry/conversion.ts';
import { createObject } from '../registry/create-object.ts';
import type { Registry } from '../registry/registry.ts';
import { keyOf } from '../registry/resource.ts';
import { updateObject } from '../registry/update-object.ts';
import { writeRequestOf, writtenAnswer } from './write-request.ts';

export async function update(registry: Registry, call: Call): Promise<Answer> {
  const { resource, info } = call;
  const options = writeOptionsOf(call.request.query, 'UpdateOptions');
  const request = writeRequestOf(call, options);
  const { kind } = request.storage;
  const read = (): AnyDraft => {
    const draft = readBody(call, resource.kind, options);
    refuseOtherName(call, draft);
    return toStored(resource, draft);
  };
  let first: AnyDraft | undefined = read();
  if (kind.createOnUpdate && info.subresource === '' && !request.storage.get(keyOf(kind, info))) {
    registry.authorizeCreate(call.user, info);
    delete first.metadata.resourceVersion;
    first.metadata.namespace ??= info.namespace;
    return writtenAnswer(call, await createObject(registry, request, first), 201);
  }
  const written = await updateObject(registry, request, {
    // Preparing a draft changes it, so a further attempt starts from the body again.
    make() {
      const draft = first ?? read();
      first = undefined;
      return draft;
    },
  });
  return writtenAnswer(call, written, 200);
}

/** A body has to be of the object that the path names. */
export function refuseOtherName({ resource, info }: Call, { metadata }: AnyDraft): void {
  const name = metadata.name ?? '';
  if (name !== info.name) {
    const why = name === '' ? 'name must be provided' : undefined;
    if (why) throw badRequest(`the name of the object (${info.name} based on URL) was undeterminable: ${why}`);
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${info.name})`);
  }
  const namespace = metadata.namespace;
  if (resource.kind.namespaced && namespace && namespace !== info.namespace) {
    throw badRequest(
      `the namespace of the object (${namespace}) does not match the namespace on the request (${info.namespace})`,
    );
  }
}
