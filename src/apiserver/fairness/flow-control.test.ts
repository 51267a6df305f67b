import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ApiUnderTest, type ApiUnderTestOptions, apiUnderTest } from '../../../test/support/api-requests.ts';
import { until } from '../../../test/support/until.ts';
import { FlowSchema } from '../../api/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../../api/flowcontrol/priority-level-configuration.ts';
import { FakeClock } from '../../base/clock.ts';
import { MetricsRegistry } from '../../base/metrics.ts';
import type { ApiResponse, Method } from '../../client/transport.ts';
import type { User } from '../../client/user.ts';

const CONFIG_MAPS = '/api/v1/namespaces/a/configmaps';
const person = (name: string, ...groups: string[]): User => ({
  name,
  uid: undefined,
  groups: [...groups, 'system:authenticated'],
  extra: {},
});
const ROOT = person('root', 'system:masters');
const ALICE = person('alice');
const BOB = person('bob');

interface Crowded extends ApiUnderTest {
  readonly metrics: MetricsRegistry;
  as(user: User, request: string, options?: { body?: object; signal?: AbortSignal }): Promise<ApiResponse>;
  /** Creates a config map, which is not done before `release`. */
  hold(user: User, name: string, options?: { signal?: AbortSignal }): Promise<ApiResponse>;
  release(name?: string): void;
  readonly held: readonly string[];
}

async function crowded(options: ApiUnderTestOptions = {}): Promise<Crowded> {
  const metrics = new MetricsRegistry();
  const gates = new Map<string, () => void>();
  const held: string[] = [];
  const api = await apiUnderTest({
    metrics,
    parts: () => ({
      admission: [
        {
          name: 'Held',
          mutate: async ({ object }) => {
            const name = object?.metadata.name ?? '';
            if (!name.startsWith('held')) return;
            held.push(name);
            await new Promise<void>((resolve) => gates.set(name, resolve));
          },
        },
      ],
    }),
    ...options,
  });
  const as: Crowded['as'] = (user, request, { body, signal = new AbortController().signal } = {}) => {
    const [method = '', target = ''] = request.split(' ');
    const [path = '', query = ''] = target.split('?');
    return api.server.transportFor(user).send({
      method: method as Method,
      path,
      query: new URLSearchParams(query),
      headers: {},
      body: body && { type: 'object', object: body },
      signal,
    });
  };
  return {
    ...api,
    metrics,
    as,
    held,
    hold: (user, name, more = {}) => as(user, `POST ${CONFIG_MAPS}`, { ...more, body: { metadata: { name } } }),
    release(name) {
      for (const [each, open] of gates) if (name === undefined || each === name) open();
    },
  };
}

/** A level for everybody but superusers, with two seats of which it lends none. */
async function oneLevel(
  { client }: ApiUnderTest,
  limitResponse: object = { type: 'Queue', queuing: { queues: 16, handSize: 2, queueLengthLimit: 4 } },
) {
  const level = await client.create(PriorityLevelConfiguration, {
    metadata: { name: 'narrow' },
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 5, limitResponse } },
  } as never);
  const all = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true };
  const schema = await client.create(FlowSchema, {
    metadata: { name: 'everybody' },
    spec: {
      matchingPrecedence: 5,
      priorityLevelConfiguration: { name: 'narrow' },
      distinguisherMethod: { type: 'ByUser' },
      rules: [{ subjects: [{ kind: 'Group', group: { name: 'system:authenticated' } }], resourceRules: [all] }],
    },
  });
  return { level, schema };
}

