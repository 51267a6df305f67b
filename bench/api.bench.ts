// How many requests a second does the API server answer, how long do they wait, and does anybody wait for anybody else?
//
// Everything in a cluster goes through this one event loop, so its throughput is the cluster's and its longest stretch is
// everybody's. The whole control plane runs in this process (controllers and scheduler follow what is written), on SQLite,
// over TLS and HTTP/2; the load comes from a process of its own on the same machine. Each figure is compared with a bare
// Node HTTP/2 server that answers the same bytes to the same load in the same run; the time that the server's thread takes
// for a request says what it costs whatever else the machine does. Arguments choose parts: create, get, watch, list.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ConfigMap } from '../src/api/core/config-map.ts';
import { Namespace } from '../src/api/core/namespace.ts';
import { Node } from '../src/api/core/node.ts';
import { Pod } from '../src/api/core/pod.ts';
import { encodeProtobuf } from '../src/api/protobuf-codec.ts';
import { silentLogger } from '../src/base/log.ts';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import { type ServedCluster, servedCluster } from '../test/support/served-cluster.ts';
import { startBareServer } from './load/bare-server.ts';
import { type LoadGenerator, startLoadGenerator } from './load/load-generator.ts';
import type { Form, RequestFigures, RequestLoad, Target, WatchFigures } from './load/load-order.ts';
import { median, type Result, report, rounded } from './report.ts';

const CLIENTS = 64;
const ROUNDS = 3;
const ROUND_MS = 1200;
const WARM_UP_MS = 600;
const GETS_PER_SECOND = 15_000;
const STRETCH_BUDGET_MS = 20;
const OBJECT_BYTES = 2048;
const PODS = 10_000;
/** So many objects are read one at a time. */
const NAMES = 500;
const WATCHERS = 1000;
const WATCH_CONNECTIONS = 10;
const WATCH_EVENTS = 400;
const NAMESPACE = 'bench';
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const FORMS: readonly Form[] = ['json', 'protobuf'];

interface Bench {
  readonly cluster: ServedCluster;
  readonly target: Target;
  readonly generator: LoadGenerator;
}

await run();

async function run(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 't8s-bench-'));
  try {
    await using store = await openSqliteStore({ path: join(directory, 'store.db'), log: silentLogger });
    await using cluster = await servedCluster({ store });
    await using generator = startLoadGenerator();
    const { admin: identity, ca } = cluster.certificates;
    const bench: Bench = { cluster, target: { origin: cluster.url, ca: ca.certificate, ...identity }, generator };
    await cluster.admin.create(Namespace, { metadata: { name: NAMESPACE } });
    const wanted = process.argv.slice(2);
    for (const [name, part] of Object.entries({ create, get, watch, list }))
      if (wanted.length === 0 || wanted.includes(name)) await part(bench);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function create(bench: Bench): Promise<void> {
  for (const [form, connections] of loads()) {
    const body = configMap('made-{nnnnn}', form);
    const load = { method: 'POST', path: CONFIG_MAPS, form, body: body.toString('latin1'), connections } as const;
    await compare(bench, body, load, (figures) => ({
      measure: `create in ${form}, ${CLIENTS} clients on ${connections} connections`,
      value: figures.perSecond,
      unit: 'requests/s',
      budget: { atLeast: 5000 },
    }));
  }
}

async function get(bench: Bench): Promise<void> {
  await createConfigMaps(bench.cluster, NAMESPACE, NAMES);
  const load = { method: 'GET', path: `${CONFIG_MAPS}/config-map-{nnnnn}`, cycle: NAMES } as const;
  for (const [form, connections] of loads()) {
    await compare(bench, configMap('kept', form), { ...load, form, connections }, (each) => ({
      measure: `get in ${form}, ${CLIENTS} clients on ${connections} connections`,
      value: each.perSecond,
      unit: 'requests/s',
      budget: { atLeast: GETS_PER_SECOND },
    }));
  }
  await getAtRate(bench, { ...load, form: 'json' });
}

function loads(): readonly (readonly [Form, connections: number])[] {
  return FORMS.flatMap((form) => [CLIENTS, 4].map((connections) => [form, connections] as const));
}

/** How long requests wait at the rate of the budget: at the limit of the machine they would wait for each other. */
async function getAtRate(
  { cluster, target, generator }: Bench,
  load: Pick<RequestLoad, 'method' | 'path' | 'form' | 'cycle'>,
): Promise<void> {
  await using bare = await startBareServer(cluster.certificates, configMap('kept'));
  const paced = { ...load, perSecond: GETS_PER_SECOND, clients: CLIENTS, connections: 4 };
  const time = { warmUpMs: WARM_UP_MS, durationMs: ROUND_MS };
  const waits: number[] = [];
  const bareWaits: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bareWaits.push((await generator.requests({ ...target, origin: bare.origin }, { ...paced, ...time })).p99Ms);
    waits.push((await generator.requests(target, { ...paced, ...time })).p99Ms);
  }
  report(
    'api',
    { measure: `get p99 at ${GETS_PER_SECOND}/s`, value: median(waits), unit: 'ms', budget: { atMost: 10 } },
    { rounds: waits.map(rounded), bareServer: bareWaits.map(rounded) },
  );
}

