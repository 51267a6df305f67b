// What is asked of the runtime about something that may have gone meanwhile.

import { CriError } from '../cri/cri.ts';

/** The call's answer, or undefined where the runtime does not know (any more) what it is about. */
export async function ifFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof CriError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
