// What the write path needs to know of a call.

import { managerOfUserAgent } from '../../api/object-validation.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Answer } from '../chain/answer.ts';
import type { Call } from '../chain/call.ts';
import type { WriteOptions } from '../chain/request-options.ts';
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

export function writeRequestOf(
  call: Call,
  options: Pick<WriteOptions, 'dryRun'> & Partial<WriteOptions>,
): WriteRequest {
  const { resource, info, user, lifetime, warn } = call;
  const { subresource, namespace, name } = info;
  const { dryRun } = options;
  const fieldManager = fieldManagerOf(call, options);
  return {
    resource,
    storage: storageOf(call),
    subresource,
    namespace,
    name,
    user,
    dryRun,
    fieldManager,
    lifetime,
    warn,
  };
}

/** The name that a client gives itself, or the first part of its user agent. */
export function fieldManagerOf(
  { request }: Pick<Call, 'request'>,
  { fieldManager }: Partial<Pick<WriteOptions, 'fieldManager'>>,
): string {
  return fieldManager || managerOfUserAgent(request.headers['user-agent'] ?? '');
}

export function writtenAnswer({ resource }: Call, written: Written, status: number): Answer {
  if (written.type === 'version') return { type: 'version', status, resource, version: written.version };
  return { type: 'object', status, resource, object: written.object };
}
