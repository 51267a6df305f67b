import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../../base/clock.ts';
import { FairQueues, type QueueingDiscipline, type Ticket } from './fair-queues.ts';
import { dealHand } from './shuffle-sharding.ts';
import { ONE_SEAT, type WorkEstimate } from './work-estimate.ts';

const QUEUE = { type: 'queue', queues: 8, handSize: 1, lengthLimit: 10 } as const;
/** Flows that have a queue each. */
const [A, B, C] = ((): number[] => {
  const byQueue = new Map<number, number>();
  for (let hash = 0; byQueue.size < 3; hash++) byQueue.set(dealHand(hash, QUEUE)[0] as number, hash);
  return [...byQueue.values()];
})() as [number, number, number];

function setUp(discipline: QueueingDiscipline, limit: number) {
  const clock = new FakeClock();
  let demand = 0;
  const queues = new FairQueues({
    clock,
    onDemand: (seats) => {
      demand = seats;
    },
  });
  queues.configure(discipline, limit);
  const began: string[] = [];
  const start = (name: string, flow: number, work: WorkEstimate = ONE_SEAT): Ticket | undefined => {
    const ticket = queues.start(work, flow);
    if (ticket?.state === 'executing') began.push(name);
    else if (ticket) ticket.onBegin = () => began.push(name);
    return ticket;
  };
  return { clock, queues, began, start, demand: () => demand };
}
const wide = (initialSeats: number): WorkEstimate => ({ ...ONE_SEAT, initialSeats });

describe('FairQueues without queues', () => {
  test('exempt: everything begins at once', () => {
    const { start, began, queues } = setUp({ type: 'exempt' }, 0);
    for (const name of ['a', 'b', 'c']) start(name, A, wide(5));
    assert.deepEqual(began, ['a', 'b', 'c']);
    assert.equal(queues.seatsInUse, 15);
  });

  test('reject: what finds no seats is turned away', () => {
    const { start, queues } = setUp({ type: 'reject' }, 2);
    const first = start('a', A);
    assert.ok(first && start('b', A));
    assert.equal(start('c', A), undefined);
    queues.finish(first);
    assert.ok(start('c', A));
  });
});

