// The node agent: registers its node, keeps its lease, and gives each pod that is bound to the node a worker that makes it
// so. It talks to the API server and to the container runtime, and to nobody else.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import { addResources, type ResourceList } from '../api/resource-list.ts';
import { aborted } from '../base/aborted.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createInformer, type Informer } from '../client/informer.ts';
import type { Cri } from '../cri/cri.ts';
import { checkAllowedSysctls } from './admission/sysctls.ts';
import type { PodCgroups } from './cgroups.ts';
import type { ClusterDns } from './dns-config.ts';
import { figuresReader } from './figures/read-figures.ts';
import { readMachine, readMachineLoad } from './machine.ts';
import { keepNodeLease } from './node-lease.ts';
import { type NodeFacts, reportNode } from './node-status.ts';
import { openPodAgent, type PodAgent } from './pod-agent.ts';
import { nodeLimits } from './resources.ts';
import { followRuntime } from './runtime-events.ts';
import { readRuntime } from './runtime-facts.ts';
import { RuntimeInspector } from './runtime-inspector.ts';
import { servedPods } from './served-pods.ts';
import { startKubeletServer } from './server/kubelet-server.ts';
import type { NodeServerOptions } from './server/node-server.ts';

export interface KubeletDeps {
  readonly client: Client;
  readonly cri: Cri;
  readonly cgroups: PodCgroups;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface KubeletOptions {
  readonly nodeName: string;
  readonly nodeIp: string;
  /** Labels of the node besides those that every node has. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly clusterDns: ClusterDns;
  /** Pods, logs and what else the agent keeps on disk. */
  readonly dataDir: string;
  /** `v1.36.0` */
  readonly version: string;
  /** The agent's own server, for logs, exec and the like. */
  readonly server: NodeServerOptions;
  readonly maxPods?: number;
  /** Sysctls, or beginnings of their names that end with `*`, that pods may have besides the safe ones. */
  readonly allowedUnsafeSysctls?: readonly string[];
  /** What is kept back for the system and for the agent itself: quantities of `cpu`, `memory`, `ephemeral-storage`. */
  readonly systemReserved?: ResourceList;
  readonly kubeReserved?: ResourceList;
}

export interface Kubelet extends AsyncDisposable {
  /** The node as the API has it, once it is registered. */
  node(): Node | undefined;
  /** Pods of this node, as the API has them. */
  readonly podInformer: Informer<Pod>;
  /** Where the agent's own server listens. */
  readonly serverPort: number;
  /** The node's status is looked at again at once: the runtime or its network may have become ready. */
  runtimeChanged(): void;
}

const MAX_PODS = 110;
const RETRY_MS = 1_000;

/** Resolves once the agent is at work; the node need not be registered yet. Its containers outlive it. */
export async function startKubelet(deps: KubeletDeps, options: KubeletOptions): Promise<Kubelet> {
  const { client, cri, clock, random, log } = deps;
  const { nodeName, nodeIp, clusterDns, dataDir, version } = options;
  const directories = { podsDir: join(dataDir, 'pods'), logsDir: join(dataDir, 'logs') };
  await mkdir(directories.podsDir, { recursive: true, mode: 0o750 });
  await mkdir(directories.logsDir, { recursive: true, mode: 0o755 });
  const machine = readMachine();
  const stopping = new AbortController();
  const { signal } = stopping;
  let node: Node | undefined;
  const known = Promise.withResolvers<void>();
  await using stack = new AsyncDisposableStack();

  const reserved = addResources(options.systemReserved ?? {}, options.kubeReserved ?? {});
  await deps.cgroups.limitAll(nodeLimits(machine, reserved)).catch((error) => {
    log.warn('the pods of the node could not be limited to what it has for them', { error });
  });
  const selection = { fieldSelector: `spec.nodeName=${nodeName}` };
  const pods = stack.use(createInformer({ client, clock, random, log }, Pod, selection));
  checkAllowedSysctls(options.allowedUnsafeSysctls ?? []);
  const nodes = stack.use(
    createInformer({ client, clock, random, log }, Node, { fieldSelector: `metadata.name=${nodeName}` }),
  );
  const inspector = new RuntimeInspector({ cri });
  const agent = stack.use(
    await openPodAgent(
      { ...deps, inspector },
      {
        ...{ nodeName, nodeIp, clusterDns, version, ...directories },
        nodeMemoryBytes: machine.memoryBytes,
        node: () => nodes.get({ name: nodeName }) ?? node,
        allowedSysctls: options.allowedUnsafeSysctls ?? [],
      },
    ),
  );
  const served = servedPods({
    cri,
    pod: (namespace, name) => pods.get({ namespace, name }),
    pods: () => pods.list(),
    inspect: (uid) => inspector.inspect(uid, signal),
    status: (pod) => agent.statuses.current(pod),
    logPath: (pod, container, attempt) => agent.runtime.logPath(pod, container, attempt),
  });
  const { cgroups } = deps;
  const figures = figuresReader({ cri, cgroups, clock, pods: () => pods.list() }, { nodeName, dataDir });
  const server = stack.use(await startKubeletServer({ pods: served, cri, figures, clock, log }, options.server));

  const facts = async (): Promise<NodeFacts> => ({
    ...{ nodeName, nodeIp, machine, version },
    load: await readMachineLoad(dataDir),
    serverPort: server.port,
    runtime: await readRuntime(cri, signal),
    maxPods: options.maxPods ?? MAX_PODS,
    reserved,
  });
  const wakers = new Set<() => void>();
  const reportOptions = {
    registered: (current: Node) => {
      node = current;
      known.resolve();
    },
    latest: () => nodes.get({ name: nodeName }),
    changed: (wake: () => void) => {
      wakers.add(wake);
      return { [Symbol.dispose]: () => wakers.delete(wake) };
    },
    signal,
  };
  const wake = () => {
    for (const each of wakers) each();
  };
  stack.use(nodes.subscribe(wake));
  const tasks = [
    keepNodeLease({ client, clock, log }, { nodeName, node: () => node, signal }),
    reportNode({ client, clock, log, labels: options.labels ?? {}, facts }, reportOptions),
    followPods({ agent, pods, known: known.promise, inspector, cri, clock, log }, signal).catch((error) => {
      if (!signal.aborted) log.error('the agent cannot follow its pods', { error });
    }),
  ];

  const owned = stack.move();
  return {
    node: () => node,
    podInformer: pods,
    serverPort: server.port,
    runtimeChanged: wake,
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the agent is stopped'));
      await Promise.all(tasks);
      await owned.disposeAsync();
    },
  };
}

