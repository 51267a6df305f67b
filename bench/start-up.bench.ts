// How long does `t8s up` take until the API is healthy, and until the nodes are ready?
//
// People judge a cluster by its first seconds, and tests that start one pay them every time. The first start makes
// certificates, strips the types of every source and fills the compile cache; later ones find all that. Nodes are
// simulated: what containers add is measured by the benchmark `node`. Compares with what starting Node itself costs.

import { spawnSync } from 'node:child_process';
import { benchCluster } from './bench-cluster.ts';
import { median, report, rounded } from './report.ts';

const STARTS = 5;
const HEALTHY = 'The API is healthy';

await run();

async function run(): Promise<void> {
  const bareNodeMs = median(Array.from({ length: STARTS }, startNode));
  await using cluster = await benchCluster('start-up');
  const first = await cluster.t8s('up', '--nodes', '0', '--simulated-nodes', '1');
  const later: { readonly healthyMs: number; readonly readyMs: number }[] = [];
  for (let i = 0; i < STARTS; i++) {
    await cluster.t8s('down');
    const { saw, elapsedMs } = await cluster.t8s('up');
    later.push({ healthyMs: saw(HEALTHY), readyMs: elapsedMs });
  }
  const seconds = (ms: number) => rounded(ms / 1000);
  const details = { bareNode: seconds(bareNodeMs) };
  report(
    'start-up',
    { measure: 'first start: up to API healthy', value: first.saw(HEALTHY) / 1000, unit: 's' },
    details,
  );
  report('start-up', { measure: 'first start: up to nodes ready', value: first.elapsedMs / 1000, unit: 's' }, details);
  const healthy = later.map(({ healthyMs }) => healthyMs);
  const ready = later.map(({ readyMs }) => readyMs);
  report(
    'start-up',
    { measure: 'second start: up to API healthy', value: median(healthy) / 1000, unit: 's', budget: { atMost: 1 } },
    { ...details, starts: healthy.map(seconds) },
  );
  report(
    'start-up',
    { measure: 'second start: up to nodes ready', value: median(ready) / 1000, unit: 's', budget: { atMost: 5 } },
    { ...details, starts: ready.map(seconds) },
  );
}

/** Milliseconds until a Node that has nothing to do has ended. */
function startNode(): number {
  const startedAt = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - startedAt;
}
