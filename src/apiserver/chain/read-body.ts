// The body of a request as a draft of what it should be, whatever it travelled as.

import { type BodyFormat, decodeBody, type FieldValidation } from '../../api/decode-body.ts';
import { type DecodeNotes, decodeObject, type ObjectType } from '../../api/decode-object.ts';
import { encodeJson } from '../../api/json-encode.ts';
import type { AnyDraft } from '../../api/kind.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Call } from './call.ts';

const FORMATS: ReadonlyMap<string, BodyFormat> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
]);

/** Throws StatusError: `UnsupportedMediaType`, `BadRequest`. */
export function readBody(
  { body, warn }: Pick<Call, 'body' | 'warn'>,
  type: ObjectType,
  options: { readonly fieldValidation: FieldValidation; readonly otherVersions?: readonly string[] | 'any' },
): AnyDraft {
  if (body?.type === 'object') {
    const notes: DecodeNotes = { unknownFields: false };
    const draft = decodeObject(type, body.object, notes);
    if (!notes.unknownFields || options.fieldValidation === 'Ignore') return draft;
  }
  const bytes = body === undefined ? new Uint8Array() : body.type === 'bytes' ? body.bytes : encodeJson(body.object);
  const format = body?.type === 'bytes' ? bodyFormat(body.contentType) : 'json';
  const { draft, warnings } = decodeBody(type, bytes, { format, ...options });
  for (const warning of warnings) warn(warning);
  return draft;
}

/** The format that a content type stands for. */
export function bodyFormat(contentType: string): BodyFormat {
  if (contentType === '') return 'json';
  const mediaType = mediaTypeOf(contentType);
  const format = FORMATS.get(mediaType);
  if (format) return format;
  throw unsupportedMediaType([...FORMATS.keys()]);
}

/** A media type without its parameters, in lower case. */
export function mediaTypeOf(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const why = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError('UnsupportedMediaType', why);
}
