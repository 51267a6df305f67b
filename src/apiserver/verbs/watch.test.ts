import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest, valueAt } from '../../../test/support/api-requests.ts';
import { Event } from '../../api/core/event.ts';
import { FakeClock } from '../../base/clock.ts';
import { nextTurn } from '../../base/under-way.ts';

const CONFIG_MAPS = '/api/v1/namespaces/a/configmaps';
const PODS = '/api/v1/namespaces/a/pods';
const MERGE = 'application/merge-patch+json';

let api: ApiUnderTest;
const clock = new FakeClock();

/** Reads a watch's events one at a time, as `ADDED name@version`. */
async function open(path: string, signal?: AbortSignal) {
  const chunks = await api.stream(path, signal ? { signal } : {});
  const events: { type: string; object: object }[] = [];
  const event = async (): Promise<{ type: string; object: object } | undefined> => {
    while (events.length === 0) {
      const { value, done } = await chunks.next();
      if (done) return undefined;
      for (const line of Buffer.from(value).toString().split('\n')) if (line) events.push(JSON.parse(line));
    }
    return events.shift();
  };
  return {
    event,
    async next(): Promise<string> {
      const found = await event();
      if (!found) return 'END';
      const name = valueAt(found.object, 'metadata.name') ?? valueAt(found.object, 'reason') ?? '';
      return `${found.type} ${name}`;
    },
    close: () => chunks.return?.(),
  };
}

const create = (path: string, name: string, more: object = {}) =>
  api.send(`POST ${path}`, { body: { metadata: { name }, ...more } });
const pod = (name: string, nodeName?: string) =>
  create(PODS, name, { spec: { containers: [{ name: 'c', image: 'i' }], ...(nodeName ? { nodeName } : {}) } });
const version = async () => String((await api.send(`GET ${CONFIG_MAPS}`)).at('metadata.resourceVersion'));