/** Lets everything that is held go on until all have been answered. */
async function finish(api: Crowded, requests: readonly Promise<ApiResponse>[]): Promise<void> {
  let isDone = false;
  const all = Promise.all(requests).then(() => {
    isDone = true;
  });
  await until(() => {
    api.release();
    return isDone;
  });
  await all;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('FlowControl', () => {
  test('serves a user while another floods the server', async () => {
    const clock = new FakeClock();
    await using api = await crowded({ seats: 4, clock });
    await oneLevel(api);
    const flood = Array.from({ length: 30 }, (_, index) => api.hold(ALICE, `held-${index}`));
    await until(() => api.held.length === 2);
    let refused = 0;
    for (const each of flood) void each.then(({ status }) => status === 429 && refused++);
    let served = 0;
    const others = [1, 2, 3].map(async (index) => {
      assert.equal((await api.as(BOB, `GET ${CONFIG_MAPS}/none-${index}`)).status, 404);
      served++;
    });
    for (let done = 0; served < 3 && done < 10; done++) {
      await clock.advance(10);
      api.release(api.held[done]);
      await settled();
      await clock.advance(0);
    }
    await Promise.all(others);
    assert.equal(refused, 30 - 2 - 2 * 4);
    assert.ok(api.held.length < 7, `${api.held.length} of the flood had begun`);
    await finish(api, flood);
  });

  test('never lets superusers wait', async () => {
    await using api = await crowded({ seats: 2 });
    await oneLevel(api);
    const flood = Array.from({ length: 12 }, (_, index) => api.hold(ALICE, `held-${index}`));
    await until(() => api.held.length > 0);
    const many = Array.from({ length: 50 }, (_, index) => api.hold(ROOT, `held-root-${index}`));
    await until(() => api.held.filter((name) => name.startsWith('held-root')).length === 50);
    await finish(api, [...flood, ...many]);
    for (const each of many) assert.equal((await each).status, 201);
  });

  test('turns away what is too much with 429, when to come again, and which flow it was', async () => {
    await using api = await crowded({ seats: 2 });
    const { level, schema } = await oneLevel(api, { type: 'Reject' });
    const running = [api.hold(ALICE, 'held-1')];
    await until(() => api.held.length === 1);
    const answer = await api.as(BOB, `GET ${CONFIG_MAPS}`);
    assert.equal(answer.status, 429);
    assert.deepEqual(answer.headers['retry-after'], '1');
    assert.equal(answer.headers['x-kubernetes-pf-flowschema-uid'], schema.metadata.uid);
    assert.equal(answer.headers['x-kubernetes-pf-prioritylevel-uid'], level.metadata.uid);
    assert.deepEqual(answer.body.type === 'object' && answer.body.object, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Too many requests, please try again later.',
      reason: 'TooManyRequests',
      details: { retryAfterSeconds: 1 },
      code: 429,
    });
    const text = api.metrics.text();
    const of = 'priority_level="narrow",flow_schema="everybody"';
    assert.ok(text.includes(`apiserver_flowcontrol_rejected_requests_total{${of},reason="concurrency-limit"} 1\n`));
    assert.match(text, /^apiserver_request_terminations_total\{verb="LIST",.*resource="configmaps",.*code="429"\} 1$/m);
    api.release();
    assert.equal((await running[0])?.headers['x-kubernetes-pf-flowschema-uid'], schema.metadata.uid);
  });

  test('lets a request wait for a quarter of its time, and no longer than somebody waits for it', async () => {
    const clock = new FakeClock();
    await using api = await crowded({ seats: 2, clock });
    await oneLevel(api);
    const running = api.hold(ALICE, 'held-1');
    await until(() => api.held.length === 1);
    const gone = new AbortController();
    const waiting = api.as(BOB, `GET ${CONFIG_MAPS}?timeout=8s`);
    const left = api.as(BOB, `GET ${CONFIG_MAPS}`, { signal: gone.signal });
    await settled();
    const queued = 'apiserver_flowcontrol_current_inqueue_requests{priority_level="narrow",flow_schema="everybody"}';
    assert.ok(api.metrics.text().includes(`${queued} 2\n`));
    gone.abort();
    assert.notEqual((await left).status, 200);
    await clock.advance(1999);
    assert.ok(api.metrics.text().includes(`${queued} 1\n`));
    await clock.advance(1);
    assert.equal((await waiting).status, 429);
    assert.ok(api.metrics.text().includes(`${queued} 0\n`));
    assert.match(api.metrics.text(), /rejected_requests_total\{.*reason="time-out"\} 2$/m);
    const used = (name: string, phase: string) =>
      new RegExp(
        `^apiserver_flowcontrol_${name}_utilization_sum\\{phase="${phase}",priority_level="narrow"\\} [1-9]`,
        'm',
      );
    assert.match(api.metrics.text(), used('priority_level_seat', 'executing'));
    assert.match(api.metrics.text(), used('priority_level_request', 'waiting'));
    api.release();
    assert.equal((await running).status, 201);
  });

  test('goes by the objects as they are now', async () => {
    await using api = await crowded({ seats: 2 });
    const flowOf = async () => (await api.as(ALICE, `GET ${CONFIG_MAPS}`)).headers['x-kubernetes-pf-flowschema-uid'];
    assert.equal(await flowOf(), '');
    const { schema } = await oneLevel(api);
    assert.equal(await flowOf(), schema.metadata.uid);
    await api.client.delete(PriorityLevelConfiguration, { name: 'narrow' });
    assert.equal(await flowOf(), '');
  });

  test('lets a level that is deleted finish what it has', async () => {
    await using api = await crowded({ seats: 4 });
    await oneLevel(api);
    const requests = Array.from({ length: 5 }, (_, index) => api.hold(ALICE, `held-${index}`));
    await until(() => api.held.length > 0);
    await api.as(ROOT, 'DELETE /apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/narrow');
    await finish(api, requests);
    for (const each of requests) assert.equal((await each).status, 201);
  });

  test('keeps the seat of a watch until it has told what is there', async () => {
    await using api = await crowded({ seats: 2 });
    await oneLevel(api);
    await api.as(ROOT, `POST ${CONFIG_MAPS}`, { body: { metadata: { name: 'there' } } });
    const executing = () =>
      /^apiserver_flowcontrol_current_executing_requests\{priority_level="narrow",.*\} (\d+)$/m.exec(
        api.metrics.text(),
      )?.[1];
    const answer = await api.as(ALICE, `GET ${CONFIG_MAPS}?watch=1`);
    assert.ok(answer.body.type === 'watch');
    assert.equal(executing(), '1');
    const events = answer.body.events[Symbol.asyncIterator]();
    await events.next();
    const next = events.next();
    await until(() => executing() === '0');
    assert.match(api.metrics.text(), /^apiserver_longrunning_requests\{verb="WATCH",.*resource="configmaps",.*\} 1$/m);
    api.server.endWatches();
    await next;
    assert.doesNotMatch(api.metrics.text(), /^apiserver_longrunning_requests\{/m);
  });

  test('lends seats that are not used, and takes them back', async () => {
    const clock = new FakeClock();
    await using api = await crowded({ seats: 20, clock });
    await oneLevel(api);
    await api.client.patch(
      PriorityLevelConfiguration,
      { name: 'narrow' },
      { type: 'merge', body: { spec: { limited: { lendablePercent: 80 } } } },
    );
    const seatsOf = (level: string) => {
      const pattern = new RegExp(
        `^apiserver_flowcontrol_current_limit_seats\\{priority_level="${level}"\\} (\\d+)$`,
        'm',
      );
      return Number(pattern.exec(api.metrics.text())?.[1]);
    };
    const before = seatsOf('narrow');
    const requests = Array.from({ length: 20 }, (_, index) => api.hold(ALICE, `held-${index}`));
    await until(() => api.held.length === before);
    await clock.advance(10_000);
    const after = seatsOf('narrow');
    assert.ok(after >= 10, `${before} seats at first, ${after} after a look`);
    await finish(api, requests);
    assert.equal(clock.pending < 10, true);
  });
});
