// What a client wants to have: the `Accept` header. Upstream: k8s.io/apiserver/pkg/endpoints/handlers/negotiation.

import { StatusError } from '../../api/status-error.ts';

export type Format = 'json' | 'yaml' | 'protobuf';
/** Objects as they are, rows of a table, or metadata alone. */
export type Shape = 'object' | 'table' | 'metadata';

export interface Negotiated {
  readonly format: Format;
  readonly shape: Shape;
}

const FORMATS: Readonly<Record<string, Format>> = {
  '*/*': 'json',
  'application/*': 'json',
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
};
const SHAPES: Readonly<Record<string, Shape>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata',
};
export const ACCEPTED = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const JSON_OBJECT: Negotiated = { format: 'json', shape: 'object' };

/** The first of the client's wishes, by its own weights, that can be met. Throws StatusError `NotAcceptable`. */
export function negotiate(accept: string | undefined): Negotiated {
  if (accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') return JSON_OBJECT;
  for (const clause of clausesOf(accept)) {
    const met = meet(clause);
    if (met) return met;
  }
  throw notAcceptable(ACCEPTED);
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  const why = `only the following media types are accepted: ${accepted.join(', ')}`;
  return new StatusError('NotAcceptable', why);
}

export interface Clause {
  readonly mediaType: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly weight: number;
}

/** The format that a media type asks for, if it is one that objects come in. */
export function formatOf(mediaType: string): Format | undefined {
  return FORMATS[mediaType];
}

/** The clauses of an `Accept` header, the most wanted first. */
export function clausesOf(accept: string): readonly Clause[] {
  const clauses = accept.split(',').map((text) => {
    const [mediaType = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters: Record<string, string> = {};
    for (const parameter of rest) {
      const equals = parameter.indexOf('=');
      if (equals > 0) parameters[parameter.slice(0, equals).toLowerCase()] = parameter.slice(equals + 1);
    }
    const weight = Number(parameters['q'] ?? 1);
    return { mediaType: mediaType.toLowerCase(), parameters, weight: Number.isNaN(weight) ? 1 : weight };
  });
  return clauses.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight);
}

function meet({ mediaType, parameters }: Clause): Negotiated | undefined {
  const format = formatOf(mediaType);
  if (!format) return undefined;
  const as = parameters['as'];
  if (as === undefined) return { format, shape: 'object' };
  const shape = SHAPES[as];
  if (!shape || parameters['g'] !== 'meta.k8s.io' || parameters['v'] !== 'v1') return undefined;
  // Tables have no form in protobuf.
  return shape === 'table' && format === 'protobuf' ? undefined : { format, shape };
}
