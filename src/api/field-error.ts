// Errors of validation: which field, what is wrong, in upstream's words (k8s.io/apimachinery/pkg/util/validation/field),
// because people and programs read them.

export type FieldErrorType =
  | 'Required'
  | 'Invalid'
  | 'NotSupported'
  | 'Forbidden'
  | 'Duplicate'
  | 'NotFound'
  | 'TooLong'
  | 'TooMany'
  | 'TooFew'
  | 'TypeInvalid'
  | 'InternalError';

export interface FieldError {
  readonly type: FieldErrorType;
  /** `spec.containers[0].name`, `metadata.labels[app]`; see `Path`. */
  readonly field: string;
  readonly value: unknown;
  readonly detail: string;
}

/** Where in an object: paths are built going down and only turned into text for an error. */
export class Path {
  readonly #text: string;
  private constructor(text: string) {
    this.#text = text;
  }
  static of(...names: string[]): Path {
    return new Path(names.join('.'));
  }
  child(...names: string[]): Path {
    return new Path(this.#text === '' ? names.join('.') : `${this.#text}.${names.join('.')}`);
  }
  index(index: number): Path {
    return new Path(`${this.#text}[${index}]`);
  }
  key(key: string): Path {
    return new Path(`${this.#text}[${key}]`);
  }
  toString(): string {
    return this.#text;
  }
}

/** Stands for a value that an error does not repeat. Upstream: field.OmitValueType. */
export const OMITTED = Symbol('omitted');

type At = Path | string;

export const fieldError = {
  required: (at: At, detail = ''): FieldError => make('Required', at, undefined, detail),
  invalid: (at: At, value: unknown, detail: string): FieldError => make('Invalid', at, value, detail),
  notSupported: (at: At, value: unknown, supported: readonly string[]): FieldError =>
    make('NotSupported', at, value, supportedValues(supported)),
  forbidden: (at: At, detail: string): FieldError => make('Forbidden', at, undefined, detail),
  duplicate: (at: At, value: unknown): FieldError => make('Duplicate', at, value, ''),
  notFound: (at: At, value: unknown): FieldError => make('NotFound', at, value, ''),
  /** `limit` in bytes. The value itself is left out of the message. */
  tooLong: (at: At, limit: number): FieldError =>
    make('TooLong', at, undefined, `may not be more than ${limit} ${limit === 1 ? 'byte' : 'bytes'}`),
  tooMany: (at: At, count: number, limit: number): FieldError =>
    make('TooMany', at, count, `must have at most ${limit} ${limit === 1 ? 'item' : 'items'}`),
  typeInvalid: (at: At, value: unknown, detail: string): FieldError => make('TypeInvalid', at, value, detail),
  internal: (at: At, detail: string): FieldError => make('InternalError', at, undefined, detail),
} as const;

/** The error as one line: `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export function formatFieldError(error: FieldError): string {
  return `${error.field}: ${fieldErrorBody(error)}`;
}

/** The error without its field, as it stands in `details.causes[].message` of a Status. */
export function fieldErrorBody(error: FieldError): string {
  const words = TYPE_WORDS[error.type];
  const isShown = SHOWS_VALUE.has(error.type) && error.value !== OMITTED;
  const shown = isShown ? `${words}: ${formatValue(error.value)}` : words;
  return error.detail === '' ? shown : `${shown}: ${error.detail}`;
}

/** The `reason` of a status cause for the error: `FieldValueInvalid` and its siblings. */
export function causeReason(type: FieldErrorType): string {
  return CAUSE_REASONS[type];
}

const TYPE_WORDS: Readonly<Record<FieldErrorType, string>> = {
  Required: 'Required value',
  Invalid: 'Invalid value',
  NotSupported: 'Unsupported value',
  Forbidden: 'Forbidden',
  Duplicate: 'Duplicate value',
  NotFound: 'Not found',
  TooLong: 'Too long',
  TooMany: 'Too many',
  TooFew: 'Too few',
  TypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
};

const CAUSE_REASONS: Readonly<Record<FieldErrorType, string>> = {
  Required: 'FieldValueRequired',
  Invalid: 'FieldValueInvalid',
  NotSupported: 'FieldValueNotSupported',
  Forbidden: 'FieldValueForbidden',
  Duplicate: 'FieldValueDuplicate',
  NotFound: 'FieldValueNotFound',
  TooLong: 'FieldValueTooLong',
  TooMany: 'FieldValueTooMany',
  TooFew: 'FieldValueTooFew',
  TypeInvalid: 'FieldValueTypeInvalid',
  InternalError: 'InternalError',
};

const SHOWS_VALUE: ReadonlySet<FieldErrorType> = new Set([
  'Invalid',
  'NotSupported',
  'Duplicate',
  'NotFound',
  'TooMany',
  'TypeInvalid',
]);

function make(type: FieldErrorType, at: At, value: unknown, detail: string): FieldError {
  return { type, field: String(at), value, detail };
}

function supportedValues(supported: readonly string[]): string {
  return `supported values: ${supported.map((value) => JSON.stringify(value)).join(', ')}`;
}

function formatValue(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  return JSON.stringify(value);
}
