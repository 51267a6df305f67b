// A cluster for tests and benchmarks of scheduling: the real API server in this process, with everything allowed.

import { Event } from '../../src/api/core/event.ts';
import { Namespace } from '../../src/api/core/namespace.ts';
import { type ApiServer, createApiServer } from '../../src/apiserver/api-server.ts';
import { podBinding } from '../../src/apiserver/registry/actions/pod-binding.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Client } from '../../src/client/client.ts';
import { createClient } from '../../src/client/create-client.ts';
import { createEventRecorder } from '../../src/client/event-recorder.ts';
import { InformerFactory } from '../../src/client/informer-factory.ts';
import { createScheduler, type Scheduler, type SchedulerOptions } from '../../src/scheduler/scheduler.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';

export interface SchedulingCluster extends AsyncDisposable {
  readonly server: ApiServer;
  readonly client: Client;
  /** A client of its own for whoever needs one. */
  clientFor(name: string): Client;
  /** Starts a scheduler; disposing it stops it as a whole, as the end of its process would. */
  startScheduler(options?: SchedulerOptions): RunningScheduler;
  events(): Promise<readonly Event[]>;
}

export interface RunningScheduler extends AsyncDisposable {
  readonly scheduler: Scheduler;
}

export interface ClusterOptions {
  readonly store?: Store;
  readonly clock?: Clock;
  readonly log?: Logger;
}

export async function schedulingCluster(options: ClusterOptions = {}): Promise<SchedulingCluster> {
  const { clock = systemClock, log = silentLogger } = options;
  await using stack = new AsyncDisposableStack();
  const store = options.store ?? stack.use(createMemoryStore());
  const server = stack.use(
    await createApiServer({
      store,
      clock,
      log,
      random: seededRandom(5),
      parts: () => ({
        authenticator: { authenticate: async () => undefined },
        authorizer: { authorize: () => ({ verdict: 'allow', reason: '' }) },
        actions: { 'pods/binding': podBinding({ clock }) },
      }),
    }),
  );
  const clientFor = (name: string) =>
    createClient(server.transportFor({ name, uid: undefined, groups: ['system:authenticated'], extra: {} }), {
      userAgent: name,
    });
  const client = clientFor('test');
  await client.create(Namespace, { metadata: { name: 'default' } });
  const owned = stack.move();
  return {
    server,
    client,
    clientFor,
    startScheduler: (schedulerOptions) =>
      startScheduler(clientFor('system:kube-scheduler'), clock, log, schedulerOptions),
    events: async () => (await client.list(Event)).items,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A scheduler on any cluster; disposing it stops it. */
export function startScheduler(
  client: Client,
  clock: Clock,
  log: Logger,
  options: SchedulerOptions = {},
): RunningScheduler {
  const random = seededRandom(7);
  const stack = new AsyncDisposableStack();
  const informers = stack.use(new InformerFactory({ client, clock, random, log }));
  const events = stack.use(createEventRecorder({ client, clock, log }, { component: 'default-scheduler' }));
  const scheduler = stack.use(createScheduler({ client, informers, clock, random, log, events }, options));
  const stop = new AbortController();
  const running = scheduler.run(stop.signal);
  stack.defer(async () => {
    stop.abort(new Error('stopped'));
    await running;
  });
  return { scheduler, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
