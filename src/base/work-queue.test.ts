import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './clock.ts';
import { seededRandom } from './random.ts';
import { type Work, WorkQueue, type WorkQueueOptions } from './work-queue.ts';

function open(work: Work, options?: WorkQueueOptions) {
  const clock = new FakeClock();
  return { clock, queue: new WorkQueue({ clock, work }, options) };
}

test('WorkQueue works on a key once however often it was added', async () => {
  const seen: string[] = [];
  const { queue } = open(async (key) => void seen.push(key));
  for (const key of ['a', 'b', 'a', 'a', 'b']) queue.add(key);
  await queue.idle();
  assert.deepEqual(seen, ['a', 'b']);
});

test('WorkQueue never works on one key twice at a time and comes back to a key that changed meanwhile', async () => {
  let running = 0;
  let rounds = 0;
  const { queue } = open(
    async (key) => {
      running++;
      assert.equal(running, 1);
      await new Promise((resolve) => setImmediate(resolve));
      if (rounds++ === 0) {
        queue.add(key);
        queue.add(key);
      }
      running--;
    },
    { concurrency: 4 },
  );
  queue.add('a');
  await queue.idle();
  assert.equal(rounds, 2);
});

test('WorkQueue keeps to its concurrency', async () => {
  let running = 0;
  let most = 0;
  const { queue } = open(
    async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    },
    { concurrency: 3 },
  );
  for (let i = 0; i < 20; i++) queue.add(`key-${i}`);
  await queue.idle();
  assert.equal(most, 3);
});

test('WorkQueue retries a failed key after delays that double, and starts anew after a success', async () => {
  const at: number[] = [];
  let failing = true;
  const delays: number[] = [];
  const { clock, queue } = open(
    async () => {
      at.push(clock.now());
      if (failing) throw new Error('not yet');
    },
    { observer: { retrying: (_key, _error, _failures, delayMs) => void delays.push(delayMs) } },
  );
  queue.add('a');
  await clock.advance(5 + 10 + 20);
  assert.deepEqual(delays, [5, 10, 20, 40]);
  failing = false;
  await clock.advance(40);
  assert.equal(at.length, 5);
  failing = true;
  queue.add('a');
  await clock.advance(0);
  assert.equal(delays.at(-1), 5);
  await queue[Symbol.asyncDispose]();
});

test('WorkQueue limits the retries of all keys together', async () => {
  let tries = 0;
  const { clock, queue } = open(
    async () => {
      tries++;
      throw new Error('down');
    },
    { concurrency: 50, backoff: { baseMs: 1, maxMs: 1 }, retryLimit: { perSecond: 10, burst: 5 } },
  );
  for (let i = 0; i < 50; i++) queue.add(`key-${i}`);
  await clock.advance(1000);
  assert.ok(tries >= 50 + 10 && tries <= 50 + 20, `${tries} tries`);
  await queue[Symbol.asyncDispose]();
});

test('WorkQueue.addAfter keeps the earlier of two delays, and add overtakes it', async () => {
  const at: number[] = [];
  const { clock, queue } = open(async () => void at.push(clock.now()));
  const start = clock.now();
  queue.addAfter('a', 500);
  queue.addAfter('a', 100);
  queue.addAfter('a', 900);
  await clock.advance(1000);
  assert.deepEqual(at, [start + 100]);
  queue.addAfter('a', 500);
  queue.add('a');
  await clock.advance(1000);
  assert.equal(at.length, 2);
  assert.equal(clock.pending, 0);
});

test('WorkQueue comes back to a key when its work asks for it', async () => {
  let rounds = 0;
  const { clock, queue } = open(async () => (rounds++ < 2 ? { requeueAfterMs: 1000 } : undefined));
  queue.add('a');
  await clock.advance(999);
  assert.equal(rounds, 1);
  await clock.advance(1001);
  assert.equal(rounds, 3);
});

/** A clock of a machine on which work takes time, too. */
class BusyClock extends FakeClock {
  #busyMs = 0;

  work(ms: number): void {
    this.#busyMs += ms;
  }

  override elapsed(): number {
    return super.elapsed() + this.#busyMs;
  }
}

test('WorkQueue lets a key rest whose work held everybody up, and no other', async () => {
  const clock = new BusyClock();
  const seen: string[] = [];
  const takes = { heavy: 10, 'very heavy': 50, light: 1 };
  const work: Work = async (key) => {
    clock.work(takes[key as keyof typeof takes]);
    seen.push(key);
  };
  await using queue = new WorkQueue({ clock, work });
  const again = () => {
    for (const key of Object.keys(takes)) queue.add(key);
  };
  again();
  await queue.idle();
  seen.length = 0;
  again();
  again();
  const done = queue.idle();
  await clock.advance(148);
  assert.deepEqual(seen, ['light']);
  assert.equal(queue.depth, 2);
  await clock.advance(1); // 200 ms after its end; meanwhile the others have worked for 51.
  assert.deepEqual(seen, ['light', 'heavy']);
  await clock.advance(350); // 500 ms after its end, and no more.
  await done;
  assert.deepEqual(seen, ['light', 'heavy', 'very heavy']);
});

test('WorkQueue lets a key rest that changed while its heavy work went on, and no longer once the work is light', async () => {
  const clock = new BusyClock();
  let runs = 0;
  const work: Work = async (key) => {
    if (runs++ > 0) return;
    clock.work(10);
    queue.add(key);
  };
  await using queue = new WorkQueue({ clock, work });
  queue.add('a');
  await clock.advance(199);
  assert.equal(runs, 1);
  await clock.advance(1);
  assert.equal(runs, 2);
  queue.add('a');
  await queue.idle();
  assert.equal(runs, 3);
});

test('WorkQueue.drain works off what stands in line and takes nothing new', async () => {
  const seen: string[] = [];
  const { clock, queue } = open(async (key) => void seen.push(key));
  queue.add('a');
  queue.add('b');
  queue.addAfter('later', 10);
  const drained = queue.drain();
  queue.add('c');
  await drained;
  await clock.advance(100);
  assert.deepEqual(seen, ['a', 'b']);
});

test('WorkQueue aborts running work when it is closed and waits for its end', async () => {
  let ended = false;
  const { queue } = open(async (_key, signal) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => setImmediate(resolve)));
    ended = true;
  });
  queue.add('a');
  await new Promise((resolve) => setImmediate(resolve));
  await queue[Symbol.asyncDispose]();
  assert.equal(ended, true);
});

test('WorkQueue loses no key under churn of 1,000 additions and failures', async () => {
  const random = seededRandom(7);
  const wanted = new Map<string, number>();
  const done = new Map<string, number>();
  const { clock, queue } = open(
    async (key) => {
      const version = wanted.get(key) ?? 0;
      await Promise.resolve();
      if (random.next() < 0.2) throw new Error('flaky');
      done.set(key, version);
    },
    { concurrency: 4, backoff: { baseMs: 1, maxMs: 10 }, retryLimit: { perSecond: 100_000, burst: 1000 } },
  );
  for (let i = 0; i < 1000; i++) {
    const key = `key-${Math.floor(random.next() * 50)}`;
    wanted.set(key, (wanted.get(key) ?? 0) + 1);
    queue.add(key);
    if (i % 10 === 0) await clock.advance(1);
  }
  await clock.advance(10_000);
  assert.deepEqual(new Map([...done].sort()), new Map([...wanted].sort()));
});
