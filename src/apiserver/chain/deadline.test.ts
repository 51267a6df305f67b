import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../../base/clock.ts';
import type { ApiResponse } from '../../client/transport.ts';
import { takenInTime } from './deadline.ts';
import { RequestLifetime } from './request-lifetime.ts';

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < 3; i++) yield new Uint8Array(1);
}

function setUp(body: ApiResponse['body'], lifetime = new RequestLifetime()) {
  const clock = new FakeClock();
  const events: string[] = [];
  const answer = takenInTime(
    { clock },
    lifetime,
    { status: 200, headers: {}, body },
    {
      timeoutMs: 1000,
      onTimeout: () => events.push('timeout'),
      onEnd: () => events.push('end'),
    },
  );
  const chunks = answer.body.type === 'stream' ? answer.body.chunks[Symbol.asyncIterator]() : undefined;
  return { clock, lifetime, events, chunks };
}
const stream = () => ({ type: 'stream', contentType: 'text/plain', chunks: pieces() }) as const;

describe('takenInTime', () => {
  test('is over at once with an answer that is whole', () => {
    const { events, clock } = setUp({ type: 'none' });
    assert.deepEqual(events, ['end']);
    assert.equal(clock.pending, 0);
  });

  test('is over with the last piece', async () => {
    const { events, chunks, clock, lifetime } = setUp(stream());
    while (!(await chunks?.next())?.done) assert.deepEqual(events, []);
    assert.deepEqual(events, ['end']);
    assert.equal(clock.pending, 0);
    assert.equal(lifetime.isOver, false);
  });

  test('ends the request of a client that takes too long', async () => {
    const { events, chunks, clock, lifetime } = setUp(stream());
    await chunks?.next();
    await clock.advance(1000);
    assert.deepEqual(new Set(events), new Set(['timeout', 'end']));
    assert.ok(lifetime.isOver);
    assert.throws(() => lifetime.throwIfOver(), { reason: 'Timeout', code: 504 });
  });

  test('is over at once when the request is', () => {
    const lifetime = new RequestLifetime();
    lifetime.end(new Error('gone'));
    const { events, clock } = setUp(stream(), lifetime);
    assert.deepEqual(events, ['end']);
    assert.equal(clock.pending, 0);
  });

  test('is over when its client has gone before it began', () => {
    const { events, clock, lifetime } = setUp(stream());
    lifetime.end(new Error('gone'));
    assert.deepEqual(events, ['end']);
    assert.equal(clock.pending, 0);
  });
});