/** Rounds against the bare server and the API server in turn; reports and returns the round with the median throughput. */
async function compare(
  { cluster, target, generator }: Bench,
  bareAnswer: Uint8Array,
  load: Pick<RequestLoad, 'method' | 'path' | 'form' | 'body' | 'connections' | 'cycle'>,
  result: (figures: RequestFigures) => Result,
): Promise<RequestFigures> {
  await using bare = await startBareServer(cluster.certificates, bareAnswer);
  const whole = { ...load, clients: CLIENTS, warmUpMs: WARM_UP_MS, durationMs: ROUND_MS };
  const rounds: Round[] = [];
  const bareRounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bareRounds.push(await observed(() => generator.requests({ ...target, origin: bare.origin }, whole)));
    rounds.push(await observed(() => generator.requests(target, whole)));
  }
  const middle = middleOf(rounds);
  const middleBare = middleOf(bareRounds);
  report('api', result(middle.figures), {
    p50Ms: rounded(middle.figures.p50Ms),
    p99Ms: rounded(middle.figures.p99Ms),
    rounds: rounds.map(({ figures }) => rounded(figures.perSecond)),
    threadMicrosecondsEach: microsecondsEach(middle),
    bareServer: {
      perSecond: rounded(middleBare.figures.perSecond),
      p99Ms: rounded(middleBare.figures.p99Ms),
      threadMicrosecondsEach: microsecondsEach(middleBare),
    },
    shareOfBareServer: rounded(middle.figures.perSecond / middleBare.figures.perSecond),
  });
  reportStretch(result(middle.figures).measure, rounds, bareRounds);
  return middle.figures;
}

async function watch(bench: Bench): Promise<void> {
  await bench.cluster.admin.create(Namespace, { metadata: { name: 'watched' } });
  for (const form of FORMS) await watchIn(form, bench);
}

async function watchIn(form: Form, { cluster, target, generator }: Bench): Promise<void> {
  const path = '/api/v1/namespaces/watched/configmaps';
  const events = WATCHERS * WATCH_EVENTS;
  const rounds: Observed<WatchFigures>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await cluster.admin.deleteCollection(ConfigMap, { namespace: 'watched' });
    const { metadata } = await cluster.admin.list(ConfigMap, { namespace: 'watched' });
    const { figures } = await generator.watches(target, {
      path: `${path}?watch=true&resourceVersion=${metadata.resourceVersion}`,
      form,
      watchers: WATCHERS,
      connections: WATCH_CONNECTIONS,
      events,
    });
    rounds.push(
      await observed(async () => {
        await createConfigMaps(cluster, 'watched', WATCH_EVENTS);
        return figures;
      }),
    );
  }
  const measure = `watch fan-out in ${form}, ${WATCHERS} watchers on ${WATCH_CONNECTIONS} connections`;
  const rates = rounds.map(({ figures }) => (events / figures.elapsedMs) * 1000);
  const held = { measure, value: median(rates), unit: 'events x watchers/s', budget: { atLeast: 150_000 } };
  report('api', held, {
    rounds: rates.map(rounded),
    threadMicrosecondsEach: rounded((median(rounds.map(({ threadMs }) => threadMs)) * 1000) / events),
  });
  reportStretch(measure, rounds, []);
}

/** Lists of everything, while other clients read single objects. */
async function list(bench: Bench): Promise<void> {
  const { cluster } = bench;
  await createPods(cluster);
  await createConfigMaps(cluster, 'default', NAMES);
  for (const form of FORMS) await listIn(form, bench);
}

