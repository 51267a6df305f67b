// The node agent: registers its node, keeps its lease, and gives each pod that is bound to the node a worker that makes it
// so. It talks to the API server and to the container runtime, and to nobody else.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import { durationToMs } from '../api/time.ts';
import { aborted } from '../base/aborted.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createEventRecorder } from '../client/event-recorder.ts';
import { createInformer, type Informer } from '../client/informer.ts';
import type { Cri } from '../cri/cri.ts';
import type { PodCgroups } from './cgroups.ts';
import type { DeviceManager } from './devices/device-manager.ts';
import { openDeviceManager } from './devices/open-device-manager.ts';
import { servePodResources } from './devices/pod-resources.ts';
import type { ClusterDns } from './dns-config.ts';
import type { Figures, ReadFigures } from './figures/figures.ts';
import { PodStorage } from './figures/pod-storage.ts';
import { figuresReader } from './figures/read-figures.ts';
import { followPods } from './follow-pods.ts';
import type { CredentialProviderOptions } from './images/open-image-manager.ts';
import { type KnownNode, knownNode } from './known-node.ts';
import { rotateLogs } from './logs/log-rotation.ts';
import { type Machine, readMachine } from './machine.ts';
import { keepNodeLease } from './node-lease.ts';
import { NodeSituation, nodeFacts, setAside } from './node-situation.ts';
import { reportNode } from './node-status.ts';
import { openPodAgent, type PodAgent } from './pod-agent.ts';
import { nodeEvents } from './pod-events.ts';
import { nodeLimits } from './resources.ts';
import { RuntimeInspector } from './runtime-inspector.ts';
import { serveNode } from './serve-node.ts';
import type { NodeServerOptions } from './server/node-server.ts';
import type { KubeletSettings } from './settings/kubelet-configuration.ts';
import { LogindWatch } from './shutdown/logind-watch.ts';
import { shutdownPeriods } from './shutdown/shutdown-groups.ts';
import { type ShutdownDeps, type ShutdownWatch, watchShutdowns } from './shutdown/shutdown-manager.ts';
import { isMirror } from './static-pods/static-pod.ts';
import { StaticPods } from './static-pods/static-pods.ts';
import { Upkeep } from './upkeep.ts';

export interface KubeletDeps {
  readonly client: Client;
  readonly cri: Cri;
  readonly cgroups: PodCgroups;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Absent: systemd's, where shutdowns are to be held up. */
  readonly shutdownWatch?: ShutdownWatch;
  /** What is told of what was measured; absent: just that. */
  readonly observed?: (figures: Figures) => Figures | Promise<Figures>;
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
  /** What users may set. */
  readonly settings: KubeletSettings;
  /** Programs that have credentials for registries. */
  readonly credentialProviders?: CredentialProviderOptions | undefined;
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

/** Resolves once the agent is at work; the node need not be registered yet. Its containers outlive it. */
export async function startKubelet(deps: KubeletDeps, options: KubeletOptions): Promise<Kubelet> {
  const { cri, clock, log } = deps;
  const { dataDir, settings } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  await using stack = new AsyncDisposableStack();
  const parts = await openParts(deps, options, stack);
  const { devices, figures } = parts;
  stack.use(await servePodResources({ devices, pods: parts.allPods }, join(dataDir, 'pod-resources')));
  const pod = (namespace: string, name: string) =>
    parts.staticPods.get(namespace, name) ?? parts.pods.get({ namespace, name });
  const serving = { ...deps, ...parts, figures: figures.read, pod, pods: parts.allPods };
  const server = stack.use(await serveNode(serving, options, signal));
  stack.use(rotateLogs({ cri, clock, log, logsDir: directoriesOf(dataDir).logsDir }, settings));
  const tasks = [
    holdShutdowns(deps, parts, settings, signal),
    ...keepNode(deps, parts, { ...options, serverPort: server.port }, signal),
    ...keepPods(deps, parts, settings, signal),
  ];
  const owned = stack.move();
  return {
    node: parts.node.current,
    podInformer: parts.pods,
    serverPort: server.port,
    runtimeChanged: parts.node.wake,
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the agent is stopped'));
      await Promise.all(tasks);
      await owned.disposeAsync();
    },
  };
}

/** What the agent is made of. */
interface KubeletParts {
  readonly machine: Machine;
  readonly situation: NodeSituation;
  readonly node: KnownNode;
  /** As the API has them. */
  readonly pods: Informer<Pod>;
  readonly staticPods: StaticPods;
  /** What runs of a static pod is the pod of the file; its mirror has another uid. */
  readonly allPods: () => readonly Pod[];
  readonly inspector: RuntimeInspector;
  readonly devices: DeviceManager;
  readonly agent: PodAgent;
  readonly figures: NodeFigureReader;
  readonly upkeep: Upkeep;
}

