// What goes on in this process by itself, without waiting for time: turns of the event loop that somebody waits for, and
// work that is done outside of JavaScript (cryptography, a request to another server). Promises need no account: they are
// through before the event loop turns. So with clocks that stand still a program has settled when nothing is under way.

/** Of the whole process, as its event loop is. */
const account = { underWay: 0 };

export interface SettleOptions {
  /** How many milliseconds of the machine's time it may take. Absent: 30 s. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 30_000;

/** The same promise, taken into account until it settles. For what ends without anybody's clock being turned. */
export async function underWay<T>(work: Promise<T>): Promise<T> {
  account.underWay++;
  try {
    return await work;
  } finally {
    account.underWay--;
  }
}

/**
 * Resolves when nothing is under way any more: whatever goes on from here waits for a clock or for the outside. Throws an
 * Error when that takes too long: something keeps going on without ever waiting.
 */
export function settled({ patienceMs = PATIENCE_MS }: SettleOptions = {}): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  return new Promise((resolve, reject) => {
    const look = () => {
      if (account.underWay === 0) resolve();
      else if (performance.now() < deadlineMs) onNextTurn(look);
      else reject(new Error(`there is work that has not ended within ${patienceMs} ms`));
    };
    onNextTurn(look);
  });
}

/** Resolves when the event loop has turned: everything that is due has run. A timer of zero would wait a millisecond. */
export function nextTurn(): Promise<void> {
  account.underWay++;
  return new Promise((resolve) =>
    onNextTurn(() => {
      account.underWay--;
      resolve();
    }),
  );
}

function onNextTurn(call: () => void): void {
  if (typeof setImmediate === 'function') setImmediate(call);
  else setTimeout(call, 0);
}
