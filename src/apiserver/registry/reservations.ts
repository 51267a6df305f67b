// Carries what storage hooks and admission have set aside through one write: kept, given back, or left alone when nobody
// knows. Most writes need nothing set aside, so none of this waits unless somebody has to be waited for.

import type { AnyObject } from '../../api/kind.ts';
import type { Reservation } from './storage-hook.ts';

/** Somebody who may set something aside; undefined from one who has nothing to do with the write. */
export type Ask = () => Asked | Promise<Asked>;
type Asked = Reservation | undefined;

export class Reservations {
  readonly #held: Reservation[] = [];

  add(reservation: Reservation | undefined): void {
    if (reservation) this.#held.push(reservation);
  }

  /**
   * Runs the write. What is held is kept for the object that it made, and given back where it made none. When it throws it
   * may or may not have happened: nothing is given back.
   */
  during<T extends { readonly object: AnyObject }>(write: () => Promise<T | undefined>): Promise<T | undefined> {
    return this.#held.length === 0 ? write() : this.#settledBy(write);
  }

  async release(): Promise<void> {
    for (const reservation of this.#held.reverse()) await reservation.release();
  }

  async #settledBy<T extends { readonly object: AnyObject }>(write: () => Promise<T | undefined>) {
    const written = await write();
    if (!written) await this.release();
    else for (const reservation of this.#held) reservation.commit(written.object);
    return written;
  }
}

/** Asks one after the other. Throws and rejects with what the first says that refuses; what was set aside is given back. */
export function reserveAll(asks: readonly Ask[]): Reservations | Promise<Reservations> {
  const reservations = new Reservations();
  for (const [index, ask] of asks.entries()) {
    const asked = ask();
    if (asked) return reserveRest(reservations, asked, asks.slice(index + 1));
  }
  return reservations;
}

async function reserveRest(
  reservations: Reservations,
  first: Asked | Promise<Asked>,
  rest: readonly Ask[],
): Promise<Reservations> {
  try {
    reservations.add(await first);
    for (const ask of rest) reservations.add(await ask());
    return reservations;
  } catch (error) {
    await reservations.release();
    throw error;
  }
}
