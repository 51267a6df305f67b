import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '../api/core/config-map.ts';
import { StatusError } from '../api/status-error.ts';
import { FakeClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { createClient } from './create-client.ts';
import { createInformer, type Informer } from './informer.ts';
import { InformerFactory } from './informer-factory.ts';
import type { ApiRequest, ApiResponse, ApiWatchEvent, Transport } from './transport.ts';

type Stored = ReturnType<typeof configMap>;

function configMap(name: string, revision: number, value: string, uid = name) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: name.includes('-') ? 'other' : 'default',
      uid,
      resourceVersion: String(revision),
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    data: { value },
  };
}

/** A watch over a log of events that can be cut off and forgotten: the server's side of an informer. */
class Source implements Transport {
  readonly objects = new Map<string, Stored>();
  readonly requests: string[] = [];
  #revision = 0;
  #log: { readonly revision: number; readonly event: ApiWatchEvent }[] = [];
  #compacted = 0;
  #disconnects = 0;
  #wake = Promise.withResolvers<void>();
  down = false;
  /** What there is breaks off after so many objects. */
  breaksAfter = Number.POSITIVE_INFINITY;

  put(name: string, value: string, uid = name): void {
    const object = configMap(name, ++this.#revision, value, uid);
    const type = this.objects.has(name) ? 'MODIFIED' : 'ADDED';
    this.objects.set(name, object);
    this.#record(type, object);
  }

  remove(name: string): void {
    const object = this.objects.get(name);
    this.objects.delete(name);
    if (object) this.#record('DELETED', configMap(name, ++this.#revision, object.data.value, object.metadata.uid));
  }

  bookmark(): void {
    this.#record('BOOKMARK', configMap('', ++this.#revision, ''));
  }

  /** Every open watch breaks; with `forget` what happened until now cannot be watched any more. */
  disconnect({ forget = false } = {}): void {
    if (forget) {
      this.#compacted = this.#revision;
      this.#log = [];
    }
    this.#disconnects++;
    this.#wakeAll();
  }

  async send(request: ApiRequest): Promise<ApiResponse> {
    this.requests.push(`${request.path}?${request.query}`);
    if (this.down) throw new Error('connection refused');
    const { query } = request;
    assert.equal(query.get('watch'), 'true');
    if (query.get('sendInitialEvents') === 'true') {
      assert.equal(query.get('resourceVersionMatch'), 'NotOlderThan');
      return { status: 200, headers: {}, body: { type: 'watch', events: this.#state(request.signal) } };
    }
    const after = Number(query.get('resourceVersion'));
    if (after < this.#compacted) {
      return {
        status: 410,
        headers: {},
        body: { type: 'object', object: new StatusError('Expired', 'old').toStatus() },
      };
    }
    return { status: 200, headers: {}, body: { type: 'watch', events: this.#events(after, request.signal) } };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** What there is, in pieces; in the last of them is what happened meanwhile. */
  async *#state(signal: AbortSignal): AsyncGenerator<ApiWatchEvent[]> {
    const revision = this.#revision;
    const connection = this.#disconnects;
    const objects = [...this.objects.values()];
    const events = objects.map((object): ApiWatchEvent => ({ type: 'ADDED', object: object as never }));
    for (const event of events.slice(0, this.breaksAfter)) yield [event];
    if (events.length > this.breaksAfter) throw new Error('the connection broke');
    const end = configMap('', revision, '');
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    const bookmark = { ...end, metadata: { ...end.metadata, annotations } };
    const news = this.#log.filter((each) => each.revision > revision).map(({ event }) => event);
    const seen = this.#revision;
    yield [{ type: 'BOOKMARK', object: bookmark as never }, ...news];
    if (connection !== this.#disconnects) throw new Error('the connection broke');
    yield* this.#events(seen, signal);
  }

  async *#events(after: number, signal: AbortSignal) {
    let seen = after;
    const connection = this.#disconnects;
    while (!signal.aborted) {
      if (connection !== this.#disconnects) throw new Error('the connection broke');
      const wake = this.#wake.promise;
      const news = this.#log.filter(({ revision }) => revision > seen);
      seen = news.at(-1)?.revision ?? seen;
      if (news.length > 0) yield news.map(({ event }) => event);
      else
        await Promise.race([wake, new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))]);
    }
  }

  #record(type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK', object: Stored): void {
    this.#log.push({ revision: this.#revision, event: { type, object } });
    this.#wakeAll();
  }

  #wakeAll(): void {
    const wake = this.#wake;
    this.#wake = Promise.withResolvers<void>();
    wake.resolve();
  }
}

function open(source: Source) {
  const clock = new FakeClock();
  const client = createClient(source, { userAgent: 'test' });
  const deps = { client, clock, random: seededRandom(1), log: silentLogger };
  const told: string[] = [];
  const record = (informer: Informer<{ readonly metadata: { readonly name: string } }>) =>
    informer.subscribe((changes) => told.push(changes.map((c) => `${c.type} ${c.object.metadata.name}`).join(', ')));
  return { clock, deps, told, record };
}

test('createInformer begins with what there is, then follows the watch in batches', async () => {
  const source = new Source();
  source.put('a', '1');
  const { clock, deps, told, record } = open(source);
  await using informer = createInformer(deps, ConfigMap);
  record(informer);
  assert.equal(informer.hasSynced, false);
  await informer.synced();
  source.put('b', '1');
  source.put('a', '2');
  source.remove('b');
  await clock.advance(0);
  assert.deepEqual(told, ['added a', 'added b, updated a, deleted b']);
  assert.equal(informer.get({ namespace: 'default', name: 'a' })?.data?.['value'], '2');
  assert.equal(informer.get('default/b'), undefined);
  assert.equal(informer.resourceVersion, '4');
  assert.deepEqual([informer.hasSeen('4'), informer.hasSeen('5'), informer.hasSeen('10')], [true, false, false]);
});

test('createInformer goes on from the last version it saw after a disconnect, bookmarks included', async () => {
  const source = new Source();
  source.put('a', '1');
  const { clock, deps, told, record } = open(source);
  await using informer = createInformer(deps, ConfigMap);
  record(informer);
  await informer.synced();
  source.bookmark();
  await clock.advance(0);
  source.disconnect();
  source.put('b', '1');
  await clock.advance(1000);
  assert.deepEqual(told, ['added a', 'added b']);
  const watches = source.requests.filter((request) => request.includes('watch'));
  assert.deepEqual(
    watches.map((request) => new URLSearchParams(request.split('?')[1]).get('resourceVersion')),
    [null, '2'],
  );
});

test('createInformer begins anew when history is gone and tells what it missed', async () => {
  const source = new Source();
  for (const name of ['kept', 'changed', 'deleted', 'replaced']) source.put(name, '1');
  const { clock, deps, told, record } = open(source);
  await using informer = createInformer(deps, ConfigMap);
  await informer.synced();
  record(informer);
  told.length = 0;
  source.disconnect();
  source.put('changed', '2');
  source.remove('deleted');
  source.remove('replaced');
  source.put('replaced', '1', 'another');
  source.put('new', '1');
  source.disconnect({ forget: true });
  await clock.advance(5000);
  assert.deepEqual(told, ['deleted deleted, updated changed, deleted replaced, added replaced, added new']);
  assert.equal(informer.list().length, 4);
});

test('createInformer tells nothing of what there is before all of it has come', async () => {
  const source = new Source();
  for (const name of ['a', 'b', 'c']) source.put(name, '1');
  const { clock, deps, told, record } = open(source);
  source.breaksAfter = 2;
  await using informer = createInformer(deps, ConfigMap);
  record(informer);
  await clock.advance(1000);
  assert.deepEqual([informer.hasSynced, informer.list().length, told.length], [false, 0, 0]);
  source.breaksAfter = Number.POSITIVE_INFINITY;
  await clock.advance(5000);
  assert.deepEqual(told, ['added a, added b, added c']);
  assert.ok(informer.hasSynced);
});

test('createInformer waits longer each time while the server is down, and recovers', async () => {
  const source = new Source();
  source.put('a', '1');
  source.down = true;
  const { clock, deps } = open(source);
  await using informer = createInformer(deps, ConfigMap);
  await clock.advance(60_000);
  const tries = source.requests.length;
  assert.ok(tries > 10 && tries < 30, `${tries} tries in a minute`);
  assert.equal(informer.hasSynced, false);
  source.down = false;
  await clock.advance(20_000);
  assert.equal(informer.list().length, 1);
});

test('createInformer keeps its indexes, those added late too', async () => {
  const source = new Source();
  source.put('a', 'x');
  source.put('b', 'y');
  source.put('far-away', 'x');
  const { clock, deps } = open(source);
  await using informer = createInformer(deps, ConfigMap, { indexes: { value: (map) => [map.data?.['value'] ?? ''] } });
  await informer.synced();
  const named = (value: string) => informer.byIndex('value', value).map((map) => map.metadata.name);
  assert.deepEqual(named('x'), ['a', 'far-away']);
  source.put('a', 'y');
  source.remove('far-away');
  await clock.advance(0);
  assert.deepEqual([named('x'), named('y')], [[], ['b', 'a']]);
  informer.addIndex('initial', (map) => [map.metadata.name.slice(0, 1)]);
  assert.equal(informer.byIndex('initial', 'b').length, 1);
  assert.equal(informer.list('default').length, 2);
  assert.equal(informer.list('other').length, 0);
  assert.throws(() => informer.byIndex('nothing', 'x'), TypeError);
});

test('createInformer goes on when a listener throws', async () => {
  const source = new Source();
  const { clock, deps, told, record } = open(source);
  await using informer = createInformer(deps, ConfigMap);
  informer.subscribe(() => {
    throw new Error('a bug');
  });
  record(informer);
  await informer.synced();
  source.put('a', '1');
  await clock.advance(0);
  assert.deepEqual(told, ['added a']);
});

test('createInformer ends up with what the server has after 1,000 changes and many broken watches', async () => {
  const source = new Source();
  const random = seededRandom(3);
  const { clock, deps } = open(source);
  await using informer = createInformer(deps, ConfigMap);
  await informer.synced();
  const mirror = new Map<string, string>();
  informer.subscribe((changes) => {
    for (const change of changes) {
      const { name } = change.object.metadata;
      const value = change.object.data?.['value'] ?? '';
      if (change.type === 'added') assert.ok(!mirror.has(name));
      else assert.ok(mirror.has(name));
      if (change.type === 'updated') assert.equal(mirror.get(name), change.previous.data?.['value']);
      if (change.type === 'deleted') mirror.delete(name);
      else mirror.set(name, value);
    }
  });
  for (let i = 0; i < 1000; i++) {
    const name = `n${Math.floor(random.next() * 40)}`;
    if (random.next() < 0.3) source.remove(name);
    else source.put(name, String(i), random.next() < 0.1 ? `uid-${i}` : source.objects.get(name)?.metadata.uid);
    if (random.next() < 0.05) source.disconnect({ forget: random.next() < 0.5 });
    if (random.next() < 0.2) await clock.advance(100);
  }
  await clock.advance(60_000);
  const there = new Map([...source.objects].map(([name, object]) => [name, object.data.value]));
  assert.deepEqual(new Map([...mirror].sort()), new Map([...there].sort()));
  assert.equal(informer.list().length, there.size);
});

test('InformerFactory shares an informer per kind and selection and closes them all', async () => {
  const source = new Source();
  const { deps } = open(source);
  const factory = new InformerFactory(deps);
  const all = factory.informer(ConfigMap);
  assert.equal(factory.informer(ConfigMap, { indexes: { name: (map) => [map.metadata.name] } }), all);
  const some = factory.informer(ConfigMap, { labelSelector: 'a=b' });
  assert.notEqual(some, all);
  await factory.synced();
  assert.deepEqual(all.byIndex('name', 'x'), []);
  await factory[Symbol.asyncDispose]();
  await assert.rejects(createInformer(deps, ConfigMap).synced(AbortSignal.abort(new Error('stop'))), /stop/);
});
