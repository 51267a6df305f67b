// What does a real node cost at rest, and how much longer does a pod take to start than the container runtime needs?
//
// Every Pod pays for the way through the API server, the scheduler and the node agent, on top of what the runtime takes to
// make a sandbox and a container. The bare CRI calls are made on the same containerd, in turn with the pods. Images are
// there already: containers run the pause image. Needs root and the node's ports, which only one cluster can have.

import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Pod } from '../src/api/core/pod.ts';
import { systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/log.ts';
import type { Client } from '../src/client/client.ts';
import { DNS_PORT, KUBELET_PORT, readClusterConfig } from '../src/cluster/cluster-config.ts';
import { nodeComponent } from '../src/cluster/component.ts';
import { canRunContainers, hostAddress } from '../src/cluster/host.ts';
import { openNodeRuntime } from '../src/cluster/node-runtime.ts';
import type { Cri } from '../src/cri/cri.ts';
import { PAUSE_IMAGE } from '../src/cri/pause-image.ts';
import { type BenchCluster, benchCluster } from './bench-cluster.ts';
import { median, percentile, report, reportSkipped, rounded } from './report.ts';

/** They stay until the last has started: so many pods a node has at the end. */
const STARTS = 100;
const AT_ONCE = [30, 60];
const IDLE_MS = 10_000;
const SETTLE_MS = 3000;
/** Pods of the benchmark are gone within this, or it fails. */
const DEADLINE_MS = 120_000;

const reason = await whyNot();
if (reason === undefined) await run();
else reportSkipped('node', 'a real node', reason);

async function whyNot(): Promise<string | undefined> {
  if (!canRunContainers()) return 'needs Linux and root';
  for (const port of [KUBELET_PORT, DNS_PORT])
    if (await listens(port)) return `something listens on port ${port} of the node`;
  return undefined;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, hostAddress());
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function run(): Promise<void> {
  await using cluster = await benchCluster('bench-node');
  await cluster.t8s('up');
  await cluster.t8s('down');
  const second = await cluster.t8s('up');
  const ready = second.elapsedMs / 1000;
  report('node', {
    measure: 'second start: up to node ready and DNS answering',
    value: ready,
    unit: 's',
    budget: { atMost: 5 },
  });
  const config = readClusterConfig(cluster.dataDir)!;
  const node = config.nodes[0]?.name ?? '';
  await using client = await cluster.admin();
  await idle(cluster, node, 'after a start');
  const runtime = await openNodeRuntime({ config, clock: systemClock, log: silentLogger }, node);
  await using cri = runtime.cri;
  await startOneByOne(client, cri);
  await idle(cluster, node, `with ${STARTS} pods`);
  await removePods(client);
  for (const count of AT_ONCE) await startAtOnce(client, cri, count);
  await idle(cluster, node, 'after they have gone');
}

async function idle(cluster: BenchCluster, node: string, when: string): Promise<void> {
  await wait(SETTLE_MS);
  const component = nodeComponent(node);
  const before = cluster.processOf(component);
  await wait(IDLE_MS);
  const { rssMegabytes, cpuMs } = cluster.processOf(component);
  report('node', {
    measure: `node agent, memory ${when}`,
    value: rssMegabytes,
    unit: 'MB RSS',
    budget: { atMost: 120 },
  });
  report('node', {
    measure: `node agent, processor ${when}`,
    value: ((cpuMs - before.cpuMs) / IDLE_MS) * 100,
    unit: '% of a core',
    budget: { atMost: 1 },
  });
}

async function startOneByOne(client: Client, cri: Cri): Promise<void> {
  const logs = await mkdtemp(join(tmpdir(), 't8s-bench-logs-'));
  const pods: number[] = [];
  const bare: number[] = [];
  try {
    for (let i = 0; i < STARTS; i++) {
      const { elapsedMs, remove } = await startBare(cri, `bare-${i}`, logs);
      bare.push(elapsedMs);
      await remove();
      const startedAt = performance.now();
      await createPod(client, `one-${i}`);
      await podsAre(client, (running) => running === i + 1);
      pods.push(performance.now() - startedAt);
    }
  } finally {
    await rm(logs, { recursive: true });
  }
  const figures = (values: readonly number[]) => ({
    median: rounded(median(values)),
    p99: rounded(percentile(values, 0.99)),
  });
  report(
    'node',
    {
      measure: 'pod start over the bare CRI calls',
      value: median(pods) - median(bare),
      unit: 'ms',
      budget: { atMost: 150 },
    },
    {
      podMs: figures(pods),
      criMs: figures(bare),
      p99OverCriMs: rounded(percentile(pods, 0.99) - percentile(bare, 0.99)),
    },
  );
}

async function startAtOnce(client: Client, cri: Cri, count: number): Promise<void> {
  const bare = await startBareAtOnce(cri, count);
  const startedAt = performance.now();
  const waits: number[] = [];
  await Promise.all(Array.from({ length: count }, (_, i) => createPod(client, `many-${i}`)));
  await podsAre(client, (running) => {
    while (waits.length < running) waits.push(performance.now() - startedAt);
    return running === count;
  });
  await removePods(client);
  report(
    'node',
    {
      measure: `${count} pods at once, p99`,
      value: percentile(waits, 0.99) / 1000,
      unit: 's',
      budget: { atMost: 5 },
    },
    { p50: rounded(median(waits) / 1000), criP99: rounded(percentile(bare, 0.99) / 1000) },
  );
}

async function startBareAtOnce(cri: Cri, count: number): Promise<readonly number[]> {
  const logs = await mkdtemp(join(tmpdir(), 't8s-bench-logs-'));
  try {
    const started = await Promise.all(Array.from({ length: count }, (_, i) => startBare(cri, `bare-${i}`, logs)));
    await Promise.all(started.map(({ remove }) => remove()));
    return started.map(({ elapsedMs }) => elapsedMs);
  } finally {
    await rm(logs, { recursive: true });
  }
}

async function createPod(client: Client, name: string): Promise<void> {
  await client.create(Pod, {
    metadata: { name, namespace: 'default' },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: PAUSE_IMAGE, imagePullPolicy: 'Never' }],
    },
  });
}

