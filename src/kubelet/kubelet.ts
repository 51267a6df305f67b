// The node agent: registers its node, keeps its lease, and gives each pod that is bound to the node a worker that makes it
// so. It talks to the API server and to the container runtime, and to nobody else.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import { addResources, type ResourceList } from '../api/resource-list.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createInformer, type Informer } from '../client/informer.ts';
import type { Cri } from '../cri/cri.ts';
import { checkAllowedSysctls } from './admission/sysctls.ts';
import type { PodCgroups } from './cgroups.ts';
import { openDeviceManager } from './devices/open-device-manager.ts';
import { servePodResources } from './devices/pod-resources.ts';
import type { ClusterDns } from './dns-config.ts';
import { followPods } from './follow-pods.ts';
import type { ImageOptions } from './images/open-image-manager.ts';
import { knownNode } from './known-node.ts';
import { type LogRotationOptions, rotateLogs } from './logs/log-rotation.ts';
import { readMachine, readMachineLoad } from './machine.ts';
import { keepNodeLease } from './node-lease.ts';
import { type NodeFacts, reportNode } from './node-status.ts';
import { openPodAgent } from './pod-agent.ts';
import { nodeLimits } from './resources.ts';
import { readRuntime } from './runtime-facts.ts';
import { RuntimeInspector } from './runtime-inspector.ts';
import { serveNode } from './serve-node.ts';
import type { NodeServerOptions } from './server/node-server.ts';
import { LogindWatch } from './shutdown/logind-watch.ts';
import { type ShutdownOptions, shutdownPeriods } from './shutdown/shutdown-groups.ts';
import { type ShutdownDeps, type ShutdownWatch, watchShutdowns } from './shutdown/shutdown-manager.ts';
import { isMirror } from './static-pods/static-pod.ts';
import { StaticPods } from './static-pods/static-pods.ts';

export interface KubeletDeps {
  readonly client: Client;
  readonly cri: Cri;
  readonly cgroups: PodCgroups;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Absent: systemd's, where shutdowns are to be held up. */
  readonly shutdownWatch?: ShutdownWatch;
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
  /** A directory of manifests of pods that the node runs by itself. */
  readonly staticPodPath?: string | undefined;
  /** How long the machine's shutdown is held up for its pods; by default not at all. */
  readonly shutdown?: ShutdownOptions;
  readonly logRotation?: LogRotationOptions;
  readonly images?: Omit<ImageOptions, 'recordsDir'>;
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

/** Resolves once the agent is at work; the node need not be registered yet. Its containers outlive it. */
export async function startKubelet(deps: KubeletDeps, options: KubeletOptions): Promise<Kubelet> {
  const { client, cri, clock, random, log } = deps;
  const { nodeName, nodeIp, clusterDns, dataDir, version, staticPodPath } = options;
  const directories = { podsDir: join(dataDir, 'pods'), logsDir: join(dataDir, 'logs') };
  await mkdir(directories.podsDir, { recursive: true, mode: 0o750 });
  await mkdir(directories.logsDir, { recursive: true, mode: 0o755 });
  const machine = readMachine();
  const stopping = new AbortController();
  const { signal } = stopping;
  let shuttingDown = false;
  await using stack = new AsyncDisposableStack();

  const reserved = addResources(options.systemReserved ?? {}, options.kubeReserved ?? {});
  await deps.cgroups.limitAll(nodeLimits(machine, reserved)).catch((error) => {
    log.warn('the pods of the node could not be limited to what it has for them', { error });
  });
  checkAllowedSysctls(options.allowedUnsafeSysctls ?? []);
  const informerDeps = { client, clock, random, log };
  const pods = stack.use(createInformer(informerDeps, Pod, { fieldSelector: `spec.nodeName=${nodeName}` }));
  const node = stack.use(knownNode(informerDeps, nodeName));
  const inspector = new RuntimeInspector({ cri });
  const devicesDeps = { clock, log, changed: node.wake };
  const { manager: devices } = stack.use(await openDeviceManager(devicesDeps, join(dataDir, 'device-plugins')));
  const agent = stack.use(
    await openPodAgent(
      { ...deps, inspector, devices },
      {
        ...{ nodeName, nodeIp, clusterDns, version, ...directories },
        nodeMemoryBytes: machine.memoryBytes,
        node: node.current,
        allowedSysctls: options.allowedUnsafeSysctls ?? [],
        seccompDir: join(dataDir, 'seccomp'),
        images: { ...options.images, recordsDir: join(dataDir, 'image_manager') },
        shuttingDown: () => shuttingDown,
        gone: (uid) => staticPods.gone(uid),
      },
    ),
  );
  const staticPods: StaticPods = stack.use(
    new StaticPods(
      {
        ...{ client, clock, log },
        node: node.current,
        inApi: (namespace, name) => pods.get({ namespace, name }),
        take: (change) => agent.workers.take([change]),
        shownBy: (pod, mirror) => agent.statuses.shownBy(pod, mirror),
      },
      nodeName,
    ),
  );
  // What runs is the pod of the file; its mirror has another uid.
  const allPods = () => [...pods.list().filter((pod) => !isMirror(pod)), ...staticPods.list()];
  const pod = (namespace: string, name: string) => staticPods.get(namespace, name) ?? pods.get({ namespace, name });
  stack.use(await servePodResources({ devices, pods: allPods }, join(dataDir, 'pod-resources')));
  const maxPods = options.maxPods ?? MAX_PODS;
  const serving = { ...deps, agent, inspector, pod, pods: allPods };
  const server = stack.use(await serveNode(serving, { ...options, maxPods }, signal));

  stack.use(rotateLogs({ cri, clock, log, logsDir: directories.logsDir }, options.logRotation));

  const facts = async (): Promise<NodeFacts> => ({
    ...{ nodeName, nodeIp, machine, version },
    load: await readMachineLoad(dataDir),
    serverPort: server.port,
    runtime: await readRuntime(cri, signal),
    maxPods,
    reserved,
    shuttingDown,
    devices: devices.amounts(),
  });
  const shutdowns = holdShutdowns(deps, options.shutdown ?? {}, {
    pods: allPods,
    end: (of, ending) => agent.workers.end(of.metadata.uid, ending),
    changed(now) {
      shuttingDown = now;
      node.wake();
    },
    signal,
  });
  const tasks = [
    shutdowns,
    keepNodeLease({ client, clock, log }, { nodeName, node: node.current, signal }),
    reportNode({ client, clock, log, labels: options.labels ?? {}, facts }, { ...node.reporting, signal }),
    followPods(
      { ...deps, agent, pods, staticPods, registered: node.registered, inspector },
      staticPodPath,
      signal,
    ).catch((error) => {
      if (!signal.aborted) log.error('the agent cannot follow its pods', { error });
    }),
  ];

  const owned = stack.move();
  return {
    node: node.current,
    podInformer: pods,
    serverPort: server.port,
    runtimeChanged: node.wake,
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the agent is stopped'));
      await Promise.all(tasks);
      await owned.disposeAsync();
    },
  };
}

/** Holds the machine's shutdowns up where that is asked for, until the signal aborts. */
async function holdShutdowns(
  { shutdownWatch, clock, log }: KubeletDeps,
  options: ShutdownOptions,
  { signal, ...of }: Pick<ShutdownDeps, 'pods' | 'end' | 'changed'> & { readonly signal: AbortSignal },
): Promise<void> {
  const periods = shutdownPeriods(options);
  if (periods.length === 0) return;
  using systemd = new LogindWatch();
  await watchShutdowns({ ...of, watch: shutdownWatch ?? systemd, clock, log }, periods, signal);
}