interface Following {
  /** Resolves once the node is registered: what it has decides which pods it takes. */
  readonly known: Promise<void>;
  readonly agent: PodAgent;
  readonly pods: Informer<Pod>;
  readonly inspector: RuntimeInspector;
  readonly cri: Cri;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Has the pods worked on, by what happens to them in the API and on the runtime, until the signal aborts. */
async function followPods(
  { agent, pods, known, inspector, cri, clock, log }: Following,
  signal: AbortSignal,
): Promise<void> {
  const { workers, volumes } = agent;
  // Pods are taken over only when everything about them is known: a restarted agent must not start them anew.
  await Promise.all([pods.synced(signal), agent.ready(signal)]);
  await Promise.race([known, aborted(signal)]);
  signal.throwIfAborted();
  using _pods = pods.subscribe((changes) => workers.take(changes));
  const orphans = async () => {
    try {
      workers.takeOrphans(await inspector.pods(signal), await volumes.uids());
      return true;
    } catch (error) {
      signal.throwIfAborted();
      log.warn('what is left of former pods could not be found out', { error });
      return false;
    }
  };
  while (!(await orphans())) await sleep(clock, RETRY_MS, signal);
  await followRuntime({ cri, clock, log, watching: () => workers.size > 0 }, (uid) => workers.wake(uid), signal);
}