/** The stack owns them. */
async function openParts(
  deps: KubeletDeps,
  options: KubeletOptions,
  stack: AsyncDisposableStack,
): Promise<KubeletParts> {
  const { client, cri, clock, random, log } = deps;
  const { nodeName, dataDir, settings } = options;
  const directories = directoriesOf(dataDir);
  await mkdir(directories.podsDir, { recursive: true, mode: 0o750 });
  await mkdir(directories.logsDir, { recursive: true, mode: 0o755 });
  const machine = readMachine();
  await deps.cgroups.limitAll(nodeLimits(machine, setAside(settings))).catch((error) => {
    log.warn('the pods of the node could not be limited to what it has for them', { error });
  });
  const situation = new NodeSituation();
  const informerDeps = { client, clock, random, log };
  const pods = stack.use(createInformer(informerDeps, Pod, { fieldSelector: `spec.nodeName=${nodeName}` }));
  const node = stack.use(knownNode(informerDeps, nodeName));
  const inspector = new RuntimeInspector({ cri });
  const recorder = stack.use(createEventRecorder({ client, clock, log }, { component: 'kubelet', host: nodeName }));
  const devicesDeps = { clock, log, changed: node.wake };
  const { manager: devices } = stack.use(await openDeviceManager(devicesDeps, join(dataDir, 'device-plugins')));
  const agent = stack.use(
    await openPodAgent(
      { ...deps, inspector, recorder, devices },
      {
        ...options,
        ...directories,
        nodeMemoryBytes: machine.memoryBytes,
        processors: machine.cpus,
        node: node.current,
        situation,
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
  const allPods = () => [...pods.list().filter((pod) => !isMirror(pod)), ...staticPods.list()];
  const figures = stack.use(openFigures({ ...deps, agent, pods: allPods }, options));
  const upkeep = new Upkeep(
    {
      ...{ cri, agent, inspector, figures: figures.read, clock, log },
      events: nodeEvents(recorder, nodeName),
      changed(pressures) {
        situation.pressures = pressures;
        node.wake();
      },
    },
    directories,
    settings,
  );
  return { machine, situation, node, pods, staticPods, allPods, inspector, devices, agent, figures, upkeep };
}

function directoriesOf(dataDir: string): { readonly podsDir: string; readonly logsDir: string } {
  return { podsDir: join(dataDir, 'pods'), logsDir: join(dataDir, 'logs') };
}

/** Registers the node, and keeps its status and its lease until the signal aborts. */
function keepNode(
  { client, cri, clock, log }: KubeletDeps,
  { machine, situation, devices, node }: KubeletParts,
  { labels = {}, ...options }: KubeletOptions & { readonly serverPort: number },
  signal: AbortSignal,
): readonly Promise<void>[] {
  const readFacts = nodeFacts({ cri, clock, machine, situation, devices }, options);
  const report = { client, clock, log, labels, facts: () => readFacts(signal) };
  return [
    keepNodeLease({ client, clock, log }, { nodeName: options.nodeName, node: node.current, signal }),
    reportNode(report, { ...node.reporting, signal }),
  ];
}

/** Gives every pod its worker, and keeps the node tidy once all of them are known, until the signal aborts. */
function keepPods(
  deps: KubeletDeps,
  { agent, pods, staticPods, node, situation, upkeep }: KubeletParts,
  { staticPodPath }: KubeletSettings,
  signal: AbortSignal,
): readonly Promise<void>[] {
  const known = Promise.withResolvers<void>();
  const following = followPods(
    {
      ...{ ...deps, agent, pods, staticPods, known: known.resolve },
      registered: Promise.all([node.registered, situation.able]),
      endOrphans: (until) => upkeep.endOrphans(until),
    },
    staticPodPath || undefined,
    signal,
  );
  return [
    following.catch((error) => {
      if (!signal.aborted) deps.log.error('the agent cannot follow its pods', { error });
    }),
    Promise.race([known.promise, aborted(signal)]).then(() => upkeep.run(signal)),
  ];
}

interface NodeFigureReader extends AsyncDisposable {
  readonly read: ReadFigures;
}

/** What is used on the node, as it is measured or as the agent is told. */
function openFigures(
  {
    agent,
    observed = (figures) => figures,
    ...deps
  }: KubeletDeps & {
    readonly agent: PodAgent;
    readonly pods: () => readonly Pod[];
  },
  { nodeName, dataDir, settings }: KubeletOptions,
): NodeFigureReader {
  const storage = new PodStorage(
    {
      ...deps,
      volumePath: (pod, volume) => agent.volumes.pathOf(pod, volume),
      logDirectory: (pod, container) => agent.runtime.logDirectory(pod, container),
    },
    { everyMs: durationToMs(settings.volumeStatsAggPeriod) },
  );
  const measure = figuresReader({ ...deps, storage }, { nodeName, dataDir });
  return {
    read: async (extent, signal) => observed(await measure(extent, signal)),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

/** Holds the machine's shutdowns up where that is asked for, until the signal aborts. */
async function holdShutdowns(
  { shutdownWatch, clock, log }: KubeletDeps,
  { allPods, agent, situation, node }: KubeletParts,
  settings: KubeletSettings,
  signal: AbortSignal,
): Promise<void> {
  const periods = shutdownPeriods(settings);
  if (periods.length === 0) return;
  using systemd = new LogindWatch();
  const deps: ShutdownDeps = {
    ...{ watch: shutdownWatch ?? systemd, clock, log },
    pods: allPods,
    end: (pod, ending) => agent.workers.end(pod.metadata.uid, ending),
    changed(now) {
      situation.shuttingDown = now;
      node.wake();
    },
  };
  await watchShutdowns(deps, periods, signal);
}