async function listIn(form: Form, { cluster, target, generator }: Bench): Promise<void> {
  const pods = await cluster.admin.list(Pod);
  const bytes = Buffer.from(JSON.stringify(pods));
  await using bare = await startBareServer(cluster.certificates, bytes);
  const time = { warmUpMs: 500, durationMs: 3000 };
  const lists = { ...time, method: 'GET', path: '/api/v1/pods', form, clients: 2, connections: 2 } as const;
  const one = '/api/v1/namespaces/default/configmaps/config-map-{nnnnn}';
  const gets = { ...time, method: 'GET', path: one, form, cycle: NAMES, clients: 4, connections: 4 } as const;
  const bareAlone = await generator.requests({ ...target, origin: bare.origin }, lists);
  const alone = await generator.requests(target, lists);
  const meanwhile = await observed(() =>
    Promise.all([generator.requests(target, gets), generator.requests(target, lists)]),
  );
  const measure = `list of ${PODS} pods in ${form}`;
  report(
    'api',
    { measure, value: alone.megabytesPerSecond, unit: 'MB/s', budget: { atLeast: 300 } },
    {
      jsonMegabytes: rounded(bytes.length / 1e6),
      bareServer: rounded(bareAlone.megabytesPerSecond),
      shareOfBareServer: rounded(alone.megabytesPerSecond / bareAlone.megabytesPerSecond),
    },
  );
  const [others, listsMeanwhile] = meanwhile.figures;
  const othersMeasure = `get p99 while two clients list ${PODS} pods in ${form}`;
  report(
    'api',
    { measure: othersMeasure, value: others.p99Ms, unit: 'ms', budget: { atMost: 20 } },
    {
      getsPerSecond: rounded(others.perSecond),
      p50Ms: rounded(others.p50Ms),
      listMegabytesPerSecond: rounded(listsMeanwhile.megabytesPerSecond),
    },
  );
  reportStretch(measure, [meanwhile], []);
}

/** 2 KB each, named as the load generator numbers them. */
function createConfigMaps({ admin }: ServedCluster, namespace: string, count: number): Promise<void> {
  const data = { filling: 'x'.repeat(OBJECT_BYTES - 120) };
  return inParallel(count, async (i) => {
    const name = `config-map-${String(i).padStart(7, '0')}`;
    await admin.create(ConfigMap, { metadata: { name, namespace }, data });
  });
}

/** Bound to a node that nobody runs, so that neither scheduler nor controllers have anything to do with them. */
async function createPods({ admin }: ServedCluster): Promise<void> {
  await admin.create(Node, { metadata: { name: 'nowhere' } });
  await inParallel(PODS, async (i) => {
    await admin.create(Pod, {
      metadata: { name: `pod-${i}`, namespace: NAMESPACE, annotations: { filling: 'x'.repeat(1000) } },
      spec: { nodeName: 'nowhere', containers: [{ name: 'main', image: 'busybox' }] },
    });
  });
}

async function inParallel(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

interface Observed<Figures> {
  readonly figures: Figures;
  /** How long the event loop of this process did not turn. */
  readonly longestStretchMs: number;
  /** Processor time of this thread, which is the server's. */
  readonly threadMs: number;
}
type Round = Observed<RequestFigures>;

async function observed<Figures>(work: () => Promise<Figures>): Promise<Observed<Figures>> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const before = process.threadCpuUsage();
  delay.enable();
  const figures = await work();
  delay.disable();
  const { user, system } = process.threadCpuUsage(before);
  return { figures, longestStretchMs: delay.max / 1e6, threadMs: (user + system) / 1000 };
}

function middleOf(rounds: readonly Round[]): Round {
  return rounds.toSorted((a, b) => a.figures.perSecond - b.figures.perSecond)[Math.floor(rounds.length / 2)]!;
}

/** The warm-up is in the time of the thread, and is taken to have gone as fast as the rest. */
function microsecondsEach({ figures, threadMs }: Round): number {
  const requests = figures.requests * ((WARM_UP_MS + ROUND_MS) / ROUND_MS);
  return rounded((threadMs * 1000) / requests);
}

/** The bare server's stretches, where it was measured, are those of the machine. */
function reportStretch(load: string, rounds: readonly Observed<unknown>[], bare: readonly Observed<unknown>[]): void {
  const measure = `longest stretch of the event loop: ${load}`;
  const of = (all: readonly Observed<unknown>[]) => all.map(({ longestStretchMs }) => rounded(longestStretchMs));
  const held = { measure, value: median(of(rounds)), unit: 'ms', budget: { atMost: STRETCH_BUDGET_MS } };
  report('api', held, { rounds: of(rounds), bareServer: of(bare) });
}

/** 2 KB of JSON, or the same object in protobuf. */
function configMap(name: string, form: Form = 'json'): Buffer {
  const empty = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name, namespace: NAMESPACE },
    data: { filling: '' },
  };
  const filling = 'x'.repeat(OBJECT_BYTES - JSON.stringify(empty).length);
  const whole = { ...empty, data: { filling } };
  return Buffer.from(form === 'json' ? JSON.stringify(whole) : encodeProtobuf(ConfigMap, whole));
}
