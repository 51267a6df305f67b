import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../api/core/event.ts';
import { StatusError } from '../api/status-error.ts';
import { FakeClock } from '../base/clock.ts';
import { createLogger, type LogRecord, silentLogger } from '../base/log.ts';
import { createClient } from './create-client.ts';
import { createEventRecorder, referenceTo } from './event-recorder.ts';
import type { ApiRequest, Transport } from './transport.ts';

type Body = Record<string, unknown> & { readonly metadata: { readonly name: string; readonly namespace: string } };

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'web',
    uid: `uid-${name}`,
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
});

function open(log = silentLogger) {
  const clock = new FakeClock();
  const events = new Map<string, Body>();
  const requests: ApiRequest[] = [];
  let failure: Error | StatusError | undefined;
  const transport: Transport = {
    async send(request) {
      requests.push(request);
      if (failure instanceof StatusError) {
        return { status: failure.code, headers: {}, body: { type: 'object', object: failure.toStatus() } };
      }
      if (failure) throw failure;
      const body = request.body?.type === 'object' ? (request.body.object as Body) : undefined;
      const name = request.method === 'POST' ? body?.metadata.name : request.path.split('/').at(-1);
      events.set(name ?? '', { ...events.get(name ?? ''), ...(body as Body) });
      return { status: 200, headers: {}, body: { type: 'object', object: events.get(name ?? '') } };
    },
    async [Symbol.asyncDispose]() {},
  };
  const client = createClient(transport, { userAgent: 'test' });
  const recorder = createEventRecorder({ client, clock, log }, { component: 'tester', host: 'node-1' });
  const fail = (error: Error | undefined) => {
    failure = error;
  };
  return { clock, events, requests, recorder, fail };
}

test('createEventRecorder writes a core/v1 Event about the object', async () => {
  const { clock, events, recorder } = open();
  recorder.event(pod('a'), 'Normal', 'Tested', 'all is well', { annotations: { x: 'y' } });
  await clock.advance(0);
  const [event] = events.values();
  assert.match(event?.metadata.name ?? '', /^a\.[0-9a-f]{16}$/);
  assert.deepEqual(event, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: event?.metadata.name, namespace: 'web', annotations: { x: 'y' } },
    involvedObject: { kind: 'Pod', namespace: 'web', name: 'a', uid: 'uid-a', apiVersion: 'v1', resourceVersion: '7' },
    reason: 'Tested',
    message: 'all is well',
    source: { component: 'tester', host: 'node-1' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    count: 1,
    type: 'Normal',
    reportingComponent: 'tester',
    reportingInstance: 'node-1',
  });
});

test('createEventRecorder counts an event that comes again', async () => {
  const { clock, events, recorder } = open();
  for (let i = 0; i < 3; i++) {
    recorder.event(referenceTo(pod('a'), 'spec.containers{c}'), 'Warning', 'BackOff', 'again');
    await clock.advance(60_000);
  }
  assert.equal(events.size, 1);
  const [event] = events.values();
  assert.equal(event?.['count'], 3);
  assert.equal(event?.['firstTimestamp'], '2026-01-01T00:00:00Z');
  assert.equal(event?.['lastTimestamp'], '2026-01-01T00:02:00Z');
});

test('createEventRecorder combines events that differ in their message only', async () => {
  const { clock, events, recorder } = open();
  for (let i = 0; i < 15; i++) recorder.event(pod('a'), 'Normal', 'Tested', `message ${i}`);
  await clock.advance(0);
  const messages = [...events.values()].map((event) => [event['message'], event['count']]);
  assert.equal(messages.length, 10);
  assert.deepEqual(messages.at(-1), ['(combined from similar events): message 14', 6]);
});

test('createEventRecorder limits what is said of one object, and of no other', async () => {
  const { clock, requests, recorder } = open();
  for (let i = 0; i < 100; i++) recorder.event(pod('a'), 'Normal', `Reason${i}`, 'noise');
  recorder.event(pod('b'), 'Normal', 'Tested', 'heard');
  await clock.advance(0);
  assert.equal(requests.length, 25 + 1);
  await clock.advance(300_000);
  recorder.event(pod('a'), 'Normal', 'Later', 'one more');
  await clock.advance(0);
  assert.equal(requests.length, 25 + 2);
});

test('createEventRecorder tries again while the server is away and gives up what it refuses', async () => {
  const { clock, events, requests, recorder, fail } = open();
  fail(new Error('connection refused'));
  recorder.event(pod('a'), 'Normal', 'Tested', 'late');
  await clock.advance(25_000);
  assert.equal(requests.length, 3);
  fail(undefined);
  await clock.advance(10_000);
  assert.equal(events.size, 1);
  fail(new StatusError('Forbidden', 'no'));
  recorder.event(pod('b'), 'Normal', 'Tested', 'refused');
  await clock.advance(60_000);
  assert.equal(requests.length, 5);
  await recorder[Symbol.asyncDispose]();
});

test('createEventRecorder sends of many objects at once, and of each in its order', async () => {
  const clock = new FakeClock();
  const reasons = new Map<string, string[]>();
  const answers: (() => void)[] = [];
  const transport: Transport = {
    async send(request) {
      const object = request.body?.type === 'object' ? request.body.object : undefined;
      const { involvedObject, reason } = object as Event;
      reasons.set(involvedObject.name ?? '', [...(reasons.get(involvedObject.name ?? '') ?? []), reason ?? '']);
      await new Promise<void>((resolve) => answers.push(resolve));
      return { status: 201, headers: {}, body: { type: 'object', object } };
    },
    async [Symbol.asyncDispose]() {},
  };
  const client = createClient(transport, { userAgent: 'test' });
  await using recorder = createEventRecorder({ client, clock, log: silentLogger }, { component: 'tester' });
  for (const reason of ['First', 'Second']) {
    for (let i = 0; i < 20; i++) recorder.event(pod(`p${i}`), 'Normal', reason, 'busy');
  }
  await clock.advance(0);
  assert.deepEqual([...reasons.values()], Array(16).fill(['First']));
  for (let answer = answers.shift(); answer; answer = answers.shift()) {
    answer();
    await clock.advance(0);
  }
  assert.deepEqual([...reasons.values()], Array(20).fill(['First', 'Second']));
});

test('createEventRecorder never holds more than its queue and says once how many were lost', async () => {
  const records: LogRecord[] = [];
  const { clock, requests, recorder, fail } = open(createLogger((record) => records.push(record), { level: 'warn' }));
  fail(new Error('connection refused'));
  for (let i = 0; i < 3000; i++) recorder.event(pod(`p${i}`), 'Normal', 'Tested', 'many');
  fail(undefined);
  await clock.advance(20_000);
  assert.equal(requests.length, 1000);
  assert.deepEqual(
    records.map(({ message, fields }) => [message, fields]),
    [['events were dropped: too many wait to be sent', { dropped: 2000 }]],
  );
  await recorder[Symbol.asyncDispose]();
});
