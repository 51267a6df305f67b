// Decides when a request is carried out. Its flow is found by the FlowSchemas; the flow's priority level has seats for so
// much work at a time, and queues in which its flows take turns. What cannot be taken on is turned away. Everything goes by
// the objects as they are in the server's memory. Upstream: API Priority and Fairness, KEP-1040.

import { FlowSchema } from '../../api/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../../api/flowcontrol/priority-level-configuration.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import type { User } from '../../client/user.ts';
import type { RequestLifetime } from '../chain/request-lifetime.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { RequestInfo } from '../request-info.ts';
import type { Ticket } from './fair-queues.ts';
import type { FlowControlMetrics } from './flow-control-metrics.ts';
import { fallbackFlow, planFlowControl } from './flow-control-plan.ts';
import { distinguisherOf } from './flow-matching.ts';
import { InFlight } from './in-flight.ts';
import { PriorityLevel } from './priority-level.ts';
import { RetryAdvice } from './retry-advice.ts';
import { ADJUSTMENT_PERIOD_MS, shareSeats } from './seat-limits.ts';
import { hashFlow } from './shuffle-sharding.ts';
import type { WorkEstimate } from './work-estimate.ts';
import { WorkingFlow } from './working-flow.ts';

export interface FlowControlDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Absent where the kinds are not served: then there are the mandatory objects and no others. */
  readonly objects: ObjectReader | undefined;
  readonly metrics: FlowControlMetrics;
}

export interface FlowControlOptions {
  /** How many all levels have together. */
  readonly seats: number;
}

/** A request that is asked about, once its flow is known. */
export interface Applicant {
  readonly user: User;
  readonly info: RequestInfo;
  readonly work: WorkEstimate;
  readonly lifetime: RequestLifetime;
  /** How long it may wait. */
  readonly patienceMs: number;
}

/** The right to be carried out. Give it back once; more often does no harm. */
export interface Seat {
  /** How long it took to get it. */
  readonly waitedMs: number;
  release(): void;
}

/** Nothing waits longer, whatever it has asked for. */
const MAX_PATIENCE_MS = 60_000;

export class FlowControl implements Disposable {
  readonly inFlight = new InFlight();
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #objects: ObjectReader | undefined;
  readonly #metrics: FlowControlMetrics;
  readonly #seats: number;
  readonly #seed: number;
  readonly #retries: RetryAdvice;
  readonly #subscriptions: readonly Disposable[];
  readonly #levels = new Map<string, PriorityLevel>();
  #flows: readonly WorkingFlow[] = [];
  #isStale = true;
  #adjustment: Disposable | undefined;

  constructor({ clock, random, log, objects, metrics }: FlowControlDeps, options: FlowControlOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#objects = objects;
    this.#metrics = metrics;
    this.#seats = options.seats;
    this.#seed = hashFlow(0, random.uuid(), '');
    this.#retries = new RetryAdvice({ clock });
    const onChange = () => {
      this.#isStale = true;
    };
    this.#subscriptions = objects
      ? [objects.subscribe(FlowSchema, onChange), objects.subscribe(PriorityLevelConfiguration, onChange)]
      : [];
    metrics.show({ levels: () => this.levels, flows: () => this.flows });
  }

  get levels(): Iterable<PriorityLevel> {
    this.#refresh();
    return this.#levels.values();
  }

  get flows(): readonly WorkingFlow[] {
    this.#refresh();
    return this.#flows;
  }

  /** The flow schema and the level that go for the request. */
  classify(user: User, info: RequestInfo): WorkingFlow {
    const { flows } = this;
    // The fallback matches all users whom authentication knows; that is not for us to rely on.
    return flows.find((flow) => flow.matches(user, info)) ?? fallbackFlow(flows);
  }

  /** The seat of a request that may be carried out, now or later. Throws and rejects with StatusError `TooManyRequests`. */
  admit(flow: WorkingFlow, applicant: Applicant): Seat | Promise<Seat> {
    const { user, info, work } = applicant;
    const { level } = flow;
    const hash = level.plan.discipline.type === 'queue' ? this.#hashOf(flow, user, info) : 0;
    flow.note.estimated(work);
    const ticket = level.queues.start(work, hash);
    if (ticket?.state !== 'executing') this.#armAdjustment();
    if (!ticket) throw this.#refusal(flow, level.plan.discipline.type === 'queue' ? 'queue-full' : 'concurrency-limit');
    if (!level.isExempt) flow.note.joined(ticket.queueLength);
    if (ticket.state !== 'waiting') return this.#seat(flow, ticket, applicant, 0);
    return this.#wait(flow, ticket, applicant).then((waitedMs) => this.#seat(flow, ticket, applicant, waitedMs));
  }