describe('watch', () => {
  before(async () => {
    api = await apiUnderTest({ clock });
  });
  after(() => api[Symbol.asyncDispose]());

  test('from a revision tells what comes after it', async () => {
    await create(CONFIG_MAPS, 'one');
    const from = await version();
    await create(CONFIG_MAPS, 'two');
    const watch = await open(`${CONFIG_MAPS}?watch=1&resourceVersion=${from}`);
    assert.equal(await watch.next(), 'ADDED two');
    await api.send(`PATCH ${CONFIG_MAPS}/one`, { body: { data: { a: 'b' } }, contentType: MERGE });
    assert.equal(await watch.next(), 'MODIFIED one');
    const deleted = await api.send(`DELETE ${CONFIG_MAPS}/one`);
    assert.equal(deleted.status, 200);
    const event = await watch.event();
    assert.equal(event?.type, 'DELETED');
    assert.equal(valueAt(event?.object, 'data.a'), 'b');
    assert.equal(valueAt(event?.object, 'metadata.resourceVersion'), await version());
    await watch.close();
  });

  test('without a revision, or from 0, begins with everything that is there', async () => {
    for (const query of ['watch=1', 'watch=true&resourceVersion=0']) {
      const watch = await open(`${CONFIG_MAPS}?${query}`);
      assert.equal(await watch.next(), 'ADDED two');
      await watch.close();
    }
  });

  test('of one object, by the deprecated path and by its name', async () => {
    for (const path of [
      `/api/v1/watch/namespaces/a/configmaps/two`,
      `${CONFIG_MAPS}?watch=1&fieldSelector=metadata.name=two`,
    ]) {
      const watch = await open(path);
      assert.equal(await watch.next(), 'ADDED two');
      await create(CONFIG_MAPS, 'other');
      await api.send(`DELETE ${CONFIG_MAPS}/other`);
      await api.send(`PATCH ${CONFIG_MAPS}/two`, { body: { data: { path } }, contentType: MERGE });
      assert.equal(await watch.next(), 'MODIFIED two');
      await watch.close();
    }
  });

  test('by labels tells when objects come to match and no longer do', async () => {
    const watch = await open(`${CONFIG_MAPS}?watch=1&labelSelector=in=yes&resourceVersion=${await version()}`);
    const label = (value: string | null) =>
      api.send(`PATCH ${CONFIG_MAPS}/two`, { body: { metadata: { labels: { in: value } } }, contentType: MERGE });
    await label('yes');
    assert.equal(await watch.next(), 'ADDED two');
    await label('no');
    const left = await watch.event();
    assert.equal(left?.type, 'DELETED');
    assert.equal(valueAt(left?.object, 'metadata.labels.in'), 'yes');
    assert.equal(valueAt(left?.object, 'metadata.resourceVersion'), await version());
    await label(null);
    await label('yes');
    assert.equal(await watch.next(), 'ADDED two');
    await watch.close();
  });

  test('by spec.nodeName tells each node of its own pods', async () => {
    const from = await version();
    const watches = await Promise.all(
      ['n1', 'n2'].map((node) =>
        open(`/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3D${node}&resourceVersion=${from}`),
      ),
    );
    await pod('p1', 'n1');
    await pod('p2', 'n2');
    await pod('p3');
    await pod('p4', 'n1');
    assert.deepEqual([await watches[0]!.next(), await watches[0]!.next()], ['ADDED p1', 'ADDED p4']);
    assert.equal(await watches[1]!.next(), 'ADDED p2');
    for (const watch of watches) await watch.close();
  });

  test('from a lost past is an ERROR with 410 Expired, and ends', async () => {
    await using small = await apiUnderTest({ limits: { window: { events: 2, bytes: 1 << 20 } } });
    const outer = api;
    api = small;
    try {
      for (const name of ['a', 'b', 'c', 'd']) await create(CONFIG_MAPS, name);
      const watch = await open(`${CONFIG_MAPS}?watch=1&resourceVersion=1`);
      const event = await watch.event();
      assert.equal(event?.type, 'ERROR');
      assert.deepEqual(event?.object, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'too old resource version: 1 (2)',
        reason: 'Expired',
        code: 410,
      });
      assert.equal(await watch.event(), undefined);
    } finally {
      api = outer;
    }
  });

  test('ends after its timeout, with a bookmark for who asked', async () => {
    const from = await version();
    const watch = await open(
      `${CONFIG_MAPS}?watch=1&timeoutSeconds=30&allowWatchBookmarks=true&resourceVersion=${from}`,
    );
    const silent = await open(`${CONFIG_MAPS}?watch=1&timeoutSeconds=30&resourceVersion=${from}`);
    const first = watch.event();
    const end = silent.event();
    await clock.advance(30_000);
    assert.deepEqual(await first, {
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: from } },
    });
    assert.equal(await watch.event(), undefined);
    assert.equal(await end, undefined);
  });

  test('gets a bookmark about every minute, of the newest revision', async () => {
    const watch = await open(`${CONFIG_MAPS}?watch=1&allowWatchBookmarks=true&resourceVersion=${await version()}`);
    await pod('elsewhere');
    const bookmark = watch.event();
    await clock.advance(60_000);
    assert.equal(valueAt((await bookmark)?.object, 'metadata.resourceVersion'), await version());
    await watch.close();
  });

  test('sendInitialEvents gives the state, then a bookmark that says so', async () => {
    const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = await open(`${CONFIG_MAPS}?${query}`);
    assert.equal(await watch.next(), 'ADDED two');
    const bookmark = await watch.event();
    assert.equal(bookmark?.type, 'BOOKMARK');
    assert.deepEqual(valueAt(bookmark?.object, 'metadata.annotations'), { 'k8s.io/initial-events-end': 'true' });
    await create(CONFIG_MAPS, 'three');
    assert.equal(await watch.next(), 'ADDED three');
    await watch.close();
  });

  test('without a revision marks the end of the state for who wants bookmarks, whoever has not asked for it', async () => {
    for (const query of ['', '&resourceVersion=0']) {
      const watch = await open(`${CONFIG_MAPS}?watch=1&allowWatchBookmarks=true${query}`);
      assert.deepEqual([await watch.next(), await watch.next()], ['ADDED three', 'ADDED two']);
      const bookmark = await watch.event();
      assert.deepEqual(valueAt(bookmark?.object, 'metadata.annotations'), { 'k8s.io/initial-events-end': 'true' });
      await watch.close();
    }
  });

  test('sendInitialEvents of false begins now, or where it is told to', async () => {
    const query = 'watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan';
    const from = await version();
    const watches = await Promise.all([
      open(`${CONFIG_MAPS}?${query}`),
      open(`${CONFIG_MAPS}?${query}&resourceVersion=0`),
      open(`${CONFIG_MAPS}?${query}&resourceVersion=${from}`),
    ]);
    await create(CONFIG_MAPS, 'four');
    for (const watch of watches) {
      assert.equal(await watch.next(), 'ADDED four');
      await watch.close();
    }
  });

  test('with the state of a future that does not come is an ERROR with 504 on the stream', async () => {
    const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=999999';
    const opened = open(`${CONFIG_MAPS}?${query}`);
    await nextTurn();
    await clock.advance(3_000);
    const event = await (await opened).event();
    assert.equal(event?.type, 'ERROR');
    assert.equal(valueAt(event?.object, 'code'), 504);
    assert.equal(valueAt(event?.object, 'details.causes.0.reason'), 'ResourceVersionTooLarge');
  });

  test('ends when its caller goes', async () => {
    const gone = new AbortController();
    const watch = await open(`${CONFIG_MAPS}?watch=1&resourceVersion=${await version()}`, gone.signal);
    const end = watch.next();
    gone.abort();
    assert.equal(await end, 'END');
  });

  test('in process shares its objects with every watcher', async () => {
    const stop = new AbortController();
    const { ConfigMap } = await import('../../api/core/config-map.ts');
    const next = async () => {
      for await (const [event] of api.client.watch(ConfigMap, {
        namespace: 'a',
        resourceVersion: from,
        signal: stop.signal,
      })) {
        return event!.object;
      }
      return undefined;
    };
    const from = await version();
    const both = Promise.all([next(), next()]);
    await create(CONFIG_MAPS, 'shared');
    const [one, other] = await both;
    assert.equal(one?.metadata.name, 'shared');
    assert.equal(one, other);
    assert.ok(Object.isFrozen(one?.metadata));
  });

  const refusals: [query: string, status: number, message: RegExp][] = [
    ['sendInitialEvents=true', 422, /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/],
    ['resourceVersionMatch=NotOlderThan', 422, /forbidden for watch unless sendInitialEvents is provided/],
    ['resourceVersion=x', 400, /resourceVersion: Invalid value: "x"/],
    [
      'sendInitialEvents=false&resourceVersionMatch=Exact&resourceVersion=1',
      422,
      /resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"/,
    ],
    ['sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x', 422, /forbidden when continue is provided/],
    ['fieldSelector=x=y', 400, /is not a known field selector/],
  ];
  for (const [query, status, message] of refusals) {
    test(`refuses ${query}`, async () => {
      const answer = await api.send(`GET ${CONFIG_MAPS}?watch=1&${query}`);
      assert.equal(answer.status, status);
      assert.match(String(answer.at('message')), message);
    });
  }

  test('is not offered in YAML', async () => {
    assert.equal(
      (await api.send(`GET ${CONFIG_MAPS}?watch=1`, { headers: { accept: 'application/yaml' } })).status,
      406,
    );
  });
});

