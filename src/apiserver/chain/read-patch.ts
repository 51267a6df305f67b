// The body of a PATCH request.

import { fieldError } from '../../api/field-error.ts';
import { decodeUtf8 } from '../../api/json-decode.ts';
import { stringifyJson } from '../../api/json-encode.ts';
import { type Patch, type PatchType, readPatch } from '../../api/patch/patch-object.ts';
import { invalid } from '../../api/status-error.ts';
import type { Call } from './call.ts';
import { mediaTypeOf, unsupportedMediaType } from './read-body.ts';
import type { WriteOptions } from './request-options.ts';

const PATCH_TYPES: ReadonlyMap<string, PatchType> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
]);

/** Throws StatusError: `UnsupportedMediaType` for other kinds of patches, `BadRequest`. */
export function readPatchBody(
  { request, body }: Pick<Call, 'request' | 'body'>,
  { fieldValidation }: WriteOptions,
): Patch {
  const { headers, query } = request;
  const contentType = body?.type === 'bytes' ? body.contentType : (headers['content-type'] ?? '');
  const patchType = PATCH_TYPES.get(mediaTypeOf(contentType));
  if (!patchType) throw unsupportedMediaType([...PATCH_TYPES.keys()]);
  if (query.has('force')) {
    const error = fieldError.forbidden('force', 'may not be specified for non-apply patch');
    throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [error]);
  }
  return readPatch(patchType, textOf(body), fieldValidation);
}

function textOf(body: Call['body']): string {
  if (body === undefined) return '';
  return body.type === 'bytes' ? decodeUtf8(body.bytes) : stringifyJson(body.object);
}
