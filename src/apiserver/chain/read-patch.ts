// The body of a PATCH request.

import { entriesOf, type JsonMap } from '../../api/apply/typed-value.ts';
import type { FieldValidation } from '../../api/decode-body.ts';
import { jsonTypeOf } from '../../api/decode-leaf.ts';
import { decodeUtf8, hasDuplicateKeys, isTooDeep } from '../../api/json-decode.ts';
import { stringifyJson } from '../../api/json-encode.ts';
import { type Patch, type PatchType, readPatch } from '../../api/patch/patch-object.ts';
import { badRequest } from '../../api/status-error.ts';
import { type DecodedYaml, decodeYaml, YamlError } from '../../api/yaml-decode.ts';
import type { Call } from './call.ts';
import { mediaTypeOf, unsupportedMediaType } from './read-body.ts';
import type { WriteOptions } from './request-options.ts';

const PATCH_TYPES: ReadonlyMap<string, PatchType | 'apply'> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
  ['application/apply-patch+yaml', 'apply'],
]);

type PatchCall = Pick<Call, 'request' | 'body'>;

/** Throws StatusError `UnsupportedMediaType` for other kinds of patches. */
export function patchTypeOf({ request, body }: PatchCall): PatchType | 'apply' {
  const contentType = body?.type === 'bytes' ? body.contentType : (request.headers['content-type'] ?? '');
  const patchType = PATCH_TYPES.get(mediaTypeOf(contentType));
  if (patchType) return patchType;
  throw unsupportedMediaType([...PATCH_TYPES.keys()]);
}

/** Throws StatusError `BadRequest`. */
export function readPatchBody({ body }: PatchCall, patchType: PatchType, { fieldValidation }: WriteOptions): Patch {
  return readPatch(patchType, textOf(body), fieldValidation);
}

export interface AppliedBody {
  /** As it was sent. */
  readonly applied: JsonMap;
  /**
   * Says which keys stand twice, as the client asked: refuses them, warns of them, or nothing. To be called once
   * nothing else is wrong with the body. Throws StatusError `BadRequest`.
   */
  checkDuplicates(warn: (text: string) => void): void;
}

/** What is applied, in YAML or JSON. Throws StatusError `BadRequest` for what is neither, or no object. */
export function readAppliedBody({ body }: PatchCall, { fieldValidation }: WriteOptions): AppliedBody {
  const { value, duplicateKeys } = yamlOf(body);
  if (isTooDeep(value)) throw badRequest('error decoding YAML: exceeded max depth');
  if (value !== null && jsonTypeOf(value) !== 'object') {
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type map[string]interface {}`,
    );
  }
  return {
    applied: entriesOf(value),
    checkDuplicates: (warn) => reportDuplicates(duplicateKeys, fieldValidation, warn),
  };
}

function reportDuplicates(
  duplicates: string | undefined,
  validation: FieldValidation,
  warn: (text: string) => void,
): void {
  if (duplicates === undefined || validation === 'Ignore') return;
  if (validation === 'Strict') {
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${duplicates}`);
  }
  const [, ...each] = duplicates.split('\n');
  for (const text of each) warn(text.trim());
}

function yamlOf(body: Call['body']): DecodedYaml {
  if (body?.type === 'object') return { value: body.object, duplicateKeys: undefined };
  const text = textOf(body);
  const json = jsonOf(text);
  if (json !== undefined && !hasDuplicateKeys(text)) return { value: json, duplicateKeys: undefined };
  try {
    return decodeYaml(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`, error);
  }
}

/** Most of what is applied is JSON, which is read faster as what it is. */
function jsonOf(text: string): unknown {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // YAML may begin like this, too.
  }
}

function textOf(body: Call['body']): string {
  if (body === undefined) return '';
  return body.type === 'bytes' ? decodeUtf8(body.bytes) : stringifyJson(body.object);
}
