// The requests of one priority level: those being carried out, and those waiting for seats in queues that take fair turns.
// Whose turn it is goes by virtual time, in which every queue with work gets an equal part of the seats: a queue's clock is
// advanced by the seats and the time that its requests take, and the queue that would be finished first goes next. Upstream:
// k8s.io/apiserver/pkg/util/flowcontrol/fairqueuing/queueset, whose documentation proves it fair.

import type { Clock } from '../../base/clock.ts';
import { dealHand } from './shuffle-sharding.ts';
import type { WorkEstimate } from './work-estimate.ts';

export type QueueingDiscipline =
  /** Everything begins at once. */
  | { readonly type: 'exempt' }
  /** What finds no seats is turned away. */
  | { readonly type: 'reject' }
  | { readonly type: 'queue'; readonly queues: number; readonly handSize: number; readonly lengthLimit: number };

/** A request in its level, until `finish` or `cancel`. */
export interface Ticket {
  readonly state: 'waiting' | 'executing' | 'finished';
  /** How many requests stood in its queue once it had joined. */
  readonly queueLength: number;
  /** Called once, when a request that had to wait begins. */
  onBegin: (() => void) | undefined;
}

/** How long a request takes is guessed until it is known. */
const GUESSED_SERVICE_MS = 3;

class QueuedRequest implements Ticket {
  state: Ticket['state'] = 'waiting';
  queueLength = 0;
  onBegin: (() => void) | undefined;
  readonly queue: Queue | undefined;
  readonly arrivalR: number;
  /** Seat-milliseconds, as guessed. */
  readonly totalWork: number;
  readonly initialSeats: number;
  finalSeats: number;
  additionalLatencyMs: number;
  beganMs = 0;

  constructor(work: WorkEstimate, queue: Queue | undefined, arrivalR: number) {
    this.queue = queue;
    this.arrivalR = arrivalR;
    this.initialSeats = work.initialSeats;
    this.finalSeats = work.finalSeats;
    this.additionalLatencyMs = work.additionalLatencyMs;
    this.totalWork = work.initialSeats * GUESSED_SERVICE_MS + work.finalSeats * work.additionalLatencyMs;
  }

  get seats(): number {
    return Math.max(this.initialSeats, this.finalSeats);
  }

  /** Fits what it does afterwards into fewer seats, for longer. */
  narrowTo(seats: number): void {
    if (this.finalSeats <= seats || seats <= 0) return;
    this.additionalLatencyMs = (this.finalSeats * this.additionalLatencyMs) / seats;
    this.finalSeats = seats;
  }
}

class Queue {
  readonly index: number;
  readonly waiting: QueuedRequest[] = [];
  executing = 0;
  /** The work of those that wait. */
  work = 0;
  /** When, by virtual time, its next request begins. */
  nextR = 0;

  constructor(index: number) {
    this.index = index;
  }

  get isActive(): boolean {
    return this.waiting.length > 0 || this.executing > 0;
  }

  /** Nothing begins, not even by virtual time, before it has come. */
  bound(): void {
    const [oldest] = this.waiting;
    if (oldest && this.nextR < oldest.arrivalR) this.nextR = oldest.arrivalR;
  }
}

export class FairQueues {
  readonly #clock: Clock;
  readonly #onDemand: (seats: number, nowMs: number) => void;
  #discipline: QueueingDiscipline = { type: 'reject' };
  #limit = 0;
  #queues: Queue[] = [];
  /** Those with requests that wait; ones that the level has no more are among them until they are empty. */
  readonly #nonEmpty = new Set<Queue>();
  #activeQueues = 0;
  #robin = 0;
  #arrivals = 0;
  #virtualTime = 0;
  #syncedMs: number;
  #executing = 0;
  #waiting = 0;
  #seatsInUse = 0;
  #seatsWaiting = 0;

  /** `onDemand` is told how many seats could be used, whenever that changes. */
  constructor({
    clock,
    onDemand,
  }: { readonly clock: Clock; readonly onDemand: (seats: number, nowMs: number) => void }) {
    this.#clock = clock;
    this.#onDemand = onDemand;
    this.#syncedMs = clock.elapsed();
  }

