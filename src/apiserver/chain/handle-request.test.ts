import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { apiUnderTest } from '../../../test/support/api-requests.ts';
import { Pod } from '../../api/core/pod.ts';
import { StatusError } from '../../api/status-error.ts';
import { FakeClock } from '../../base/clock.ts';
import { MetricsRegistry } from '../../base/metrics.ts';
import { createMemoryStore } from '../../store/memory.ts';
import { StoreUnavailableError } from '../../store/store.ts';

const CONFIG_MAPS = '/api/v1/namespaces/a/configmaps';

describe('the chain', () => {
  test('asks who it is, then whether they may, and carries on as who they impersonate', async () => {
    const asked: string[] = [];
    const users = new Map([
      ['Bearer alice', { name: 'alice', uid: undefined, groups: ['system:authenticated'], extra: {} }],
    ]);
    await using api = await apiUnderTest({
      parts: () => ({
        authenticator: {
          async authenticate({ authorization }) {
            if (authorization === undefined) return undefined;
            const user = users.get(authorization);
            if (!user) throw new StatusError('Unauthorized', 'Unauthorized');
            return user;
          },
        },
        authorizer: {
          authorize(user, { verb, resource, isResource, path }) {
            asked.push(`${user.name} ${verb} ${isResource ? resource : path}`);
            return { verdict: verb === 'delete' ? 'deny' : 'allow', reason: 'because' };
          },
        },
      }),
    });
    const send = (request: string, authorization?: string, headers: Record<string, string> = {}) =>
      api.server.handle(
        {
          method: request.split(' ')[0] as 'GET',
          path: request.split(' ')[1] ?? '',
          query: new URLSearchParams(),
          headers,
          body: undefined,
          signal: new AbortController().signal,
        },
        { type: 'credentials', credentials: { authorization, certificate: undefined } },
      );
    assert.equal((await send(`GET ${CONFIG_MAPS}`)).status, 401);
    assert.equal((await send(`GET ${CONFIG_MAPS}`, 'Bearer eve')).status, 401);
    assert.deepEqual(asked, []);
    assert.equal((await send('GET /version')).status, 200);
    assert.equal((await send(`GET ${CONFIG_MAPS}`, 'Bearer alice')).status, 200);
    assert.equal((await send(`GET ${CONFIG_MAPS}`, 'Bearer alice', { 'impersonate-user': 'bob' })).status, 200);
    const denied = await send(`DELETE ${CONFIG_MAPS}/x`, 'Bearer alice');
    assert.equal(denied.status, 403);
    assert.deepEqual(asked, [
      'system:anonymous get /version',
      'alice list configmaps',
      'alice impersonate users',
      'bob list configmaps',
      'alice delete configmaps',
    ]);
  });

  test('gives every answer an audit id, the client’s own if it has one, and forbids keeping it', async () => {
    await using api = await apiUnderTest();
    const own = await api.send(`GET ${CONFIG_MAPS}`, { headers: { 'audit-id': 'mine' } });
    assert.equal(own.headers['audit-id'], 'mine');
    assert.equal(own.headers['cache-control'], 'no-cache, private');
    const failed = await api.send('GET /nothing');
    assert.match(failed.headers['audit-id'] ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(failed.status, 404);
    assert.equal(failed.at('message'), 'the server could not find the requested resource');
  });

  test('turns what nobody has foreseen into an InternalError', async () => {
    await using api = await apiUnderTest({
      parts: () => ({
        admission: [
          {
            name: 'Broken',
            mutate() {
              throw new RangeError('oops');
            },
          },
        ],
      }),
    });
    const answer = await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: 'a' } } });
    assert.equal(answer.status, 500);
    assert.equal(answer.at('reason'), 'InternalError');
    assert.equal(answer.at('message'), 'Internal error occurred: oops');
    assert.equal((await api.send(`GET ${CONFIG_MAPS}`)).status, 200);
  });

  test('answers 500 when the store cannot be written to, and goes on reading', async () => {
    const store = createMemoryStore();
    const put = store.put.bind(store);
    let broken = false;
    store.put = async (...args) => {
      if (broken) throw new StoreUnavailableError('no space left on the device');
      return put(...args);
    };
    const outcomes: string[] = [];
    await using api = await apiUnderTest({
      store,
      parts: () => ({
        hooks: [
          {
            kind: Pod,
            beforeCreate: async () => ({
              commit: () => void outcomes.push('commit'),
              release: () => void outcomes.push('release'),
            }),
          },
        ],
      }),
    });
    const pod = (name: string, query = '') =>
      api.send(`POST /api/v1/namespaces/a/pods${query}`, {
        body: { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      });
    assert.equal((await pod('a')).status, 201);
    assert.equal((await pod('dry', '?dryRun=All')).status, 201);
    assert.equal((await pod('a')).status, 409);
    broken = true;
    const answer = await pod('b');
    assert.equal(answer.status, 500);
    assert.match(String(answer.at('message')), /no space left on the device/);
    assert.equal((await api.send('GET /api/v1/namespaces/a/pods/a')).status, 200);
    // A name that is taken is noticed before anything is set aside; a write in doubt gives nothing back.
    assert.deepEqual(outcomes, ['commit', 'release']);
  });

  test('ends what takes longer than a minute', async () => {
    const clock = new FakeClock();
    await using api = await apiUnderTest({
      clock,
      parts: () => ({ admission: [{ name: 'Slow', mutate: () => new Promise<void>(() => {}) }] }),
    });
    const answer = api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: 'a' } } });
    await clock.advance(60_000);
    assert.equal((await answer).status, 504);
    assert.equal((await answer).at('message'), 'Timeout: request did not complete within the allotted timeout');
  });

  test('ends sooner what asks for it', async () => {
    const clock = new FakeClock();
    await using api = await apiUnderTest({
      clock,
      parts: () => ({ admission: [{ name: 'Slow', mutate: () => new Promise<void>(() => {}) }] }),
    });
    const body = { metadata: { name: 'a' } };
    const answer = api.send(`POST ${CONFIG_MAPS}?timeout=1.5s`, { body });
    await clock.advance(1500);
    assert.equal((await answer).status, 504);
    const refused = await api.send(`POST ${CONFIG_MAPS}?timeout=x`, { body });
    assert.equal(refused.status, 400);
    assert.equal(refused.at('message'), 'invalid timeout specified in the request URL - time: invalid duration "x"');
  });

  test('counts requests by what they are', async () => {
    await using api = await apiUnderTest();
    await api.send(`GET ${CONFIG_MAPS}/none`);
    await api.send('GET /some/path/of/the/callers/choice');
    await api.send('GET /api/v1/namespaces/a/choices');
    await api.send(`POST ${CONFIG_MAPS}?dryRun=All`, { body: { metadata: { name: 'a' } } });
    await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: 'a' } } });
    await api.send('GET /livez');
    const told = await api.stream(`${CONFIG_MAPS}?watch=1`);
    await told.next();
    api.server.endWatches();
    while (!(await told.next()).done);
    const text = String((await api.send('GET /metrics')).body);
    assert.match(
      text,
      /^apiserver_request_total\{verb="GET",dry_run="",group="",version="v1",resource="configmaps",subresource="",scope="resource",component="apiserver",code="404"\} 1$/m,
    );
    assert.doesNotMatch(text, /choice/);
    assert.match(text, /^apiserver_request_total\{verb="POST",dry_run="All",.*code="201"\} 1$/m);
    assert.match(text, /^apiserver_request_total\{verb="GET",.*subresource="\/livez",scope="",.*code="200"\} 1$/m);
    assert.match(text, /^apiserver_request_sli_duration_seconds_count\{verb="POST",.*scope="resource",.*\} 1$/m);
    assert.match(text, /^apiserver_response_sizes_bucket\{verb="GET",.*resource="configmaps",.*le="1000"\} 1$/m);
    assert.match(text, /^apiserver_storage_objects\{resource="configmaps"\} 1$/m);
    assert.match(text, /^apiserver_watch_events_total\{group="",version="v1",resource="configmaps"\} 1$/m);
    assert.match(text, /^apiserver_current_inflight_requests\{request_kind="readOnly"\} 1$/m);
  });
});

describe('metrics', () => {
  test('go to a registry that is handed in', async () => {
    const metrics = new MetricsRegistry();
    await using api = await apiUnderTest({ metrics });
    await api.send('GET /version');
    assert.match(metrics.text(), /apiserver_request_total\{verb="GET"/);
  });
});
