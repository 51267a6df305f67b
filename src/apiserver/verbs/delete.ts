// Deletes an object, or every object of a collection.

import { DeleteOptions as DeleteOptionsSchema } from '../../api/meta/options.ts';
import { isStatusError } from '../../api/status-error.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import { readBody } from '../chain/read-body.ts';
import {
  checkedDeleteOptions,
  type DeleteOptions,
  deleteOptionsOfQuery,
  listOptionsOf,
} from '../chain/request-options.ts';
import { type Deleted, deletedStatus, deleteObject } from '../registry/delete-object.ts';
import type { Registry } from '../registry/registry.ts';
import { list } from './list.ts';
import { writeRequestOf } from './write-request.ts';

/** So many objects of a collection are deleted at a time. */
const PARALLEL = 16;

export async function deleteOne(registry: Registry, call: Call): Promise<Answer> {
  const options = readDeleteOptions(call);
  const request = writeRequestOf(call, options);
  const deleted = await deleteObject(registry, request, options);
  return deletedAnswer(call, deleted, options);
}

export async function deleteCollection(registry: Registry, call: Call): Promise<Answer> {
  const options = readDeleteOptions(call);
  const listed = await list(registry, call, listOptionsOf(call.request.query));
  const waiting = listed.versions.values();
  const work = async () => {
    for (const { object } of waiting) {
      const { name, namespace = '' } = object.metadata;
      const request = { ...writeRequestOf(call, options), name, namespace };
      try {
        await deleteObject(registry, request, options);
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error; // Somebody else has deleted it.
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return { type: 'list', resource: call.resource, ...listed };
}

function deletedAnswer(call: Call, deleted: Deleted, options: DeleteOptions): Answer {
  const { resource } = call;
  const { kind } = resource;
  if ('object' in deleted) return { type: 'object', status: 200, resource, object: deleted.object };
  const { version, gone } = deleted;
  if (!gone) return { type: 'version', status: options.orphanDependents === false ? 202 : 200, resource, version };
  if (kind.returnsDeleted) return { type: 'version', status: 200, resource, version };
  const uid = version.object.metadata.uid;
  return { type: 'object', status: 200, object: deletedStatus({ resource, name: call.info.name }, uid) };
}

/** From the body; without one, from the query. Throws StatusError. */
function readDeleteOptions(call: Call): DeleteOptions {
  const { body } = call;
  const { query } = call.request;
  if (body === undefined || (body.type === 'bytes' && body.bytes.length === 0)) return deleteOptionsOfQuery(query);
  const type = { group: '', version: 'v1', kind: 'DeleteOptions', schema: DeleteOptionsSchema };
  const draft = readBody(call, type, { fieldValidation: 'Ignore', otherVersions: 'any' });
  return checkedDeleteOptions(draft);
}
