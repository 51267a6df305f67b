// The refusal of credentials. What is wrong with them is for the log and for token reviews, not for who sent them.

import { StatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/message-of.ts';

/** A 401; `why` becomes its cause. */
export function unauthorized(why: string, cause?: unknown): StatusError {
  return new StatusError('Unauthorized', 'Unauthorized', {
    cause: new Error(why, cause === undefined ? undefined : { cause }),
  });
}

/** What was wrong with the credentials, as far as the error tells. */
export function reasonOf(error: unknown): string {
  if (error instanceof StatusError && error.cause instanceof Error) return error.cause.message;
  return messageOf(error);
}
