// What does a cluster that has nothing to do cost: memory, processor, writes?
//
// A cluster on a laptop does nothing most of the time. Its nodes are simulated (the agent of a real node is measured by
// the benchmark `node`); its figures are taken after a second start, and again some seconds after work has come and
// gone. Writes are told by kind: only leases may be written. Memory compares with a Node process that has nothing loaded.

import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { Deployment } from '../src/api/apps/deployment.ts';
import { ConfigMap } from '../src/api/core/config-map.ts';
import { Pod } from '../src/api/core/pod.ts';
import type { Client } from '../src/client/client.ts';
import { type BenchCluster, benchCluster, processFigures } from './bench-cluster.ts';
import { countWrites } from './count-writes.ts';
import { report, rounded } from './report.ts';

const NODES = 3;
const SETTLE_MS = 5000;
const WATCH_MS = 15_000;
const CONFIG_MAPS = 2000;
const REPLICAS = 100;

await run();

async function run(): Promise<void> {
  const bareNode = await bareNodeMegabytes();
  await using cluster = await benchCluster('idle');
  await cluster.t8s('up', '--nodes', '0', '--simulated-nodes', String(NODES));
  await cluster.t8s('down');
  await cluster.t8s('up');
  await using client = await cluster.admin();
  await measure(cluster, client, 'after a start', bareNode);
  await work(client);
  await measure(cluster, client, `after ${CONFIG_MAPS} config maps and ${REPLICAS} pods have come and gone`, bareNode);
}

async function measure(cluster: BenchCluster, client: Client, when: string, bareNodeRss: number): Promise<void> {
  await wait(SETTLE_MS);
  const before = cluster.processOf('control-plane').cpuMs;
  const startedAt = performance.now();
  const writes = await countWrites(client, WATCH_MS);
  const elapsedMs = performance.now() - startedAt;
  const { rssMegabytes, cpuMs } = cluster.processOf('control-plane');
  const memory = `control plane, memory ${when}`;
  report(
    'idle',
    { measure: memory, value: rssMegabytes, unit: 'MB RSS', budget: { atMost: 200 } },
    { bareNode: rounded(bareNodeRss) },
  );
  const cpu = { value: ((cpuMs - before) / elapsedMs) * 100, unit: '% of a core', budget: { atMost: 1 } };
  report('idle', { measure: `control plane, processor ${when}`, ...cpu });
  const { leases = 0, ...others } = writes.byResource;
  const seconds = elapsedMs / 1000;
  const count = { value: (writes.total - leases) / seconds, unit: 'writes/s', budget: { atMost: 0 } };
  const details = { leasesPerSecond: rounded(leases / seconds), nodes: NODES, others };
  report('idle', { measure: `writes but leases ${when}`, ...count }, details);
}

async function work(client: Client): Promise<void> {
  const data = { filling: 'x'.repeat(1900) };
  let next = 0;
  const creator = async () => {
    while (next < CONFIG_MAPS)
      await client.create(ConfigMap, { metadata: { name: `made-${next++}`, namespace: 'default' }, data });
  };
  await Promise.all(Array.from({ length: 16 }, creator));
  const labels = { app: 'web' };
  await client.create(Deployment, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'web' }] } },
    },
  });
  await podsAre(client, (pods) => pods.filter(({ status }) => status.phase === 'Running').length === REPLICAS);
  await client.delete(Deployment, { name: 'web', namespace: 'default' });
  await client.deleteCollection(ConfigMap, { namespace: 'default' });
  await podsAre(client, (pods) => pods.length === 0);
}

async function podsAre(client: Client, wanted: (pods: readonly Pod[]) => boolean): Promise<void> {
  while (!wanted((await client.list(Pod, { namespace: 'default' })).items)) await wait(100);
}

async function bareNodeMegabytes(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
  await wait(500);
  const { rssMegabytes } = processFigures(child.pid!);
  child.kill();
  return rssMegabytes;
}