  [Symbol.dispose](): void {
    this.#adjustment?.[Symbol.dispose]();
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  #hashOf(flow: WorkingFlow, user: User, info: RequestInfo): number {
    return hashFlow(this.#seed, flow.name, distinguisherOf(flow.schema, user, info));
  }

  /** How long it took until its turn came. */
  #wait(flow: WorkingFlow, ticket: Ticket, { info, lifetime, patienceMs, work }: Applicant): Promise<number> {
    const sinceMs = this.#clock.elapsed();
    const { queues } = flow.level;
    flow.waiting(1, work);
    this.inFlight.wait(info, 1);
    return new Promise<number>((resolve, reject) => {
      const { signal } = lifetime;
      const end = () => {
        timer[Symbol.dispose]();
        signal.removeEventListener('abort', giveUp);
        flow.waiting(-1, work);
        this.inFlight.wait(info, -1);
        return this.#clock.elapsed() - sinceMs;
      };
      const giveUp = () => {
        if (!queues.cancel(ticket)) return;
        flow.note.waited(end(), { began: false });
        reject(this.#refusal(flow, 'time-out'));
      };
      ticket.onBegin = () => resolve(end());
      const timer = this.#clock.after(Math.min(patienceMs, MAX_PATIENCE_MS), giveUp);
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
    });
  }

  #seat(flow: WorkingFlow, ticket: Ticket, { work, info }: Applicant, waitedMs: number): Seat {
    if (!flow.level.isExempt) flow.note.waited(waitedMs, { began: true });
    const beganMs = this.#clock.elapsed();
    flow.executing(1, work);
    this.inFlight.execute(info, 1);
    let isTaken = true;
    return {
      waitedMs,
      release: () => {
        if (!isTaken) return;
        isTaken = false;
        flow.executing(-1, work);
        this.inFlight.execute(info, -1);
        flow.note.carriedOut(this.#clock.elapsed() - beganMs, { isWatch: info.verb === 'watch' });
        flow.level.queues.finish(ticket);
      },
    };
  }

  #refusal(flow: WorkingFlow, reason: 'concurrency-limit' | 'queue-full' | 'time-out'): StatusError {
    flow.note.refused(reason);
    return new StatusError('TooManyRequests', 'Too many requests, please try again later.', {
      details: { retryAfterSeconds: this.#retries.afterRefusal(flow.level.name) },
    });
  }

  /** Takes the objects in anew if there is something new about them. */
  #refresh(): void {
    if (!this.#isStale) return;
    this.#isStale = false;
    const { levels, flows, broken } = planFlowControl(
      this.#objects?.list(PriorityLevelConfiguration) ?? [],
      this.#objects?.list(FlowSchema) ?? [],
    );
    for (const name of broken) this.#log.warn('a priority level contradicts itself and is not used', { level: name });
    for (const level of this.#levels.values()) level.plan = undefined;
    for (const plan of levels) {
      const level = this.#levels.get(plan.name) ?? new PriorityLevel({ clock: this.#clock }, plan);
      level.plan = plan;
      this.#levels.set(plan.name, level);
    }
    // Those that are gone keep their part until they are empty.
    for (const [name, { isWanted, queues }] of this.#levels) {
      if (isWanted || !queues.isIdle) continue;
      this.#levels.delete(name);
      this.#retries.forget(name);
    }
    const before = new Map(this.#flows.map((flow) => [flow.id, flow]));
    this.#flows = flows.map((plan) => {
      const flow = new WorkingFlow({ metrics: this.#metrics }, plan, this.#levels.get(plan.level) as PriorityLevel);
      flow.continueFrom(before.get(flow.id));
      return flow;
    });
    this.#limit();
    if ([...this.#levels.values()].some(({ isWanted }) => !isWanted)) this.#armAdjustment();
  }

  #limit(): void {
    const levels = [...this.#levels.values()];
    const allShares = levels.reduce((sum, { plan }) => sum + plan.shares.nominalConcurrencyShares, 0);
    for (const level of levels) level.limitTo(allShares, this.#seats);
    this.#adjust();
  }

  /** Lends seats that are not used to those who could use them. */
  #adjust(): void {
    const levels = [...this.#levels.values()];
    const { current, targets, fairFraction } = shareSeats(levels.map((level) => level.takeDemand()));
    for (const [index, level] of levels.entries()) level.give(current[index] as number, targets[index] as number);
    this.#metrics.shared(fairFraction);
  }

  /** Seats are looked at again after a while; as long as everybody finds one, nobody has to be lent any. */
  #armAdjustment(): void {
    this.#adjustment ??= this.#clock.after(ADJUSTMENT_PERIOD_MS, () => {
      this.#adjustment = undefined;
      this.#adjust();
      const levels = [...this.#levels.values()];
      if (levels.some(({ isWanted, queues }) => !isWanted && queues.isIdle)) this.#isStale = true;
      if (levels.some(({ isWanted, queues }) => queues.waiting > 0 || !isWanted)) this.#armAdjustment();
    });
  }
}
