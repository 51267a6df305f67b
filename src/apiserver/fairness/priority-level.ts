// A priority level at work: its queues, the seats that it has at the moment, and what it could have used.

import type { Clock } from '../../base/clock.ts';
import { FairQueues } from './fair-queues.ts';
import type { PlannedLevel } from './flow-control-plan.ts';
import { LevelUtilization } from './level-utilization.ts';
import { SeatDemand } from './seat-demand.ts';
import { type LevelDemand, type SeatLimits, seatLimits, smoothedDemand } from './seat-limits.ts';

/** No request may take more than this part of its level, so that others get in beside it. */
const WIDEST_PART = 0.15;

export interface DemandFigures {
  readonly highWatermark: number;
  readonly average: number;
  readonly deviation: number;
  readonly smoothed: number;
}

export class PriorityLevel {
  readonly name: string;
  readonly queues: FairQueues;
  readonly utilization: LevelUtilization;
  readonly #clock: Clock;
  readonly #demand: SeatDemand;
  #plan: PlannedLevel;
  #limits: SeatLimits = { nominal: 0, lower: 0, upper: 0 };
  #figures: DemandFigures = { highWatermark: 0, average: 0, deviation: 0, smoothed: 0 };
  #seats = 0;
  #target = 0;
  #isWanted = true;

  constructor({ clock }: { readonly clock: Clock }, plan: PlannedLevel) {
    this.name = plan.name;
    this.#clock = clock;
    this.#plan = plan;
    this.#demand = new SeatDemand(clock.elapsed());
    this.utilization = new LevelUtilization(clock.elapsed());
    this.queues = new FairQueues({
      clock,
      onDemand: (demand, nowMs) => {
        this.#demand.set(demand, nowMs);
        this.utilization.note(this.queues, { seats: this.#seats, discipline: this.#plan.discipline }, nowMs);
      },
    });
  }

  /** What it is by its object; undefined from when that is gone until nothing is left in its queues. */
  set plan(plan: PlannedLevel | undefined) {
    this.#isWanted = plan !== undefined;
    if (plan) this.#plan = plan;
  }

  get plan(): PlannedLevel {
    return this.#plan;
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  get isExempt(): boolean {
    return this.#plan.discipline.type === 'exempt';
  }

  get limits(): SeatLimits {
    return this.#limits;
  }

  /** How many it has at the moment. */
  get seats(): number {
    return this.#seats;
  }

  /** How many it was to get. */
  get target(): number {
    return this.#target;
  }

  get figures(): DemandFigures {
    return this.#figures;
  }

  /** How wide a request may be. */
  get maxRequestSeats(): number {
    const { discipline } = this.#plan;
    if (discipline.type !== 'queue') return Number.POSITIVE_INFINITY;
    const { nominal } = this.#limits;
    return Math.max(1, Math.min(Math.ceil(nominal * WIDEST_PART), Math.floor(nominal / discipline.handSize)));
  }

  /** Its part of all seats has changed. */
  limitTo(allShares: number, total: number): void {
    this.#limits = seatLimits(this.#plan.shares, allShares, total);
  }

  /** What it has been able to use since this was asked last. */
  takeDemand(): LevelDemand {
    const taken = this.#demand.take(this.#clock.elapsed());
    const { highWatermark, average, deviation } = taken;
    this.#figures = { highWatermark, average, deviation, smoothed: smoothedDemand(this.#figures.smoothed, taken) };
    return { exempt: this.isExempt, limits: this.#limits, highWatermark, smoothed: this.#figures.smoothed };
  }

  /** It has so many seats from now on. */
  give(seats: number, target: number): void {
    this.#seats = seats;
    this.#target = target;
    this.queues.configure(this.#plan.discipline, seats);
  }
}
