// Creates an object.

import type { AnyDraft } from '../../api/kind.ts';
import { badRequest } from '../../api/status-error.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import { readBody } from '../chain/read-body.ts';
import { writeOptionsOf } from '../chain/request-options.ts';
import { toStored } from '../registry/conversion.ts';
import { createObject } from '../registry/create-object.ts';
import type { Registry } from '../registry/registry.ts';
import { writeRequestOf, writtenAnswer } from './write-request.ts';

export async function create(registry: Registry, call: Call): Promise<Answer> {
  const options = writeOptionsOf(call.request.query, 'CreateOptions');
  const draft = readBody(call, call.resource.kind, options);
  refuseOtherNamespace(call, draft);
  const request = { ...writeRequestOf(call, options), name: draft.metadata.name ?? '' };
  const written = await createObject(registry, request, toStored(call.resource, draft));
  return writtenAnswer(call, written, 201);
}

/** A body may name its namespace, but no other than the path does. */
export function refuseOtherNamespace({ resource, info }: Call, { metadata }: AnyDraft): void {
  const expected = resource.kind.namespaced ? info.namespace : '';
  if (metadata.namespace && metadata.namespace !== expected) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}