  get executing(): number {
    return this.#executing;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Also those that are kept after a request has been answered. */
  get seatsInUse(): number {
    return this.#seatsInUse;
  }

  get isIdle(): boolean {
    return this.#waiting === 0 && this.#seatsInUse === 0;
  }

  /** Takes effect at once; what waits stays where it is. */
  configure(discipline: QueueingDiscipline, limit: number): void {
    this.#sync();
    this.#discipline = discipline;
    this.#limit = limit;
    if (discipline.type === 'queue') {
      this.#queues.length = Math.min(this.#queues.length, discipline.queues);
      while (this.#queues.length < discipline.queues) this.#queues.push(new Queue(this.#queues.length));
    }
    this.#dispatch();
  }

  /** A request of the flow with this hash. Undefined when it is turned away. */
  start(work: WorkEstimate, flowHash: number): Ticket | undefined {
    this.#sync();
    const discipline = this.#discipline;
    if (discipline.type !== 'queue') {
      const request = new QueuedRequest(work, undefined, this.#virtualTime);
      if (discipline.type === 'reject' && !this.#hasRoomFor(request.seats)) return undefined;
      this.#begin(request);
      this.#tellDemand();
      return request;
    }
    const queue = this.#shortest(dealHand(flowHash, discipline));
    if (this.#seatsInUse >= this.#limit && queue.waiting.length >= discipline.lengthLimit) return undefined;
    const request = new QueuedRequest(work, queue, this.#virtualTime);
    this.#enqueue(queue, request);
    this.#dispatch();
    this.#tellDemand();
    return request;
  }

  /** Gives up waiting. Answers whether it did wait. */
  cancel(ticket: Ticket): boolean {
    const request = ticket as QueuedRequest;
    const { queue } = request;
    if (request.state !== 'waiting' || !queue) return false;
    this.#sync();
    request.state = 'finished';
    this.#dequeue(queue, queue.waiting.indexOf(request));
    queue.bound();
    this.#noteActivity(queue, true);
    this.#dispatch(); // It may have been in the way of one that fits.
    this.#tellDemand();
    return true;
  }

  /** The request has been answered. */
  finish(ticket: Ticket): void {
    const request = ticket as QueuedRequest;
    if (request.state !== 'executing') return;
    this.#sync();
    request.state = 'finished';
    this.#executing--;
    const { queue } = request;
    if (queue) {
      queue.executing--;
      queue.nextR -= request.initialSeats * (GUESSED_SERVICE_MS - (this.#syncedMs - request.beganMs));
      queue.bound();
      this.#noteActivity(queue, true);
    }
    const { seats, additionalLatencyMs } = request;
    if (additionalLatencyMs <= 0) this.#release(seats);
    else {
      this.#clock.after(additionalLatencyMs, () => {
        this.#sync();
        this.#release(seats);
      });
    }
  }

  #release(seats: number): void {
    this.#seatsInUse -= seats;
    this.#dispatch();
    this.#tellDemand();
  }

  /** Lets virtual time pass as the state since the last change has it pass. */
  #sync(): void {
    const nowMs = this.#clock.elapsed();
    const passedMs = nowMs - this.#syncedMs;
    this.#syncedMs = nowMs;
    if (this.#activeQueues === 0) return;
    const seats = Math.min(this.#seatsInUse + this.#seatsWaiting, this.#limit);
    this.#virtualTime += (passedMs * seats) / this.#activeQueues;
  }

  /** The queue of the hand with the least work; of equal ones not always the same. */
  #shortest(hand: readonly number[]): Queue {
    const offset = this.#arrivals++ % hand.length;
    let shortest = this.#queues[hand[offset] as number] as Queue;
    for (let step = 1; step < hand.length; step++) {
      const queue = this.#queues[hand[(offset + step) % hand.length] as number] as Queue;
      if (queue.work < shortest.work) shortest = queue;
    }
    return shortest;
  }

  #enqueue(queue: Queue, request: QueuedRequest): void {
    const wasActive = queue.isActive;
    if (!wasActive) queue.nextR = this.#virtualTime;
    request.queueLength = queue.waiting.push(request);
    queue.work += request.totalWork;
    queue.bound();
    this.#nonEmpty.add(queue);
    this.#noteActivity(queue, wasActive);
    this.#waiting++;
    this.#seatsWaiting += request.seats;
  }

  #dequeue(queue: Queue, position: number): void {
    const [request] = queue.waiting.splice(position, 1) as [QueuedRequest];
    queue.work -= request.totalWork;
    if (queue.waiting.length === 0) {
      queue.work = 0; // Sums of fractions do not come back to nothing by themselves.
      this.#nonEmpty.delete(queue);
    }
    this.#waiting--;
    this.#seatsWaiting -= request.seats;
  }

  #noteActivity(queue: Queue, wasActive: boolean): void {
    if (queue.isActive !== wasActive) this.#activeQueues += wasActive ? -1 : 1;
  }

  /** Begins as much as there are seats for. */
  #dispatch(): void {
    while (this.#waiting > 0 && this.#seatsInUse < this.#limit) {
      const queue = this.#next();
      const request = queue?.waiting[0];
      if (!queue || !request || !this.#hasRoomFor(request.seats)) return;
      this.#robin = queue.index;
      this.#dequeue(queue, 0);
      request.narrowTo(this.#limit);
      queue.executing++;
      queue.nextR += request.totalWork;
      queue.bound();
      this.#begin(request);
    }
  }

  /** The queue whose oldest request would be finished first; of equal ones the next in turn. */
  #next(): Queue | undefined {
    let next: Queue | undefined;
    let nextFinish = Number.POSITIVE_INFINITY;
    let nextTurn = 0;
    const count = this.#queues.length;
    const first = this.#robin + 1;
    for (const queue of this.#nonEmpty) {
      const finish = queue.nextR + (queue.waiting[0] as QueuedRequest).totalWork;
      if (finish > nextFinish) continue;
      const turn = (((queue.index - first) % count) + count) % count;
      if (finish === nextFinish && turn >= nextTurn) continue;
      next = queue;
      nextFinish = finish;
      nextTurn = turn;
    }
    return next;
  }

  /** One that is wider than the level has to wait until it is alone. */
  #hasRoomFor(seats: number): boolean {
    if (seats > this.#limit) return this.#executing === 0;
    return this.#seatsInUse + seats <= this.#limit;
  }

  #begin(request: QueuedRequest): void {
    request.state = 'executing';
    request.beganMs = this.#syncedMs;
    this.#executing++;
    this.#seatsInUse += request.seats;
    request.onBegin?.();
  }

  #tellDemand(): void {
    this.#onDemand(this.#seatsInUse + this.#seatsWaiting, this.#syncedMs);
  }
}
