import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap } from '../api/core/config-map.ts';
import { conflict } from '../api/status-error.ts';
import { FakeClock } from '../base/clock.ts';
import { createLogger, type LogRecord } from '../base/log.ts';
import { MetricsRegistry } from '../base/metrics.ts';
import { type Controller, type Enqueue, startController } from './controller.ts';
import { controllerMetrics } from './controller-metrics.ts';

function open() {
  const clock = new FakeClock();
  const records: LogRecord[] = [];
  const log = createLogger((record) => records.push(record), { level: 'warn' });
  const synced = Promise.withResolvers<void>();
  const informer = {
    kind: ConfigMap,
    synced: (signal?: AbortSignal) =>
      Promise.race([
        synced.promise,
        new Promise<never>((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      ]),
  };
  return { clock, records, log, informer, synced };
}

function controller(reconcile: Controller['reconcile'], more: Partial<Controller> = {}) {
  let enqueue: Enqueue = () => {};
  let subscriptions = 0;
  const built: Controller = {
    name: 'test-controller',
    reads: [],
    watch(given) {
      enqueue = given;
      subscriptions++;
      return [{ [Symbol.dispose]: () => void subscriptions-- }];
    },
    reconcile,
    ...more,
  };
  return {
    built,
    enqueue: (key: string, afterMs?: number) => enqueue(key, afterMs),
    subscriptions: () => subscriptions,
  };
}

test('startController waits for what it reads, or for the signal', async () => {
  const { clock, log, informer, synced } = open();
  const one = controller(async () => {}, { reads: [informer] });
  const stop = new AbortController();
  const starting = startController({ clock, log }, one.built, { signal: stop.signal });
  await clock.advance(0);
  assert.equal(one.subscriptions(), 0);
  stop.abort(new Error('stopped'));
  await assert.rejects(starting, /stopped/);
  synced.resolve();
  await using _running = await startController({ clock, log }, one.built);
  assert.equal(one.subscriptions(), 1);
});

test('startController tries again what failed, and logs a bug once a try and being overtaken not at all', async () => {
  const { clock, log, records } = open();
  const seen: string[] = [];
  const one = controller(async (key) => {
    seen.push(key);
    const tries = seen.filter((other) => other === key).length;
    if (key === 'bug' && tries < 3) throw new TypeError('a bug');
    if (key === 'late' && tries < 2) throw conflict({ group: '', resource: 'pods' }, 'p', 'modified');
  });
  const registry = new MetricsRegistry();
  const running = await startController({ clock, log, observer: controllerMetrics(registry) }, one.built);
  one.enqueue('bug');
  one.enqueue('late');
  one.enqueue('later', 500);
  await clock.advance(1000);
  assert.deepEqual(seen.sort(), ['bug', 'bug', 'bug', 'late', 'late', 'later']);
  assert.deepEqual(
    records.map(({ level, fields }) => [level, fields['controller'], fields['key'], fields['failures']]),
    [
      ['error', 'test-controller', 'bug', 1],
      ['error', 'test-controller', 'bug', 2],
    ],
  );
  assert.match(registry.text(), /workqueue_retries_total\{name="test-controller"\} 3/);
  await running[Symbol.asyncDispose]();
  assert.equal(one.subscriptions(), 0);
});

test('startController comes back to a key whose reconcile asked for it, and aborts it when it stops', async () => {
  const { clock, log } = open();
  let rounds = 0;
  let aborted = false;
  const one = controller(async (_key, { signal }) => {
    if (++rounds < 3) return { requeueAfterMs: 1000 };
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    aborted = true;
    return undefined;
  });
  const running = await startController({ clock, log }, one.built);
  one.enqueue('key');
  await clock.advance(2500);
  assert.equal(rounds, 3);
  await running[Symbol.asyncDispose]();
  assert.equal(aborted, true);
});
