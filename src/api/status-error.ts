// The one error that crosses the API boundary: a Kubernetes Status. The server throws it and writes it out in one place;
// the client reads it back into the same class. Upstream: k8s.io/apimachinery/pkg/api/errors.

import { causeReason, type FieldError, fieldErrorBody, formatFieldError } from './field-error.ts';

/** Machine-readable reasons with the HTTP status that each one stands for. */
export const STATUS_CODES = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
  ServerTimeout: 500,
} as const;
export type StatusReason = keyof typeof STATUS_CODES;

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** meta/v1.Status, as it goes over the wire. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly continue?: string; readonly resourceVersion?: string };
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

export class StatusError extends Error {
  override readonly name = 'StatusError';
  /** One of `StatusReason`, or whatever another server sent. */
  readonly reason: StatusReason | (string & {});
  readonly code: number;
  readonly details: StatusDetails | undefined;
  /** Only for `Expired` lists: a token that goes on inconsistently. */
  readonly continueToken: string | undefined;

  constructor(
    reason: StatusReason | (string & {}),
    message: string,
    options: { code?: number; details?: StatusDetails; continueToken?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.code = options.code ?? STATUS_CODES[reason as StatusReason] ?? 500;
    this.details = options.details;
    this.continueToken = options.continueToken;
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    };
  }
}

/** Reads a Status that a server sent; unknown fields are ignored and missing ones filled from the HTTP status. */
export function statusErrorOf(status: Partial<Status>, httpStatus: number): StatusError {
  return new StatusError(status.reason ?? '', status.message ?? `the server answered ${httpStatus}`, {
    code: status.code ?? httpStatus,
    ...(status.details ? { details: status.details } : {}),
    ...(status.metadata?.continue ? { continueToken: status.metadata.continue } : {}),
  });
}

export function isStatusError(error: unknown, ...reasons: readonly StatusReason[]): error is StatusError {
  return error instanceof StatusError && (reasons.length === 0 || reasons.includes(error.reason as StatusReason));
}

/** What a message calls the thing: `pods`, `deployments.apps`. */
export interface ResourceName {
  readonly group: string;
  readonly resource: string;
}

function qualified({ group, resource }: ResourceName): string {
  return group === '' ? resource : `${resource}.${group}`;
}

// Upstream's `details.kind` holds the resource in these, and the kind in `invalid`: clients rely on both.

export function notFound(resource: ResourceName, name: string): StatusError {
  return new StatusError('NotFound', `${qualified(resource)} ${JSON.stringify(name)} not found`, {
    details: withGroup({ name, kind: resource.resource }, resource.group),
  });
}

export function alreadyExists(resource: ResourceName, name: string): StatusError {
  return new StatusError('AlreadyExists', `${qualified(resource)} ${JSON.stringify(name)} already exists`, {
    details: withGroup({ name, kind: resource.resource }, resource.group),
  });
}

export function conflict(resource: ResourceName, name: string, why: string): StatusError {
  return new StatusError(
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} ${JSON.stringify(name)}: ${why}`,
    { details: withGroup({ name, kind: resource.resource }, resource.group) },
  );
}

/** The answer to an update that was based on an older version. */
export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

export function forbidden(resource: ResourceName, name: string, why: string): StatusError {
  const which = name === '' ? qualified(resource) : `${qualified(resource)} ${JSON.stringify(name)}`;
  const what = resource.resource === '' ? 'forbidden' : `${which} is forbidden`;
  return new StatusError('Forbidden', `${what}: ${why}`, {
    details: withGroup({ ...(name ? { name } : {}), kind: resource.resource }, resource.group),
  });
}

export function badRequest(message: string, cause?: unknown): StatusError {
  return new StatusError('BadRequest', message, { cause });
}

/** All errors of a validation as one Status with a cause each. */
export function invalid(
  kind: { group: string; kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const lines = [...new Set(errors.map(formatFieldError))];
  const all = lines.length === 1 ? (lines[0] ?? '') : `[${lines.join(', ')}]`;
  const what = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return new StatusError('Invalid', `${what} ${JSON.stringify(name)} is invalid: ${all}`, {
    details: withGroup(
      {
        name,
        kind: kind.kind,
        causes: errors.map((error) => ({
          reason: causeReason(error.type),
          message: fieldErrorBody(error),
          field: error.field,
        })),
      },
      kind.group,
    ),
  });
}

function withGroup(details: StatusDetails, group: string): StatusDetails {
  const { name, ...rest } = details;
  return { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), ...rest };
}
