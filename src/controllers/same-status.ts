// Whether a status need not be written.

import { deepEqual } from '../base/deep-equal.ts';

/** Whether two statuses say the same. JSON leaves zeros and empty lists out, so they are as good as absent. */
export function isSameStatus(a: object, b: object): boolean {
  return deepEqual(withoutZeros(a), withoutZeros(b));
}

function withoutZeros(status: object): object {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => !isZero(value)));
}

function isZero(value: unknown): boolean {
  return value === 0 || value === '' || (Array.isArray(value) && value.length === 0);
}
