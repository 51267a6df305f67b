import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Node } from '../../api/core/node.ts';
import { FakeClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { UsageSampler } from './usage-sampler.ts';

const NODE = { metadata: { name: 'node1', uid: 'uid-1' } } as unknown as Node;

/** A node whose CPU time is that of the clock, and how often it was asked. */
function sampled(clock: FakeClock) {
  const asked = { times: 0 };
  const read = async () => {
    asked.times++;
    const at = clock.now();
    return `node_cpu_usage_seconds_total ${at / 1000} ${at}\nnode_memory_working_set_bytes 1 ${at}`;
  };
  return { asked, sampler: new UsageSampler({ clock, log: silentLogger, read }) };
}

/** What is resolved while the clock goes on for so long. */
async function within<T>(clock: FakeClock, ms: number, promise: Promise<T>): Promise<T> {
  const [value] = await Promise.all([promise, clock.advance(ms)]);
  return value;
}

describe('UsageSampler', () => {
  test('who asks first waits for a window, who asks soon after gets the same', async () => {
    const clock = new FakeClock();
    using sampler = sampled(clock).sampler;
    const first = await within(clock, 1000, sampler.samples(NODE));
    assert.equal((first?.later.node?.atMs ?? 0) - (first?.earlier.node?.atMs ?? 0), 1000);
    await clock.advance(9000);
    assert.equal((await sampler.samples(NODE))?.later, first?.later);
  });

  test('who asks later gets the time between', async () => {
    const clock = new FakeClock();
    const { asked, sampler } = sampled(clock);
    using _ = sampler;
    const first = await within(clock, 1000, sampler.samples(NODE));
    await clock.advance(15_000);
    const second = await sampler.samples(NODE);
    assert.equal(second?.earlier, first?.later);
    assert.equal((second?.later.node?.atMs ?? 0) - (second?.earlier.node?.atMs ?? 0), 15_000);
    assert.equal(asked.times, 3);
  });

  test('many who ask at one time are one', async () => {
    const clock = new FakeClock();
    const { asked, sampler } = sampled(clock);
    using _ = sampler;
    const all = Promise.all([sampler.samples(NODE), sampler.samples(NODE), sampler.samples(NODE)]);
    const pairs = await within(clock, 1000, all);
    assert.equal(new Set(pairs).size, 1);
    assert.equal(asked.times, 2);
  });

  test('what nobody asks about is forgotten, and nothing is done meanwhile', async () => {
    const clock = new FakeClock();
    const { asked, sampler } = sampled(clock);
    using _ = sampler;
    await within(clock, 1000, sampler.samples(NODE));
    await clock.advance(120_000);
    assert.equal(clock.pending, 0);
    assert.equal(asked.times, 2);
    await within(clock, 1000, sampler.samples(NODE));
    assert.equal(asked.times, 4);
  });

  test('a node that does not answer has no samples', async () => {
    const clock = new FakeClock();
    const read = (_node: Node, signal: AbortSignal) =>
      new Promise<string>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    using sampler = new UsageSampler({ clock, log: silentLogger, read });
    assert.equal(await within(clock, 10_000, sampler.samples(NODE)), undefined);
  });
});
