// The node agent: registers its node, keeps its lease, and gives each pod that is bound to the node a worker that makes it
// so. It talks to the API server and to the container runtime, and to nobody else.

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Node } from '../api/core/node.ts';
import { Pod } from '../api/core/pod.ts';
import { Service } from '../api/core/service.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { WorkQueue } from '../base/work-queue.ts';
import type { Client } from '../client/client.ts';
import { createEventRecorder, type EventRecorder } from '../client/event-recorder.ts';
import { createInformer, type Informer } from '../client/informer.ts';
import type { Change } from '../client/object-cache.ts';
import type { Cri } from '../cri/cri.ts';
import type { PodCgroups } from './cgroups.ts';
import { containerHash } from './container-config.ts';
import { CriRuntime } from './cri-runtime.ts';
import { type ClusterDns, parseResolvConf } from './dns-config.ts';
import { ImageManager } from './image-manager.ts';
import { readMachine, readMachineLoad } from './machine.ts';
import { systemMounter } from './mounter.ts';
import { keepNodeLease } from './node-lease.ts';
import { type NodeFacts, reportNode } from './node-status.ts';
import { newPodRecord, type PodEvents, type PodRecord, type PodWorkerDeps, reconcilePod } from './pod-worker.ts';
import { probeAction } from './probes/probe-action.ts';
import { ProbeManager } from './probes/probe-manager.ts';
import { ReferencedObjects } from './referenced-objects.ts';
import { followRuntime } from './runtime-events.ts';
import { type KubeletServerOptions, type ServedPods, startKubeletServer } from './server/kubelet-server.ts';
import { StatusWriter } from './status-writer.ts';
import { TokenManager } from './token-manager.ts';
import { VolumeManager } from './volumes/volume-manager.ts';

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
  readonly server: KubeletServerOptions;
  readonly maxPods?: number;
}

export interface Kubelet extends AsyncDisposable {
  /** The node as the API has it, once it is registered. */
  node(): Node | undefined;
  /** Pods of this node, as the API has them. */
  readonly podInformer: Informer<Pod>;
  /** The node's status is looked at again at once: the runtime or its network may have become ready. */
  runtimeChanged(): void;
}

const MAX_PODS = 110;
/** Pods that are worked on at the same time: all of them, as a slow one must not keep another waiting. */
const CONCURRENCY = 1_000;

