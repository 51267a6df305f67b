import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigMap } from '../api/core/config-map.ts';
import { FakeClock } from '../base/clock.ts';
import { createClient } from './create-client.ts';
import type { ApiResponse } from './transport.ts';

/** A client of a server that gives these answers, the last one again and again. */
function setUp(...answers: readonly Pick<ApiResponse, 'status' | 'headers'>[]) {
  const clock = new FakeClock();
  let sent = 0;
  const transport = {
    async send(): Promise<ApiResponse> {
      const { status, headers } = answers[Math.min(sent++, answers.length - 1)]!;
      return { status, headers, body: { type: 'object', object: { metadata: { name: 'a' } } } };
    },
    async [Symbol.asyncDispose]() {},
  };
  return { clock, client: createClient(transport, { userAgent: 'test', clock }), sent: () => sent };
}
const OK = { status: 200, headers: {} };
const later = (seconds: number) => ({ status: 429, headers: { 'retry-after': String(seconds) } });
const ref = { namespace: 'default', name: 'a' };

describe('createClient', () => {
  test('comes again when a busy server has said to', async () => {
    const { clock, client, sent } = setUp(later(1), later(2), OK);
    const read = client.get(ConfigMap, ref);
    await clock.advance(999);
    assert.equal(sent(), 1);
    await clock.advance(1);
    assert.equal(sent(), 2);
    await clock.advance(2000);
    assert.equal((await read).metadata.name, 'a');
    assert.equal(sent(), 3);
  });

  test('gives up after ten times', async () => {
    const { clock, client, sent } = setUp(later(1));
    const refused = assert.rejects(client.get(ConfigMap, ref), { code: 429 });
    await clock.advance(60_000);
    await refused;
    assert.equal(sent(), 11);
  });

  test('does not wait where it has not been asked to', async () => {
    const { client, sent } = setUp({ status: 429, headers: {} });
    await assert.rejects(client.get(ConfigMap, ref), { code: 429 });
    assert.equal(sent(), 1);
  });

  test('does not send again what may have been done', async () => {
    const { client, sent } = setUp({ status: 500, headers: { 'retry-after': '1' } });
    await assert.rejects(client.create(ConfigMap, { metadata: { name: 'a' } }), { code: 500 });
    assert.equal(sent(), 1);
  });

  test('stops waiting when nobody waits for it', async () => {
    const { client, clock } = setUp(later(30));
    const gone = new AbortController();
    const read = client.get(ConfigMap, ref, { signal: gone.signal });
    await clock.advance(0);
    gone.abort(new Error('gone'));
    await assert.rejects(read, /gone/);
    assert.equal(clock.pending, 0);
  });
});
