// Every error becomes a Status, in one place.

import { StatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/message-of.ts';
import { StoreUnavailableError } from '../../store/store.ts';

/** The error as clients get it. What nobody has foreseen is an InternalError: the cause is for the log, not for them. */
export function statusErrorFrom(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  if (error instanceof StoreUnavailableError) {
    return new StatusError('InternalError', `the store is unavailable: ${error.message}`, { cause: error });
  }
  if (error instanceof DOMException && (error.name === 'AbortError' || error.name === 'TimeoutError')) {
    const message = 'Timeout: request did not complete within the allotted timeout';
    return new StatusError('Timeout', message, { cause: error });
  }
  const message = messageOf(error);
  return new StatusError('InternalError', `Internal error occurred: ${message}`, {
    details: { causes: [{ message }] },
    cause: error,
  });
}
