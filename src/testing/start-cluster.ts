// Puts a cluster for a test together: the whole control plane on a store in memory, and simulated nodes, all in this process
// and by one clock that stands still.

import { FakeClock, systemClock } from '../base/clock.ts';
import { createLogger, type LogRecord } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { settled } from '../base/under-way.ts';
import { CLUSTER_DEFAULTS } from '../cluster/cluster-config.ts';
import { type ControlPlaneCoreDeps, openControlPlaneCore } from '../cluster/control-plane-core.ts';
import { KUBERNETES_VERSION } from '../cluster/version.ts';
import { resourceMetricsText } from '../kubelet/figures/resource-metrics.ts';
import { type SimulatedNodes, startSimulatedNodes } from '../kubelet/simulated/simulated-nodes.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createAuthorities } from './cluster-authorities.ts';
import { InProcessCluster } from './in-process-cluster.ts';
import { ADMIN, nodeUser, type TestCluster, type TestClusterOptions } from './test-cluster.ts';

const START_MS = Date.UTC(2026, 0, 1);
/** Rarer than real nodes' (10 s), since most of what happens on a quiet day is heartbeats; still within a lease's 40 s. */
const HEARTBEAT_MS = 38_000;
/**
 * No connection is ever lost, so watches need not be begun anew, nor be told how far they have come in case of that. A day is
 * as long as upstream lets them last.
 */
const WATCH_SECONDS = 86_400;
const CONFIG = { ...CLUSTER_DEFAULTS, advertiseAddress: '192.0.2.1', nodes: [] };

/**
 * Starts a cluster in this process: API server, every controller, the scheduler and simulated nodes. Resolves when its nodes
 * are ready and pods can be created. The caller disposes it (`await using`); nothing is left then.
 */
export async function startCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  await using stack = new AsyncDisposableStack();
  const { nodes: count = 1, startTime = START_MS, seed = 1 } = options;
  const complaints: LogRecord[] = [];
  const clock = new FakeClock(new Date(startTime).getTime());
  const deps = {
    clock,
    random: seededRandom(seed),
    log: createLogger((record) => complaints.push(record), { level: 'warn' }),
  };
  const stopping = new AbortController();
  const certificates = createAuthorities({ cluster: clock, machine: systemClock });
  let nodes: SimulatedNodes | undefined;
  const core = stack.use(
    await openControlPlaneCore(
      {
        ...deps,
        certificates,
        config: CONFIG,
        store: stack.use(createMemoryStore()),
        kubeletClient: certificates.kubeletClient,
        readNodeUsage: usageOf(() => nodes),
        bookmarkPeriodMs: WATCH_SECONDS * 1000,
        watchSeconds: WATCH_SECONDS,
      },
      stopping.signal,
    ),
  );
  stack.use(await core.startWork({ port: CONFIG.apiPort }, stopping.signal));
  nodes = stack.use(
    await startSimulatedNodes(
      { ...deps, client: core.clientFor(ADMIN, 'nodes'), clientOf: (name) => core.clientFor(nodeUser(name), 'node') },
      { count, namePrefix: 'node-', version: KUBERNETES_VERSION, heartbeatMs: HEARTBEAT_MS },
      stopping.signal,
    ),
  );
  stack.defer(() => stopping.abort(new Error('the cluster was disposed')));
  await settled();
  return new InProcessCluster({ ...deps, core, nodes, certificates, complaints, owned: stack.move() });
}

/** Nobody listens on the nodes: what their agents would tell is read from where it is known. */
function usageOf(nodes: () => SimulatedNodes | undefined): NonNullable<ControlPlaneCoreDeps['readNodeUsage']> {
  return async ({ metadata: { name } }) => {
    const figures = nodes()?.figures(name);
    if (!figures) throw new Error(`node ${name} does not answer`);
    return resourceMetricsText(figures);
  };
}