/** Resolves once the agent is at work; the node need not be registered yet. */
export async function startKubelet(deps: KubeletDeps, options: KubeletOptions): Promise<Kubelet> {
  const { client, cri, clock, random, log } = deps;
  const { nodeName, dataDir } = options;
  const podsDir = join(dataDir, 'pods');
  const logsDir = join(dataDir, 'logs');
  await mkdir(podsDir, { recursive: true, mode: 0o750 });
  await mkdir(logsDir, { recursive: true, mode: 0o755 });
  const machine = readMachine();
  const stopping = new AbortController();
  const { signal } = stopping;
  await using stack = new AsyncDisposableStack();

  const recorder = stack.use(createEventRecorder({ client, clock, log }, { component: 'kubelet', host: nodeName }));
  const events = podEvents(recorder);
  const statuses = stack.use(new StatusWriter({ client, clock, log }));
  const services = stack.use(createInformer({ client, clock, random, log }, Service));
  const tokens = new TokenManager({ client, clock, random });
  const records = new Map<string, PodRecord>();
  const running = new Map<string, AbortController>();
  const queue = stack.use(
    new WorkQueue(
      { clock, work: (uid, ended) => work(uid, ended) },
      {
        concurrency: CONCURRENCY,
        backoff: { baseMs: 1_000, maxMs: 60_000 },
        retryLimit: { perSecond: 1_000, burst: 1_000 },
        observer: {
          retrying: (uid, error, failures) =>
            log.warn('a pod could not be brought to what it should be', {
              pod: nameOf(records.get(uid)),
              failures,
              error,
            }),
        },
      },
    ),
  );
  const objects = stack.use(new ReferencedObjects({ client, clock, random, log }, (uid) => queue.add(uid)));
  let node: Node | undefined;
  const fields = {
    status: (pod: Pod) => statuses.current(pod),
    hostIp: () => options.nodeIp,
    allocatable: () => node?.status.allocatable ?? {},
  };
  let stamps = 0;
  const volumes = new VolumeManager({
    podsDir,
    mounter: systemMounter,
    stamp: () => `${new Date(clock.now()).toISOString().replace(/[-:T]/g, '_').replace('Z', '')}.${stamps++}`,
    sources: {
      configMap: (namespace, name) => objects.configMap(namespace, name),
      secret: (namespace, name) => objects.secret(namespace, name),
      token: (pod, audience, seconds) => tokens.token(pod, audience, seconds),
      fields,
    },
  });
  const runtime = new CriRuntime({
    cri,
    images: new ImageManager({ cri, clock, events }),
    volumes,
    cgroups: deps.cgroups,
    sources: {
      configMap: (namespace, name) => objects.configMap(namespace, name),
      secret: (namespace, name) => objects.secret(namespace, name),
      services: (namespace) => [
        ...services.list(namespace),
        ...(namespace === 'default' ? [] : services.list('default')),
      ],
      fields,
    },
    events,
    clock,
    log,
    clusterDns: options.clusterDns,
    hostResolver: parseResolvConf(await readFile('/etc/resolv.conf', 'utf8').catch(() => '')),
    hostIp: () => options.nodeIp,
    podsDir,
    logsDir,
    nodeMemoryBytes: machine.memoryBytes,
  });
  const probes = stack.use(
    new ProbeManager({
      clock,
      random,
      act: probeAction({
        exec: (id, command, timeoutMs) => execIn(cri, id, command, timeoutMs),
        version: options.version.slice(1),
      }),
      changed: (uid) => queue.add(uid),
      failed: ({ pod, container }, kind, output) =>
        events.container(pod, container.name, 'Warning', 'Unhealthy', `${KIND_WORDS[kind]} probe failed: ${output}`),
    }),
  );
  const workerDeps: PodWorkerDeps = {
    runtime,
    volumes,
    probes,
    statuses,
    events,
    clock,
    log,
    hostIp: () => options.nodeIp,
    hashOf: containerHash,
  };

  async function work(uid: string, closing: AbortSignal): Promise<{ requeueAfterMs: number } | undefined> {
    const record = records.get(uid);
    if (!record) return undefined;
    const step = new AbortController();
    running.set(uid, step);
    try {
      if (!isEnding(record)) {
        objects.follow(record.pod);
        await refreshVolumes(record);
      }
      const outcome = await reconcilePod(workerDeps, record, AbortSignal.any([closing, step.signal]));
      if (outcome === 'gone') {
        forget(uid);
        return undefined;
      }
      return earlier(outcome, renewalDelay(uid));
    } catch (error) {
      // Given up because the pod is to end, which is what the next step does.
      if (step.signal.aborted && !closing.aborted) return { requeueAfterMs: 0 };
      throw error;
    } finally {
      running.delete(uid);
    }
  }

  /** Contents that change while the pod runs; before its first container everything is mounted anyway. */
  async function refreshVolumes({ pod }: PodRecord): Promise<void> {
    if (statuses.current(pod).podIP === undefined) return;
    try {
      await volumes.refresh(pod);
    } catch (error) {
      log.debug('volumes could not be brought up to date', { pod: pod.metadata.name, error });
    }
  }

  function renewalDelay(uid: string): { requeueAfterMs: number } | undefined {
    const at = tokens.renewalOf(uid);
    return at === undefined ? undefined : { requeueAfterMs: Math.max(1_000, at - clock.now()) };
  }

  function forget(uid: string): void {
    records.delete(uid);
    objects.forget(uid);
    tokens.forget(uid);
    statuses.forget(uid);
  }

  function take(changes: readonly Change<Pod>[]): void {
    for (const { type, object: pod } of changes) {
      const { uid } = pod.metadata;
      const record = records.get(uid) ?? newPodRecord(pod);
      const wasEnding = isEnding(record);
      record.pod = pod;
      record.removed = type === 'deleted';
      records.set(uid, record);
      if (type !== 'deleted') statuses.observe(pod);
      if (!wasEnding && isEnding(record)) running.get(uid)?.abort(new Error('the pod is to end'));
      queue.add(uid);
    }
  }

  const informer = stack.use(
    createInformer({ client, clock, random, log }, Pod, { fieldSelector: `spec.nodeName=${nodeName}` }),
  );
  const served: ServedPods = {
    pods: () => informer.list(),
    pod: (namespace, name) => informer.get({ namespace, name }),
    async container(pod, name, previous) {
      const { containers } = await runtime.inspect(pod.metadata.uid, signal);
      const container = containers.filter((other) => other.name === name)[previous ? 1 : 0];
      if (!container || container.state === 'created') return undefined;
      const { id, attempt, state } = container;
      return { id, logPath: runtime.logPath(pod, name, attempt), running: state === 'running' };
    },
    sandbox: async (pod) => (await runtime.inspect(pod.metadata.uid, signal)).sandboxes.find(({ ready }) => ready)?.id,
  };
  stack.use(await startKubeletServer({ pods: served, cri, clock, log }, options.server));
  const subscriptions = stack.use(new DisposableStack());
  const wakers = new Set<() => void>();
  const tasks = [
    keepNodeLease({ client, clock, log }, { nodeName, node: () => node, signal }),
    reportNode(
      { client, clock, log, labels: options.labels ?? {}, facts: () => facts() },
      {
        registered: (current) => {
          node = current;
        },
        changed: (wake) => {
          wakers.add(wake);
          return { [Symbol.dispose]: () => wakers.delete(wake) };
        },
        signal,
      },
    ),
    (async () => {
      // Pods are taken over only when everything about them is known: a restarted agent must not start them anew.
      await Promise.all([informer.synced(signal), services.synced(signal)]);
      subscriptions.use(informer.subscribe(take));
      await takeOrphans({ runtime, records, log, add: (uid) => queue.add(uid) }, signal);
      await followRuntime({ cri, clock, log, watching: () => records.size > 0 }, (uid) => queue.add(uid), signal);
    })().catch((error) => {
      if (!signal.aborted) log.error('the agent cannot follow its pods', { error });
    }),
  ];

  async function facts(): Promise<NodeFacts> {
    const runtimeFacts = await readRuntime(cri);
    return {
      nodeName,
      nodeIp: options.nodeIp,
      machine,
      load: await readMachineLoad(dataDir),
      version: options.version,
      serverPort: options.server.port,
      runtime: runtimeFacts,
      maxPods: options.maxPods ?? MAX_PODS,
    };
  }

  const owned = stack.move();
  return {
    node: () => node,
    podInformer: informer,
    runtimeChanged() {
      for (const wake of wakers) wake();
    },
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the agent is stopped'));
      await Promise.all(tasks);
      await owned.disposeAsync();
    },
  };
}

