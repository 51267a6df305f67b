// What a client wants to have: the `Accept` header. Upstream: k8s.io/apiserver/pkg/endpoints/handlers/negotiation.

import { StatusError } from '../../api/status-error.ts';

export type Format = 'json' | 'yaml' | 'protobuf';
/** Objects as they are, rows of a table, or metadata alone. */
export type Shape = 'object' | 'table' | 'metadata';
/** Versions of meta.k8s.io, in which tables and metadata alone are said. */
export type MetaVersion = 'v1' | 'v1beta1';

export interface Negotiated {
  readonly format: Format;
  readonly shape: Shape;
  readonly metaVersion: MetaVersion;
  /** Metadata was asked for of one object, or of a list. */
  readonly metadataOf?: 'one' | 'list';
  readonly pretty: boolean;
}

const FORMATS: ReadonlyMap<string, Format> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
]);
export const ACCEPTED = [...FORMATS.keys()];
const ANY: ReadonlySet<string> = new Set(['*/*', 'application/*', '*']);
const JSON_OBJECT: Negotiated = { format: 'json', shape: 'object', metaVersion: 'v1', pretty: false };

/**
 * The first of the client's wishes, by its own weights, that can be met. `objectsOnly`: tables and metadata alone are
 * passed over, as for errors and for what is of no kind. Throws StatusError `NotAcceptable`.
 */
export function negotiate(accept: string | undefined, options: { readonly objectsOnly?: boolean } = {}): Negotiated {
  if (accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') return JSON_OBJECT;
  for (const clause of clausesOf(accept)) {
    const met = meet(clause);
    if (met && !(options.objectsOnly && met.shape !== 'object')) return met;
  }
  throw notAcceptable(ACCEPTED);
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  const why = `only the following media types are accepted: ${accepted.join(', ')}`;
  return new StatusError('NotAcceptable', why);
}

/** The format that a media type asks for, if it is one that objects come in. */
export function formatOf(mediaType: string): Format | undefined {
  return ANY.has(mediaType) ? 'json' : FORMATS.get(mediaType);
}

/** More wishes than these are not listened to: they are put in order one by one. */
const MAX_CLAUSES = 100;

export interface Clause {
  readonly mediaType: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly weight: number;
}

/** The clauses of an `Accept` header, the most wanted first: by weight, and what is named before what is any. */
export function clausesOf(accept: string): readonly Clause[] {
  const clauses: Clause[] = [];
  for (const text of accept.split(',', MAX_CLAUSES)) {
    const clause = clauseOf(text);
    let at = clauses.length;
    while (at > 0 && isRather(clause, clauses[at - 1] as Clause)) at--;
    clauses.splice(at, 0, clause);
  }
  return clauses;
}

function clauseOf(text: string): Clause {
  const [mediaType = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters: Record<string, string> = {};
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    if (equals > 0) parameters[parameter.slice(0, equals).toLowerCase()] = parameter.slice(equals + 1);
  }
  const weight = Number(parameters['q'] ?? 1);
  return { mediaType: mediaType.toLowerCase(), parameters, weight: Number.isNaN(weight) ? 0 : weight };
}

/** Upstream's order, which puts a named type before `*` whatever their weights are (goautoneg). */
function isRather(a: Clause, b: Clause): boolean {
  return a.weight > b.weight || (isAny(b, 0) && !isAny(a, 0)) || (isAny(b, 1) && !isAny(a, 1));
}

function isAny({ mediaType }: Clause, part: 0 | 1): boolean {
  return mediaType.split('/')[part] === '*' || mediaType === '*';
}

function meet({ mediaType, parameters }: Clause): Negotiated | undefined {
  const format = formatOf(mediaType);
  if (!format) return undefined;
  const { as, g, v, stream, sv } = parameters;
  if (stream && (stream !== 'watch' || format === 'yaml')) return undefined;
  if (sv && sv !== 'v1') return undefined;
  const pretty = parameters['pretty'] === '1';
  if (as === undefined && g === undefined && v === undefined) return { ...JSON_OBJECT, format, pretty };
  if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined;
  switch (as) {
    case 'Table':
      // Tables have no form in protobuf.
      return format === 'protobuf' ? undefined : { format, shape: 'table', metaVersion: v, pretty };
    case 'PartialObjectMetadata':
      return { format, shape: 'metadata', metadataOf: 'one', metaVersion: v, pretty };
    case 'PartialObjectMetadataList':
      return { format, shape: 'metadata', metadataOf: 'list', metaVersion: v, pretty };
    default:
      return undefined;
  }
}
