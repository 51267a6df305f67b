// How a patch that is well formed but does not fit the object is answered.

import { StatusError } from '../status-error.ts';

/** Upstream says no more than the message; the cause adds what was wrong. */
export function rejected(why: string): StatusError {
  return new StatusError('Invalid', 'the server rejected our request due to an error in our request', {
    details: { causes: [{ message: why, field: 'patch' }] },
  });
}