const KIND_WORDS = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' } as const;

function isEnding(record: PodRecord): boolean {
  return record.removed || record.verdict !== undefined || record.pod.metadata.deletionTimestamp !== undefined;
}

/** What the runtime holds of pods that the API does not know any more is ended. */
async function takeOrphans(
  {
    runtime,
    records,
    log,
    add,
  }: { runtime: CriRuntime; records: Map<string, PodRecord>; log: Logger; add: (uid: string) => void },
  signal: AbortSignal,
): Promise<void> {
  for (const { uid, name, namespace } of await runtime.pods(signal)) {
    if (records.has(uid)) continue;
    log.info('ending a pod that is no longer in the API', { pod: `${namespace}/${name}`, uid });
    const record = newPodRecord(orphan(uid, name, namespace));
    record.removed = true;
    records.set(uid, record);
    add(uid);
  }
}

/** As much of a pod as its labels tell: enough to end it. */
function orphan(uid: string, name: string, namespace: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { uid, name, namespace, resourceVersion: '', creationTimestamp: '' },
    spec: { containers: [], terminationGracePeriodSeconds: 1 },
    status: {},
  };
}

async function readRuntime(cri: Cri): Promise<NodeFacts['runtime']> {
  try {
    const [version, status, { images }] = await Promise.all([cri.version({}), cri.status({}), cri.listImages({})]);
    const problems = (status.status?.conditions ?? [])
      .filter((condition) => !condition.status)
      .map(
        ({ type, message }) => `container runtime ${type === 'NetworkReady' ? 'network ' : ''}not ready: ${message}`,
      );
    return { version: `${version.runtimeName}://${version.runtimeVersion.replace(/^v/, '')}`, problems, images };
  } catch {
    return { version: undefined, problems: [], images: [] }; // It does not answer: the node's status says so.
  }
}

async function execIn(cri: Cri, containerId: string, command: readonly string[], timeoutMs: number) {
  try {
    const answer = await cri.execSync({ containerId, cmd: command, timeout: Math.ceil(timeoutMs / 1000) });
    const output = Buffer.concat([answer.stdout, answer.stderr]).toString('utf8');
    return { exitCode: answer.exitCode, output, timedOut: false };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'DEADLINE_EXCEEDED') {
      return { exitCode: -1, output: '', timedOut: true };
    }
    throw error;
  }
}

function podEvents(recorder: EventRecorder): PodEvents {
  const reference = (pod: Pod, fieldPath?: string) => ({
    kind: 'Pod',
    apiVersion: 'v1',
    namespace: pod.metadata.namespace,
    name: pod.metadata.name,
    uid: pod.metadata.uid,
    resourceVersion: pod.metadata.resourceVersion,
    ...(fieldPath === undefined ? {} : { fieldPath }),
  });
  return {
    pod: (pod, type, reason, message) => recorder.event(reference(pod), type, reason, message),
    container(pod, container, type, reason, message) {
      const isInit = pod.spec.initContainers?.some(({ name }) => name === container);
      const path = `spec.${isInit ? 'initContainers' : 'containers'}{${container}}`;
      recorder.event(reference(pod, path), type, reason, message);
    },
  };
}

function earlier(
  a: { readonly requeueAfterMs: number } | undefined,
  b: { readonly requeueAfterMs: number } | undefined,
): { readonly requeueAfterMs: number } | undefined {
  if (!a || !b) return a ?? b;
  return a.requeueAfterMs <= b.requeueAfterMs ? a : b;
}

function nameOf(record: PodRecord | undefined): string | undefined {
  return record && `${record.pod.metadata.namespace}/${record.pod.metadata.name}`;
}
