// The rules of Secrets: of the data, and of what a secret of each known type has to hold. Upstream: ValidateSecret in
// pkg/apis/core/validation.

import { decodeBase64 } from '../../base/base64.ts';
import { jsonTypeOf } from '../decode-leaf.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { explainJsonSyntax } from '../json-syntax.ts';
import { immutable } from '../object-validation.ts';
import { base64Bytes, checkImmutableData, checkKeys, MAX_DATA_BYTES } from './keyed-data-validation.ts';
import type { Secret } from './secret.ts';
import { ACCOUNT_NAME_ANNOTATION, TOKEN_SECRET_TYPE } from './token-secret.ts';

const DATA = Path.of('data');

export function validateSecret(secret: Secret): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { data = {}, type = '' } = secret;
  checkKeys(data, DATA, errors);
  if (base64Bytes(data) > MAX_DATA_BYTES) errors.push(fieldError.tooLong(DATA, MAX_DATA_BYTES));
  if (Object.hasOwn(TYPES, type)) TYPES[type]?.(secret, data, errors);
  return errors;
}

export function validateSecretUpdate(secret: Secret, previous: Secret): readonly FieldError[] {
  const errors = immutable(Path.of('type'), secret.type, previous.type);
  checkImmutableData(secret, previous, ['data'], errors);
  return errors;
}

type Data = Readonly<Record<string, string>>;

const TYPES: Readonly<Record<string, (secret: Secret, data: Data, errors: FieldError[]) => void>> = {
  [TOKEN_SECRET_TYPE]({ metadata }, _, errors) {
    // The rest is filled in by the controller of tokens.
    if (metadata.annotations?.[ACCOUNT_NAME_ANNOTATION]) return;
    errors.push(fieldError.required(Path.of('metadata', 'annotations').key(ACCOUNT_NAME_ANNOTATION)));
  },
  'kubernetes.io/dockercfg': (_, data, errors) => requireJson(data, '.dockercfg', errors),
  'kubernetes.io/dockerconfigjson': (_, data, errors) => requireJson(data, '.dockerconfigjson', errors),
  'kubernetes.io/basic-auth'(_, data, errors) {
    if (Object.hasOwn(data, 'username') || Object.hasOwn(data, 'password')) return;
    requireKey(data, 'username', errors);
    requireKey(data, 'password', errors);
  },
  'kubernetes.io/ssh-auth'(_, data, errors) {
    if (!data['ssh-privatekey']) errors.push(fieldError.required(DATA.key('ssh-privatekey')));
  },
  'kubernetes.io/tls'(_, data, errors) {
    requireKey(data, 'tls.crt', errors);
    requireKey(data, 'tls.key', errors);
  },
};

function requireKey(data: Data, key: string, errors: FieldError[]): void {
  if (!Object.hasOwn(data, key)) errors.push(fieldError.required(DATA.key(key)));
}

function requireJson(data: Data, key: string, errors: FieldError[]): void {
  requireKey(data, key, errors);
  if (!Object.hasOwn(data, key)) return;
  const fault = jsonObjectFault(data[key] ?? '');
  if (fault) errors.push(fieldError.invalid(DATA.key(key), '<secret contents redacted>', fault));
}

/** Why bytes are no JSON object, as Go's decoder says it: of the secret it shows a single character at most. */
function jsonObjectFault(base64: string): string | undefined {
  const text = new TextDecoder().decode(decodeBase64(base64));
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && !Array.isArray(value)) return undefined;
    return `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type map[string]interface {}`;
  } catch (error) {
    if (error instanceof SyntaxError) return explainJsonSyntax(text);
    throw error;
  }
}