describe('FairQueues', () => {
  test('begins what there are seats for, in the order of arrival in a queue', () => {
    const { start, began, queues, demand } = setUp(QUEUE, 2);
    const tickets = ['1', '2', '3', '4'].map((name) => start(name, A));
    assert.deepEqual(began, ['1', '2']);
    assert.equal(queues.waiting, 2);
    assert.equal(demand(), 4);
    queues.finish(tickets[0]!);
    assert.deepEqual(began, ['1', '2', '3']);
    for (const ticket of tickets.slice(1)) queues.finish(ticket!);
    queues.finish(tickets[3]!);
    assert.deepEqual(began, ['1', '2', '3', '4']);
    assert.ok(queues.isIdle);
    assert.equal(demand(), 0);
  });

  test('turns away what comes to a full queue while all seats are taken', () => {
    const { start } = setUp({ ...QUEUE, lengthLimit: 2 }, 1);
    for (const name of ['1', '2', '3']) assert.ok(start(name, A));
    assert.equal(start('4', A), undefined);
    assert.ok(start('5', B));
  });

  test('lets flows take turns, however much one of them asks for', async () => {
    const { clock, start, began, queues } = setUp(QUEUE, 1);
    const running: Ticket[] = [];
    const track = (name: string, flow: number) => running.push(start(name, flow)!);
    for (let i = 0; i < 6; i++) track(`a${i}`, A);
    track('b0', B);
    track('b1', B);
    track('c0', C);
    for (let done = 0; done < 9; done++) {
      await clock.advance(10);
      queues.finish(running.find(({ state }) => state === 'executing')!);
    }
    assert.deepEqual(began.slice(0, 5).toSorted(), ['a0', 'a1', 'b0', 'b1', 'c0']);
    assert.deepEqual(began.slice(5), ['a2', 'a3', 'a4', 'a5']);
  });

  test('gives flows equal seats over time, not equal numbers of requests', async () => {
    const { clock, start, began, queues } = setUp({ ...QUEUE, lengthLimit: 200 }, 4);
    const running: [Ticket, endsMs: number][] = [];
    const waiting = new Map<Ticket, number>();
    for (let i = 0; i < 100; i++) {
      waiting.set(start('long', A)!, 40);
      waiting.set(start('short', B)!, 10);
    }
    for (let passed = 0; passed < 400; passed += 10) {
      for (const [ticket, tookMs] of waiting) {
        if (ticket.state !== 'executing') continue;
        waiting.delete(ticket);
        running.push([ticket, passed + tookMs]);
      }
      await clock.advance(10);
      for (const [ticket, endsMs] of running) if (endsMs === passed + 10) queues.finish(ticket);
    }
    const long = began.filter((name) => name === 'long').length;
    const short = began.length - long;
    assert.ok(short > 3 * long && short < 5 * long, `${short} short ones, ${long} long ones`);
  });

  test('does not let a flow save up the time in which it asks for nothing', async () => {
    const { clock, start, began, queues } = setUp(QUEUE, 1);
    const tickets = [start('a', A)!, start('a', A)!];
    const finishOne = async () => {
      await clock.advance(3);
      queues.finish(tickets.find(({ state }) => state === 'executing')!);
    };
    for (let round = 0; round < 200; round++) {
      await finishOne();
      tickets.push(start('a', A)!);
    }
    const before = began.length;
    for (let i = 0; i < 5; i++) tickets.push(start('b', B)!, start('a', A)!);
    for (let i = 0; i < 6; i++) await finishOne();
    const since = began.slice(before);
    assert.equal(since.filter((name) => name === 'a').length, 3, String(since));
  });

  test('keeps seats free for a wide request whose turn it is', () => {
    const { start, began, queues } = setUp(QUEUE, 4);
    const narrow = [start('n1', A), start('n2', A), start('n3', A)];
    start('wide', B, wide(3));
    assert.deepEqual(began, ['n1', 'n2', 'n3']);
    for (const ticket of narrow) queues.finish(ticket!);
    assert.deepEqual(began, ['n1', 'n2', 'n3', 'wide']);
    assert.equal(queues.seatsInUse, 3);
  });

  test('carries out what is wider than the level alone', () => {
    const { start, began, queues } = setUp(QUEUE, 2);
    const narrow = start('n', A)!;
    start('wide', B, wide(5));
    assert.deepEqual(began, ['n']);
    queues.finish(narrow);
    assert.deepEqual(began, ['n', 'wide']);
  });

  test('keeps the seats of a write until its watchers have been told', async () => {
    const { clock, start, began, queues } = setUp(QUEUE, 2);
    const write = start('write', A, { initialSeats: 1, finalSeats: 2, additionalLatencyMs: 20 })!;
    start('next', B);
    queues.finish(write);
    assert.deepEqual(began, ['write']);
    await clock.advance(19);
    assert.deepEqual(began, ['write']);
    await clock.advance(1);
    assert.deepEqual(began, ['write', 'next']);
  });

  test('does more with more seats, at once, and drains queues that it has no more', () => {
    const { start, began, queues } = setUp(QUEUE, 1);
    const tickets = [A, B, C].map((flow, index) => start(String(index), flow));
    queues.configure({ ...QUEUE, queues: 1 }, 2);
    assert.equal(began.length, 2);
    for (const ticket of tickets) if (ticket?.state === 'executing') queues.finish(ticket);
    assert.equal(began.length, 3);
  });

  test('cancel takes out what waits, and nothing else', () => {
    const { start, began, queues } = setUp(QUEUE, 1);
    const first = start('1', A)!;
    const second = start('2', A)!;
    start('3', A);
    assert.equal(queues.cancel(first), false);
    assert.equal(queues.cancel(second), true);
    assert.equal(queues.cancel(second), false);
    queues.finish(first);
    assert.deepEqual(began, ['1', '3']);
  });
});
