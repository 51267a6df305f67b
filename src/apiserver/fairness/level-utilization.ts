// How much of a priority level is in use, over time: its seats, and its room for requests. Upstream's
// priority_level_seat_utilization and priority_level_request_utilization.

import type { FairQueues, QueueingDiscipline } from './fair-queues.ts';
import { TimeAtRatio } from './time-at-ratio.ts';

/** Both 0.99 and 1 are there to tell a full level from one that is nearly full. */
export const SEAT_RATIOS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];
export const REQUEST_RATIOS = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 1];

export class LevelUtilization {
  readonly seats: TimeAtRatio;
  readonly executing: TimeAtRatio;
  readonly waiting: TimeAtRatio;

  constructor(nowMs: number) {
    this.seats = new TimeAtRatio(nowMs, SEAT_RATIOS);
    this.executing = new TimeAtRatio(nowMs, REQUEST_RATIOS);
    this.waiting = new TimeAtRatio(nowMs, REQUEST_RATIOS);
  }

  /** Something in the queues has changed. */
  note(queues: FairQueues, { seats, discipline }: LevelRoom, nowMs: number): void {
    const most = Math.max(1, seats);
    this.seats.set(queues.seatsInUse / most, nowMs);
    this.executing.set(queues.executing / most, nowMs);
    const room = discipline.type === 'queue' ? discipline.queues * discipline.lengthLimit : 1;
    this.waiting.set(queues.waiting / Math.max(1, room), nowMs);
  }
}

interface LevelRoom {
  readonly seats: number;
  readonly discipline: QueueingDiscipline;
}
