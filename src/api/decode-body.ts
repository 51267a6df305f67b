// The body of a request that carries an object: any of the three encodings, with field validation, and upstream's
// BadRequest for what cannot be read. Upstream: apiserver's endpoints/handlers, runtime/serializer.

import { ProtobufError } from '../base/protobuf.ts';
import { jsonTypeOf } from './decode-leaf.ts';
import { apiVersionOf, cannotBeHandled, type DecodeNotes, decodeObject, type ObjectType } from './decode-object.ts';
import { withSortedKeys } from './go-json.ts';
import { decodeUtf8, hasDuplicateKeys } from './json-decode.ts';
import { explainJsonSyntax } from './json-syntax.ts';
import type { AnyDraft } from './kind.ts';
import { decodeProtobuf, readEnvelope } from './protobuf-codec.ts';
import { badRequest, type StatusError } from './status-error.ts';
import { strictDecodingError, strictFieldErrors } from './strict-fields.ts';
import { decodeYaml, YamlError } from './yaml-decode.ts';

export type BodyFormat = 'json' | 'yaml' | 'protobuf';
/** What becomes of unknown and duplicate fields: dropped in silence, dropped with a warning each, or refused. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface DecodedBody {
  /** Decoded, not yet defaulted. */
  readonly draft: AnyDraft;
  /** The unknown and duplicate fields, to warn of; only with `Warn`. */
  readonly warnings: readonly string[];
}

export interface BodyOptions {
  readonly format: BodyFormat;
  readonly fieldValidation: FieldValidation;
  /** Further apiVersions whose objects of this kind have the same form; `any`: it does not matter (DeleteOptions). */
  readonly otherVersions?: readonly string[] | 'any';
}

/**
 * Decodes an object of `type`. A body without kind or apiVersion is taken to be of it. Throws BadRequest for what is
 * malformed, of another kind or version, of wrong types, or, with `Strict`, has unknown or duplicate fields.
 */
export function decodeBody(type: ObjectType, body: Uint8Array, options: BodyOptions): DecodedBody {
  if (options.format === 'protobuf') return { draft: protobufBody(type, body, options), warnings: [] };
  const text = decodeUtf8(body);
  const parsed = options.format === 'yaml' ? yamlBody(type, body, text) : jsonBody(type, body, text);
  checkType(type, identityOf(type, body, parsed.value), options);
  const notes: DecodeNotes = { unknownFields: false };
  // JSON null changes nothing of an empty object, as in Go.
  const draft = decodeObject(type, parsed.value ?? {}, notes);
  if (options.fieldValidation === 'Ignore') return { draft, warnings: [] };
  const errors = strictErrors(type, parsed, notes);
  if (errors.length > 0 && options.fieldValidation === 'Strict') throw strictDecodingError(type, errors);
  return { draft, warnings: errors };
}

interface Parsed {
  readonly value: unknown;
  /** The JSON text in which to look for unknown and duplicate fields. */
  jsonText(): string;
  /** What is said of duplicate keys in YAML. */
  readonly yamlDuplicates?: string | undefined;
}

function jsonBody(type: ObjectType, body: Uint8Array, text: string): Parsed {
  try {
    return { value: JSON.parse(text), jsonText: () => text };
  } catch {
    throw unrecognized(type, body, `couldn't get version/kind; json parse error: ${explainJsonSyntax(text)}`);
  }
}

function yamlBody(type: ObjectType, body: Uint8Array, text: string): Parsed {
  try {
    const { value, duplicateKeys } = decodeYaml(text);
    // Upstream turns YAML into JSON with sorted keys, so that is the order in which faults are listed.
    return { value, jsonText: () => JSON.stringify(withSortedKeys(value)), yamlDuplicates: duplicateKeys };
  } catch (error) {
    if (error instanceof YamlError) throw unrecognized(type, body, error.message);
    throw error;
  }
}

function strictErrors(type: ObjectType, parsed: Parsed, notes: DecodeNotes): readonly string[] {
  const { yamlDuplicates } = parsed;
  const duplicates = yamlDuplicates === undefined ? [] : [yamlDuplicates];
  const text = parsed.jsonText();
  if (!notes.unknownFields && !hasDuplicateKeys(text)) return duplicates;
  return [...duplicates, ...strictFieldErrors(text, type.schema)];
}

interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What the body says it is, completed from what it should be. */
function identityOf(type: ObjectType, body: Uint8Array, value: unknown): Identity {
  if (value === null) return completed(type, '', '');
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw unrecognized(
      type,
      body,
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type ` +
        'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }',
    );
  }
  const { kind, apiVersion } = value as { kind?: unknown; apiVersion?: unknown };
  for (const [name, given] of Object.entries({ apiVersion, kind })) {
    if (given === undefined || given === null || typeof given === 'string') continue;
    throw unrecognized(
      type,
      body,
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonTypeOf(given)} into Go struct field .${name} of type string`,
    );
  }
  return completed(type, String(kind ?? ''), String(apiVersion ?? ''));
}

function completed(type: ObjectType, kind: string, apiVersion: string): Identity {
  return { kind: kind === '' ? type.kind : kind, apiVersion: apiVersion === '' ? apiVersionOf(type) : apiVersion };
}

function checkType(type: ObjectType, identity: Identity, { otherVersions = [] }: BodyOptions): void {
  const expected = apiVersionOf(type);
  if (identity.kind !== type.kind) {
    const version = identity.apiVersion.slice(identity.apiVersion.indexOf('/') + 1);
    const why = `converting (${version}.${identity.kind}) to (${type.version}.${type.kind}): unknown conversion`;
    throw badRequest(cannotBeHandled({ ...type, version }, why, identity.kind));
  }
  if (identity.apiVersion === expected || otherVersions === 'any' || otherVersions.includes(identity.apiVersion))
    return;
  throw badRequest(
    `the API version in the data (${identity.apiVersion}) does not match the expected API version (${expected})`,
  );
}

function protobufBody(type: ObjectType, body: Uint8Array, options: BodyOptions): AnyDraft {
  try {
    const envelope = readEnvelope(body);
    checkType(type, completed(type, envelope.kind, envelope.apiVersion), options);
    return decodeProtobuf(type, body);
  } catch (error) {
    if (error instanceof ProtobufError) throw unrecognized(type, body, error.message);
    throw error;
  }
}

function unrecognized(type: ObjectType, body: Uint8Array, why: string): StatusError {
  return badRequest(`the object provided is unrecognized (must be of type ${type.kind}): ${why} (${summaryOf(body)})`);
}

const SUMMARY_BYTES = 30;

/** The beginning of a body: as text where it looks like JSON, else in hexadecimal. */
function summaryOf(body: Uint8Array): string {
  if (body.length === 0) return '<empty>';
  const head = body.subarray(0, SUMMARY_BYTES);
  const text =
    body[0] === 0x7b ? decodeUtf8(head) : [...head].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return body.length > SUMMARY_BYTES ? `${text} ...` : text;
}
