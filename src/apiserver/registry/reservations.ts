// Carries what storage hooks and admission have set aside through one write: kept, given back, or left alone when nobody
// knows.

import type { AnyDraft, AnyObject, Kind } from '../../api/kind.ts';
import type { Reservation, StorageHook, StorageHookOptions } from './storage-hook.ts';

/** Disposing releases what has been neither committed nor left in doubt. */
export class Reservations implements AsyncDisposable {
  #held: Reservation[] = [];

  add(reservation: Reservation | undefined): void {
    if (reservation) this.#held.push(reservation);
  }

  /** Runs the write. When it throws it may or may not have happened, and nothing is given back. */
  async during<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      this.#held = [];
      throw error;
    }
  }

  commit(object: AnyObject): void {
    const held = this.#held;
    this.#held = [];
    for (const reservation of held) reservation.commit(object);
  }

  /** Hands everything over to a new owner. */
  move(): Reservations {
    const moved = new Reservations();
    moved.takeOver(this);
    return moved;
  }

  takeOver(other: Reservations): void {
    this.#held.push(...other.#held);
    other.#held = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const reservation of this.#held.reverse()) await reservation.release();
    this.#held = [];
  }
}

export async function reserveForCreate(
  hooks: readonly StorageHook[],
  kind: Kind,
  draft: AnyDraft,
  options: StorageHookOptions,
): Promise<Reservations> {
  return reserve(hooks, kind, (hook) => hook.beforeCreate?.(draft, options));
}

export async function reserveForUpdate(
  hooks: readonly StorageHook[],
  kind: Kind,
  draft: AnyDraft,
  previous: AnyObject,
  options: StorageHookOptions,
): Promise<Reservations> {
  return reserve(hooks, kind, (hook) => hook.beforeUpdate?.(draft, previous, options));
}

async function reserve(
  hooks: readonly StorageHook[],
  kind: Kind,
  ask: (hook: StorageHook) => Promise<Reservation | undefined> | undefined,
): Promise<Reservations> {
  await using reservations = new Reservations();
  for (const hook of hooks) if (hook.kind === kind) reservations.add(await ask(hook));
  return reservations.move();
}