async function removePods(client: Client): Promise<void> {
  await client.deleteCollection(Pod, { namespace: 'default' });
  await podsAre(client, (_running, all) => all === 0);
}

/** Resolves as soon as the watch shows it. */
async function podsAre(client: Client, wanted: (running: number, all: number) => boolean): Promise<void> {
  const running = new Map<string, boolean>();
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const isWanted = () => wanted([...running.values()].filter(Boolean).length, running.size);
  const { items, metadata } = await client.list(Pod, { namespace: 'default' });
  for (const pod of items) running.set(pod.metadata.name, pod.status.phase === 'Running');
  if (isWanted()) return;
  const resourceVersion = metadata.resourceVersion!;
  for await (const batch of client.watch(Pod, { namespace: 'default', resourceVersion, signal })) {
    for (const { type, object } of batch) {
      if (type === 'DELETED') running.delete(object.metadata.name);
      else running.set(object.metadata.name, object.status.phase === 'Running');
    }
    if (isWanted()) return;
  }
}

interface BareStart {
  /** Until the container runs. */
  readonly elapsedMs: number;
  readonly remove: () => Promise<void>;
}

async function startBare(cri: Cri, name: string, logDirectory: string): Promise<BareStart> {
  const config = {
    metadata: { name, namespace: 'bench', uid: name, attempt: 0 },
    hostname: name,
    logDirectory,
    linux: {
      securityContext: {
        namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' },
        seccomp: { profileType: 'RuntimeDefault' },
      },
    },
  } as const;
  const startedAt = performance.now();
  const { podSandboxId } = await cri.runPodSandbox({ config });
  const { containerId } = await cri.createContainer({
    podSandboxId,
    config: { metadata: { name: 'main', attempt: 0 }, image: { image: PAUSE_IMAGE }, logPath: `${name}.log` },
    sandboxConfig: config,
  });
  await cri.startContainer({ containerId });
  return {
    elapsedMs: performance.now() - startedAt,
    async remove() {
      await cri.stopPodSandbox({ podSandboxId });
      await cri.removePodSandbox({ podSandboxId });
    },
  };
}
