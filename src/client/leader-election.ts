// One of several runs: whoever holds a Lease leads, for as long as it renews it. A leader that cannot renew stops before
// another may begin. Upstream: client-go/tools/leaderelection.

import { Lease } from '../api/coordination/lease.ts';
import { isStatusError } from '../api/status-error.ts';
import { formatMicroTime } from '../api/time.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Client } from './client.ts';

export interface LeaderElectionDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface LeaderElectionOptions {
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Who this is; no two may share it. */
  readonly identity: string;
  /** How long others wait after the last renewal they saw. Absent: 15 s. */
  readonly leaseDurationMs?: number;
  /** How long a leader goes on that cannot renew; shorter than the lease. Absent: 10 s. */
  readonly renewDeadlineMs?: number;
  /** Between two tries. Absent: 2 s. */
  readonly retryPeriodMs?: number;
  readonly signal: AbortSignal;
}

/** Leads until the signal is aborted; it must end soon after. What it throws ends the election. */
export type Lead = (signal: AbortSignal) => Promise<void>;

/**
 * Stands for election again and again until the signal is aborted: then the lease is given back and it resolves. Also
 * ends when `lead` ends by itself. Other clocks are not trusted: what counts is when this process saw the lease change.
 */
export async function runWhileLeading(
  deps: LeaderElectionDeps,
  options: LeaderElectionOptions,
  lead: Lead,
): Promise<void> {
  const { signal } = options;
  const elector = new Elector(deps, options);
  while (!signal.aborted) {
    if (!(await elector.acquire(signal))) return;
    const leading = new AbortController();
    let ended = false;
    const led = lead(AbortSignal.any([signal, leading.signal])).finally(() => {
      ended = true;
      leading.abort(new Error('it no longer leads'));
    });
    led.catch(() => {}); // Awaited below, after the renewals have stopped.
    await elector.keep(AbortSignal.any([signal, leading.signal]));
    leading.abort(new Error('the lease was lost'));
    const endedByItself = ended;
    try {
      await led;
    } finally {
      await elector.release();
    }
    if (endedByItself) return;
  }
}

class Elector {
  readonly #deps: LeaderElectionDeps;
  readonly #options: LeaderElectionOptions;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  #observed: Lease | undefined;
  #observedAtMs = 0;

  constructor(deps: LeaderElectionDeps, options: LeaderElectionOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000;
  }

  /** Tries until it holds the lease; false if the signal came first. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, random } = this.#deps;
    while (!signal.aborted) {
      if (await this.#tryOnce(signal)) return true;
      const jitteredMs = this.#retryPeriodMs * (1 + 1.2 * random.next());
      await sleep(clock, jitteredMs, signal).catch(() => {}); // Aborted: the loop ends.
    }
    return false;
  }

  /** Renews until that has failed for the deadline or the signal is aborted. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    let renewedAtMs = clock.elapsed();
    while (!signal.aborted) {
      await sleep(clock, this.#retryPeriodMs, signal).catch(() => {}); // Aborted: the loop ends.
      if (signal.aborted) return;
      const attempt = new AbortController();
      const deadline = clock.after(renewedAtMs + this.#renewDeadlineMs - clock.elapsed(), () => attempt.abort());
      const startedAtMs = clock.elapsed();
      const renewed = await this.#tryOnce(AbortSignal.any([signal, attempt.signal]));
      deadline[Symbol.dispose]();
      if (renewed) renewedAtMs = startedAtMs;
      else if (clock.elapsed() - renewedAtMs >= this.#renewDeadlineMs) return;
    }
  }

  /** Gives the lease back, so that the next leader need not wait for it to run out. */
  async release(): Promise<void> {
    const { client, clock, log } = this.#deps;
    const lease = this.#observed;
    if (!lease || lease.spec.holderIdentity !== this.#options.identity) return;
    const now = formatMicroTime(clock.now());
    const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
    try {
      await client.update(Lease, { ...lease, spec });
    } catch (error) {
      log.debug('the leader lease could not be given back', { error });
    }
    this.#observed = undefined;
  }

  async #tryOnce(signal: AbortSignal): Promise<boolean> {
    const { client, clock, log } = this.#deps;
    try {
      const current = await this.#read(signal);
      if (current && !this.#mayTake(current)) return false;
      const spec = this.#claim(current);
      const written = current
        ? await client.update(Lease, { ...current, spec }, { signal })
        : await client.create(Lease, { metadata: this.#options.lease, spec }, { signal });
      this.#observed = written;
      this.#observedAtMs = clock.elapsed();
      return true;
    } catch (error) {
      if (!signal.aborted && !isStatusError(error, 'Conflict', 'AlreadyExists')) {
        log.warn('the leader lease could not be read or written', { error });
      }
      return false;
    }
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    const { client, clock } = this.#deps;
    try {
      const lease = await client.get(Lease, this.#options.lease, { signal });
      if (lease.metadata.resourceVersion !== this.#observed?.metadata.resourceVersion) {
        this.#observed = lease;
        this.#observedAtMs = clock.elapsed();
      }
      return lease;
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  #mayTake(lease: Lease): boolean {
    const { holderIdentity = '', leaseDurationSeconds } = lease.spec;
    if (holderIdentity === '' || holderIdentity === this.#options.identity) return true;
    const durationMs = leaseDurationSeconds === undefined ? this.#leaseDurationMs : leaseDurationSeconds * 1000;
    return this.#deps.clock.elapsed() - this.#observedAtMs >= durationMs;
  }

  #claim(current: Lease | undefined): Lease['spec'] {
    const now = formatMicroTime(this.#deps.clock.now());
    const isMine = current?.spec.holderIdentity === this.#options.identity;
    const transitions = current?.spec.leaseTransitions ?? 0;
    return {
      ...current?.spec,
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.round(this.#leaseDurationMs / 1000),
      acquireTime: isMine ? (current?.spec.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: current && !isMine ? transitions + 1 : transitions,
    };
  }
}
