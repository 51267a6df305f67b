// How many pods a second come all the way from their creation to their binding, in a cluster that is one process?
//
// The whole control plane shares one event loop, so what counts is the sum: the API server takes the pod, the scheduler
// sees it and finds a node, and the API server binds it and tells everybody. First the scheduler's own part alone, then
// the whole path with nodes that are only objects (as upstream's scheduler_perf has it), then with simulated node agents
// that also renew leases and report every pod as running.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Pod } from '../src/api/core/pod.ts';
import { systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/log.ts';
import { seededRandom } from '../src/base/random.ts';
import { registerSimulatedNode } from '../src/kubelet/simulated/simulated-node.ts';
import { runSimulatedNodes } from '../src/kubelet/simulated/simulated-nodes.ts';
import { assumedOn, podInfoOf } from '../src/scheduler/pod-info.ts';
import { createMemoryStore } from '../src/store/memory.ts';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../src/store/store.ts';
import { type SchedulingCluster, schedulingCluster } from '../test/support/scheduling-cluster.ts';
import { Cycle } from '../test/support/scheduling-cycle.ts';
import { pod } from '../test/support/scheduling-objects.ts';
import { report, rounded } from './report.ts';

const CREATORS = 32;
const WARM_UP_PODS = 500;

type Agents = 'none' | 'simulated';

await run();

async function run(): Promise<void> {
  measureCycle(1000);
  measureCycle(5000);
  const directory = await mkdtemp(join(tmpdir(), 't8s-bench-'));
  let files = 0;
  const sqlite = () => openSqliteStore({ path: join(directory, `${files++}.db`), log: silentLogger });
  try {
    for (const [backend, open] of [
      ['memory', async () => createMemoryStore()],
      ['sqlite', sqlite],
    ] as const) {
      await measurePath(backend, open, { nodes: 1000, pods: 5000, agents: 'none' });
      await measurePath(backend, open, { nodes: 1000, pods: 5000, agents: 'simulated' });
      await measurePath(backend, open, { nodes: 5000, pods: 10_000, agents: 'none' });
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** One pod after the other is placed in memory: the scheduling cycle without queue, API and binding. */
function measureCycle(nodes: number): void {
  const cycle = new Cycle({
    nodes: Array.from({ length: nodes }, (_, i) => ({
      name: `node-${i}`,
      allocatable: { cpu: '32', memory: '256Gi' },
    })),
    random: seededRandom(3),
  });
  const place = (i: number) => {
    const info = podInfoOf(pod({ name: `pod-${i}`, requests: { cpu: '100m', memory: '128Mi' } }));
    const finding = cycle.find(info);
    if (!finding.found) throw new Error('a pod did not fit');
    cycle.cache.assume(assumedOn(info, finding.placement.nodeName));
  };
  const pods = 5000;
  for (let i = 0; i < WARM_UP_PODS; i++) place(i);
  const start = performance.now();
  for (let i = 0; i < pods; i++) place(WARM_UP_PODS + i);
  const elapsedMs = performance.now() - start;
  const measure = `cycle alone, ${nodes} nodes`;
  report('scheduler', { measure, value: (elapsedMs * 1000) / pods, unit: 'µs/pod' }, { pods });
}

async function measurePath(
  backend: string,
  open: () => Promise<Store>,
  { nodes, pods, agents }: { nodes: number; pods: number; agents: Agents },
): Promise<void> {
  await using store = await open();
  await using cluster = await schedulingCluster({ store });
  const stop = new AbortController();
  const simulated = await startNodes(cluster, nodes, agents, stop.signal);
  let bound = 0;
  let expected = WARM_UP_PODS;
  let reached = Promise.withResolvers<void>();
  const onBound = () => {
    if (++bound === expected) reached.resolve();
  };
  {
    await using _ = cluster.startScheduler({ observer: { bound: onBound } });
    await createPods(cluster, 0, WARM_UP_PODS);
    await reached.promise;
    expected += pods;
    reached = Promise.withResolvers();
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const start = performance.now();
    await createPods(cluster, WARM_UP_PODS, pods);
    const createdMs = performance.now() - start;
    await reached.promise;
    const boundMs = performance.now() - start;
    delay.disable();
    let runningMs: number | undefined;
    if (agents === 'simulated') {
      await allRunning(cluster, expected);
      runningMs = performance.now() - start;
    }
    const perSecond = (elapsedMs: number) => rounded((pods * 1000) / elapsedMs);
    const path = `create, schedule, bind: ${nodes} nodes, ${agents === 'simulated' ? 'simulated agents' : 'no agents'}, ${backend}`;
    report(
      'scheduler',
      { measure: path, value: perSecond(boundMs), unit: 'pods/s', budget: { atLeast: nodes > 1000 ? 1000 : 1500 } },
      {
        pods,
        createdPerSecond: perSecond(createdMs),
        ...(runningMs === undefined ? {} : { runningPerSecond: perSecond(runningMs) }),
      },
    );
    report(
      'scheduler',
      {
        measure: `longest stretch of the event loop: ${path}`,
        value: delay.max / 1e6,
        unit: 'ms',
        budget: { atMost: 20 },
      },
      { p99Ms: rounded(delay.percentile(99) / 1e6) },
    );
  }
  stop.abort(new Error('the measurement is over'));
  await simulated.ended;
}

async function startNodes(
  cluster: SchedulingCluster,
  count: number,
  agents: Agents,
  signal: AbortSignal,
): Promise<{ readonly ended: Promise<void> }> {
  const capacity = { cpus: 32, memoryBytes: 256 * 2 ** 30, diskBytes: 2 ** 40, pods: 110 };
  if (agents === 'simulated') {
    const ready = Promise.withResolvers<void>();
    const deps = {
      client: cluster.client,
      clientOf: cluster.clientFor,
      clock: systemClock,
      random: seededRandom(9),
      log: silentLogger,
    };
    const options = { count, capacity, version: 'v1.36.0', onReady: () => ready.resolve() };
    const ended = runSimulatedNodes(deps, options, signal);
    await Promise.race([ready.promise, ended]);
    return { ended };
  }
  const deps = { client: cluster.client, clock: systemClock, log: silentLogger };
  for (let index = 0; index < count; index++) {
    const node = { name: `node-${index}`, index, capacity, labels: {}, taints: [], version: 'v1.36.0' };
    await registerSimulatedNode(deps, node, signal);
  }
  return { ended: Promise.resolve() };
}

async function createPods({ client }: SchedulingCluster, from: number, count: number): Promise<void> {
  let next = from;
  const creator = async () => {
    while (next < from + count) {
      await client.create(Pod, {
        metadata: { name: `pod-${next++}`, namespace: 'default', labels: { app: 'bench' } },
        spec: {
          containers: [{ name: 'main', image: 'busybox', resources: { requests: { cpu: '100m', memory: '128Mi' } } }],
        },
      });
    }
  };
  await Promise.all(Array.from({ length: CREATORS }, creator));
}

async function allRunning({ client }: SchedulingCluster, count: number): Promise<void> {
  for (;;) {
    const { items } = await client.list(Pod);
    if (items.filter(({ status }) => status.phase === 'Running').length === count) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
