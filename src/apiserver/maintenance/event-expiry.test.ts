import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest } from '../../../test/support/api-requests.ts';
import { Event } from '../../api/core/event.ts';
import { FakeClock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import { createMemoryStore } from '../../store/memory.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

async function tell(client: Client, name: string) {
  const involvedObject = { kind: 'Pod', namespace: 'a', name: 'web' };
  await client.create(Event, { metadata: { name, namespace: 'a' }, involvedObject });
}

async function told(client: Client): Promise<readonly string[]> {
  return (await client.list(Event)).items.map(({ metadata }) => metadata.name);
}

test('events go an hour after they were last written, those of a quarter of a minute together', async () => {
  const clock = new FakeClock();
  await using api = await apiUnderTest({ clock });
  const { client } = api;
  await tell(client, 'first');
  await clock.advance(10 * SECOND);
  await tell(client, 'second');
  await tell(client, 'repeated');
  await clock.advance(30 * MINUTE);
  await client.patch(Event, { name: 'repeated', namespace: 'a' }, { type: 'merge', body: { count: 2 } });
  await clock.advance(30 * MINUTE - 10 * SECOND);
  assert.deepEqual(await told(client), ['first', 'repeated', 'second']);
  await clock.advance(15 * SECOND);
  assert.deepEqual(await told(client), ['repeated']);
  await clock.advance(30 * MINUTE + 15 * SECOND);
  assert.deepEqual(await told(client), []);
});

test('what another server has left goes in its time, too', async () => {
  const clock = new FakeClock();
  await using store = createMemoryStore();
  {
    await using api = await apiUnderTest({ clock, store });
    await tell(api.client, 'old');
  }
  await clock.advance(50 * MINUTE);
  await using api = await apiUnderTest({ clock, store });
  await clock.advance(9 * MINUTE);
  assert.deepEqual(await told(api.client), ['old']);
  await clock.advance(2 * MINUTE);
  assert.deepEqual(await told(api.client), []);
});

test('without events there is nothing to wait for', async () => {
  const clock = new FakeClock();
  await using api = await apiUnderTest({ clock });
  // Flow control looks back at requests, for a short while.
  const pending = async () => {
    await clock.advance(MINUTE);
    return clock.pending;
  };
  const before = await pending();
  await tell(api.client, 'one');
  assert.equal(await pending(), before + 1);
  await clock.advance(60 * MINUTE);
  assert.equal(await pending(), before);
});