describe('events', () => {
  test('are one store in two groups, and go an hour after they were written', async () => {
    const own = new FakeClock();
    await using server = await apiUnderTest({ clock: own });
    const involvedObject = { kind: 'Pod', namespace: 'a', name: 'p' };
    const body = { metadata: { name: 'e' }, involvedObject, reason: 'Tested', message: 'm', type: 'Normal' };
    assert.equal((await server.send('POST /api/v1/namespaces/a/events', { body })).status, 201);
    const other = await server.send('GET /apis/events.k8s.io/v1/namespaces/a/events/e');
    assert.equal(other.at('apiVersion'), 'events.k8s.io/v1');
    assert.equal(other.at('regarding.name'), 'p');
    assert.equal(other.at('note'), 'm');
    const watched = await server.stream('/apis/events.k8s.io/v1/events?watch=1');
    const first = Buffer.from((await watched.next()).value).toString();
    assert.match(first, /"apiVersion":"events\.k8s\.io\/v1"/);
    await watched.return?.();

    await own.advance(50 * 60_000);
    const again = await server.send('PATCH /api/v1/namespaces/a/events/e', { body: { count: 2 }, contentType: MERGE });
    assert.equal(again.status, 200);
    await own.advance(50 * 60_000);
    assert.ok(server.server.reader.get(Event, { namespace: 'a', name: 'e' }));
    await own.advance(11 * 60_000);
    assert.equal((await server.send('GET /api/v1/namespaces/a/events/e')).status, 404);
  });
});
