// What does it take to run ten thousand pods of one Deployment on a thousand nodes, and to take them away again?
//
// The cluster is the one that users start, with simulated nodes in a process of their own. It tells how fast pods come
// and go, what a pod costs in requests and in processor time, and how long others wait for an answer meanwhile; and that
// nothing goes on when all is done: nothing written but leases, hardly anything asked.

import { setTimeout as wait } from 'node:timers/promises';
import { Deployment } from '../src/api/apps/deployment.ts';
import { Pod } from '../src/api/core/pod.ts';
import type { Client } from '../src/client/client.ts';
import { type BenchCluster, benchCluster } from './bench-cluster.ts';
import { countWrites } from './count-writes.ts';
import { percentile, report, rounded } from './report.ts';

const NODES = 1000;
const REPLICAS = 10_000;
const IDLE_MS = 15_000;
const SETTLE_MS = 5000;
const LIMIT_MS = 200_000;
/** So many kinds of requests are told by name. */
const MOST_FREQUENT = 8;
const REF = { name: 'many', namespace: 'default' };
const PARTS = ['control-plane', 'simulated-nodes'] as const;

await run();

async function run(): Promise<void> {
  await using cluster = await benchCluster('scale');
  await cluster.t8s('up', '--nodes', '0', '--simulated-nodes', String(NODES));
  await using client = await cluster.admin();
  await create(client);
  await measure(cluster, client, `scale a Deployment from 0 to ${REPLICAS} on ${NODES} nodes`, async () => {
    await scale(client, REPLICAS);
    await until(async () => (await client.get(Deployment, REF)).status.readyReplicas === REPLICAS);
  });
  await measureIdle(cluster, client, `with ${REPLICAS} pods`);
  await measure(cluster, client, `scale it from ${REPLICAS} to 0`, async () => {
    await scale(client, 0);
    await until(async () => (await client.list(Pod, { namespace: 'default', limit: 1 })).items.length === 0);
  });
  await measureIdle(cluster, client, 'afterwards');
}

async function measure(cluster: BenchCluster, client: Client, what: string, work: () => Promise<void>): Promise<void> {
  const cpuBefore = cpuOf(cluster);
  const requestsBefore = await requestsOf(client);
  const startedAt = performance.now();
  const waits = await withBystander(client, work);
  const elapsedMs = performance.now() - startedAt;
  const requests = difference(await requestsOf(client), requestsBefore);
  const cpu = difference(cpuOf(cluster), cpuBefore);
  report(
    'scale',
    { measure: what, value: REPLICAS / (elapsedMs / 1000), unit: 'pods/s' },
    {
      seconds: rounded(elapsedMs / 1000),
      requestsEachPod: rounded(sum(requests) / REPLICAS),
      mostFrequentEachPod: mostFrequent(requests),
      millisecondsOfProcessorEachPod: mapped(cpu, (ms) => rounded(ms / REPLICAS)),
      megabytes: Object.fromEntries(PARTS.map((part) => [part, rounded(cluster.processOf(part).rssMegabytes)])),
      othersWaitMs: {
        p50: rounded(percentile(waits, 0.5)),
        p99: rounded(percentile(waits, 0.99)),
        max: rounded(percentile(waits, 1)),
      },
    },
  );
}

async function measureIdle(cluster: BenchCluster, client: Client, when: string): Promise<void> {
  await wait(SETTLE_MS);
  const before = cpuOf(cluster);
  const startedAt = performance.now();
  const { total, byResource } = await countWrites(client, IDLE_MS);
  const elapsedMs = performance.now() - startedAt;
  const { leases = 0, ...others } = byResource;
  const count = { value: ((total - leases) / elapsedMs) * 1000, unit: 'writes/s', budget: { atMost: 0 } };
  const percent = mapped(difference(cpuOf(cluster), before), (ms) => rounded((ms / elapsedMs) * 100));
  report('scale', { measure: `writes but leases ${when}`, ...count }, { others, percentOfAProcessor: percent });
}

async function create(client: Client): Promise<void> {
  const labels = { app: REF.name };
  const spec = { containers: [{ name: 'main', image: 'web' }] };
  await client.create(Deployment, {
    metadata: REF,
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
}

async function scale(client: Client, replicas: number): Promise<void> {
  await client.patch(Deployment, REF, { type: 'merge', body: { spec: { replicas } } });
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await isDone())) {
    if (performance.now() > deadline) throw new Error(`not done after ${LIMIT_MS / 1000} s`);
    await wait(200);
  }
}

/** Works, while somebody else asks for a small thing again and again; how long that one waits each time. */
async function withBystander(client: Client, work: () => Promise<void>): Promise<readonly number[]> {
  const waits: number[] = [];
  let isOver = false;
  const ask = async () => {
    while (!isOver) {
      const askedAt = performance.now();
      await client.get(Deployment, REF);
      waits.push(performance.now() - askedAt);
      await wait(20);
    }
  };
  const workThenStop = async () => {
    try {
      await work();
    } finally {
      isOver = true;
    }
  };
  await Promise.all([ask(), workThenStop()]);
  return waits;
}

type Counts = Readonly<Record<string, number>>;

/** By verb and resource, as the server itself counts them. */
async function requestsOf(client: Client): Promise<Counts> {
  const text = String(await client.request('GET', '/metrics'));
  const counts: Record<string, number> = {};
  for (const [, labels = '', value] of text.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const label = (name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    const name = [label('verb'), label('resource'), label('subresource')].filter(Boolean).join(' ');
    counts[name] = (counts[name] ?? 0) + Number(value);
  }
  return counts;
}

function cpuOf(cluster: BenchCluster): Counts {
  return Object.fromEntries(PARTS.map((part) => [part, cluster.processOf(part).cpuMs]));
}

function difference(after: Counts, before: Counts): Counts {
  return Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]));
}

function mapped(counts: Counts, change: (count: number) => number): Counts {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, change(count)]));
}

function mostFrequent(counts: Counts): Counts {
  const sorted = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  return mapped(Object.fromEntries(sorted.slice(0, MOST_FREQUENT)), (count) => rounded(count / REPLICAS));
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
