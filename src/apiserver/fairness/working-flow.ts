// A FlowSchema at work: what it matches, the level that it goes to, and how much of it there is.

import type { SchemaObject } from './bootstrap-flow-control.ts';
import type { FlowControlMetrics, FlowNotes } from './flow-control-metrics.ts';
import type { PlannedFlow } from './flow-control-plan.ts';
import type { FlowMatcher } from './flow-matching.ts';
import type { PriorityLevel } from './priority-level.ts';
import type { WorkEstimate } from './work-estimate.ts';

export interface FlowFigures {
  requests: number;
  seats: number;
}

export class WorkingFlow {
  readonly name: string;
  readonly schema: SchemaObject;
  readonly level: PriorityLevel;
  readonly matches: FlowMatcher;
  /** What answers tell of it: identifiers, since names would tell what the administrators think of their users. */
  readonly headers: Readonly<Record<string, string>>;
  readonly note: FlowNotes;
  #executing: FlowFigures = { requests: 0, seats: 0 };
  #waiting: FlowFigures = { requests: 0, seats: 0 };

  constructor({ metrics }: { readonly metrics: FlowControlMetrics }, plan: PlannedFlow, level: PriorityLevel) {
    this.name = plan.name;
    this.schema = plan.schema;
    this.level = level;
    this.matches = plan.matches;
    this.headers = {
      'x-kubernetes-pf-flowschema-uid': plan.uid,
      'x-kubernetes-pf-prioritylevel-uid': level.plan.uid,
    };
    this.note = metrics.notesOf(level.name, plan.name);
  }

  /** Flows with the same one are counted together. */
  get id(): string {
    return `${this.level.name}/${this.name}`;
  }

  get figures(): { readonly executing: Readonly<FlowFigures>; readonly waiting: Readonly<FlowFigures> } {
    return { executing: this.#executing, waiting: this.#waiting };
  }

  /** Counts on from another one that it takes the place of; requests of that one are counted in both. */
  continueFrom(other: WorkingFlow | undefined): void {
    if (!other) return;
    this.#executing = other.#executing;
    this.#waiting = other.#waiting;
  }

  executing(change: 1 | -1, work: WorkEstimate): void {
    this.#executing.requests += change;
    this.#executing.seats += change * seatsOf(work);
  }

  waiting(change: 1 | -1, work: WorkEstimate): void {
    this.#waiting.requests += change;
    this.#waiting.seats += change * seatsOf(work);
  }
}

function seatsOf({ initialSeats, finalSeats }: WorkEstimate): number {
  return Math.max(initialSeats, finalSeats);
}
