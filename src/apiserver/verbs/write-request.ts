// What the write path needs to know of a call.

import { StatusError } from '../../api/status-error.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import type { ObjectStorage } from '../registry/object-storage.ts';
import type { WriteRequest, Written } from '../registry/registry.ts';

export function storageOf({ resource, info }: Call): ObjectStorage {
  if (resource.storage) return resource.storage;
  throw methodNotAllowed(info.verb, resource.name.resource);
}

export function methodNotAllowed(verb: string, resource: string): StatusError {
  return new StatusError(
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind ${JSON.stringify(resource)}`,
  );
}

export function writeRequestOf(call: Call, { dryRun }: { readonly dryRun: boolean }): WriteRequest {
  const { resource, info, user, lifetime, warn } = call;
  const { subresource, namespace, name } = info;
  return { resource, storage: storageOf(call), subresource, namespace, name, user, dryRun, lifetime, warn };
}

export function writtenAnswer({ resource }: Call, written: Written, status: number): Answer {
  if (written.type === 'version') return { type: 'version', status, resource, version: written.version };
  return { type: 'object', status, resource, object: written.object };
}
