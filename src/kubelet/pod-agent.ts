// Everything that pods on a node need, put together: statuses, probes, images, volumes, what they refer to, the runtime,
// and the workers that use all these.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Node } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';
import { Service } from '../api/core/service.ts';
import { pickResources } from '../api/resource-list.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import { createInformer, type Informer } from '../client/informer.ts';
import type { Cri } from '../cri/cri.ts';
import { admitPod } from './admission/admit-pod.ts';
import type { PodCgroups } from './cgroups.ts';
import { containerHash } from './container-config.ts';
import { CriRuntime } from './cri-runtime.ts';
import type { DeviceManager } from './devices/device-manager.ts';
import { type ClusterDns, parseResolvConf } from './dns-config.ts';
import type { ImageManager } from './images/image-manager.ts';
import { type CredentialProviderOptions, openImageManager } from './images/open-image-manager.ts';
import { systemMounter } from './mounter.ts';
import { readAbilities } from './node-abilities.ts';
import type { NodeSituation } from './node-situation.ts';
import { podEvents } from './pod-events.ts';
import type { PodEvents } from './pod-parts.ts';
import type { PodAdmission } from './pod-places.ts';
import { type PodContents, PodWorkers } from './pod-workers.ts';
import { execInContainer } from './probes/exec-probe.ts';
import { probeAction } from './probes/probe-action.ts';
import { ProbeManager } from './probes/probe-manager.ts';
import { ReferencedObjects } from './referenced-objects.ts';
import { admitResize } from './resize/admit-resize.ts';
import { Allocations } from './resize/allocations.ts';
import { runtimeHandler } from './runtime-handler.ts';
import type { RuntimeInspector } from './runtime-inspector.ts';
import type { KubeletSettings } from './settings/kubelet-configuration.ts';
import { StatusWriter } from './status-writer.ts';
import { TokenManager } from './token-manager.ts';
import { claimedVolume } from './volumes/claimed-volume.ts';
import { ImageVolumes } from './volumes/image-volumes.ts';
import type { ProjectionSources } from './volumes/projection.ts';
import { VolumeManager } from './volumes/volume-manager.ts';

export interface PodAgentDeps {
  readonly client: Client;
  readonly cri: Cri;
  readonly inspector: RuntimeInspector;
  readonly cgroups: PodCgroups;
  readonly devices: DeviceManager;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly recorder: EventRecorder;
}

export interface PodAgentOptions {
  readonly nodeIp: string;
  readonly clusterDns: ClusterDns;
  /** `v1.36.0` */
  readonly version: string;
  readonly dataDir: string;
  /** A directory for each pod: volumes, hosts file, termination messages. */
  readonly podsDir: string;
  readonly logsDir: string;
  readonly nodeMemoryBytes: number;
  readonly processors: number;
  /** The node as the API has it; it is known before the first pod is taken. */
  readonly node: () => Node | undefined;
  readonly situation: Pick<NodeSituation, 'abilities' | 'pressures' | 'shuttingDown'>;
  readonly settings: KubeletSettings;
  readonly credentialProviders?: CredentialProviderOptions | undefined;
  /** Nothing of the pod is left on the node. */
  readonly gone: (uid: string) => void;
}

export interface PodAgent extends AsyncDisposable {
  readonly workers: PodWorkers;
  readonly runtime: CriRuntime;
  readonly statuses: StatusWriter;
  readonly images: ImageManager;
  readonly volumes: VolumeManager;
  readonly probes: Pick<ProbeManager, 'counts'>;
  readonly events: PodEvents;
  /** Resolves once containers can be told of the services there are. */
  ready(signal: AbortSignal): Promise<void>;
}

export async function openPodAgent(deps: PodAgentDeps, options: PodAgentOptions): Promise<PodAgent> {
  const { client, cri, inspector, cgroups, devices, clock, random, log } = deps;
  const { nodeIp, podsDir, settings } = options;
  const informerDeps = { client, clock, random, log };
  await using stack = new AsyncDisposableStack();
  const events = podEvents(deps.recorder);
  const services = stack.use(createInformer(informerDeps, Service));
  const statuses = stack.use(new StatusWriter({ client, clock, log }));
  const tokens = new TokenManager({ client, clock, random });
  const objects = stack.use(new ReferencedObjects(informerDeps, (uid) => workers.contentsChanged(uid)));
  const sources: Sources = {
    configMap: (namespace, name) => objects.configMap(namespace, name),
    secret: (namespace, name) => objects.secret(namespace, name),
    fields: {
      status: (pod) => statuses.current(pod),
      hostIp: () => nodeIp,
      allocatable: () => options.node()?.status.allocatable ?? {},
    },
  };
  const images = await openImageManager(
    { ...deps, events, secret: sources.secret },
    {
      ...settings,
      recordsDir: join(options.dataDir, 'image_manager'),
      credentialProviders: options.credentialProviders,
    },
  );
  const imageVolumes = new ImageVolumes({ cri, mounter: systemMounter });
  const volumes = podVolumes(deps, { podsDir, sources, tokens, imageVolumes });
  const runtime = new CriRuntime(
    {
      ...deps,
      ...options,
      ...{ events, images, volumes, imageVolumes },
      seccompDir: join(options.dataDir, 'seccomp'),
      sources: {
        ...sources,
        services: (namespace) => servicesFor(services, namespace),
        volumeFile: (...of) => volumes.readFile(...of),
      },
      hostResolver: parseResolvConf(await readFile('/etc/resolv.conf', 'utf8').catch(() => '')),
      hostIp: () => nodeIp,
      handlerOf: (pod, signal) => runtimeHandler(client, pod, signal),
      abilities: (signal) => readAbilities(cri, signal),
    },
    inspector,
  );
  const probes = stack.use(podProbes(deps, options, { events, wake: (uid) => workers.wake(uid) }));
  const allocations = await Allocations.open(podsDir);
  const workers: PodWorkers = stack.use(
    new PodWorkers({
      ...{ runtime, volumes, probes, statuses, events, clock, log, cgroups, allocations },
      admission: nodeAdmission({ allocations, devices }, options),
      hostIp: () => nodeIp,
      giveBack: (uid) => devices.release(uid),
      hashOf: containerHash,
      contents: podContents({ objects, volumes, tokens, images }, options.gone),
    }),
  );
  const owned = stack.move();
  return {
    ...{ workers, runtime, statuses, volumes, images, probes, events },
    ready: (signal) => services.synced(signal),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What the contents of volumes and the environment of containers are taken from. */
type Sources = Pick<ProjectionSources, 'configMap' | 'secret' | 'fields'>;

/** Of whose services a container is told. */
function servicesFor(services: Informer<Service>, namespace: string): readonly Service[] {
  return [...services.list(namespace), ...(namespace === 'default' ? [] : services.list('default'))];
}

function podVolumes(
  { client, clock }: PodAgentDeps,
  {
    podsDir,
    sources,
    tokens,
    imageVolumes,
  }: {
    readonly podsDir: string;
    readonly sources: Sources;
    readonly tokens: TokenManager;
    readonly imageVolumes: ImageVolumes;
  },
): VolumeManager {
  return new VolumeManager({
    podsDir,
    mounter: systemMounter,
    images: imageVolumes,
    stamp: stampsOf(clock),
    persistentVolume: (pod, volume, claimName) => claimedVolume(client, pod, volume, claimName),
    sources: { ...sources, token: (pod, audience, seconds) => tokens.token(pod, audience, seconds) },
  });
}

function podProbes(
  { cri, clock, random }: PodAgentDeps,
  { version }: PodAgentOptions,
  { events, wake }: { readonly events: PodEvents; readonly wake: (uid: string) => void },
): ProbeManager {
  const exec: Parameters<typeof probeAction>[0]['exec'] = (id, command, limits) =>
    execInContainer(cri, id, command, limits);
  return new ProbeManager({
    ...{ clock, random },
    act: probeAction({ clock, exec }, { version: minorOf(version) }),
    changed: wake,
    unhealthy: ({ pod, container }, message) => events.container(pod, container.name, 'Warning', 'Unhealthy', message),
  });
}

function podContents(
  {
    objects,
    volumes,
    tokens,
    images,
  }: {
    readonly objects: ReferencedObjects;
    readonly volumes: VolumeManager;
    readonly tokens: TokenManager;
    readonly images: ImageManager;
  },
  gone: (uid: string) => void,
): PodContents {
  return {
    follow: (pod) => objects.follow(pod),
    refresh: (pod) => volumes.refresh(pod),
    refreshAt: (uid) => tokens.renewalOf(uid),
    release(uid) {
      objects.forget(uid);
      tokens.forget(uid);
    },
    forget(uid) {
      objects.forget(uid);
      tokens.forget(uid);
      images.forget(uid);
      gone(uid);
    },
  };
}

function nodeAdmission(
  { allocations, devices }: { readonly allocations: Allocations; readonly devices: DeviceManager },
  options: PodAgentOptions,
): PodAdmission {
  const { settings, situation } = options;
  const allowedSysctls = settings.allowedUnsafeSysctls;
  const inputs = (others: readonly Pod[]) => {
    const node = options.node();
    const { abilities, pressures, shuttingDown } = situation;
    assert(node && abilities, 'the node is known before pods are taken');
    return { others, node: withoutDevices(node, devices), abilities, allowedSysctls, pressures, shuttingDown };
  };
  return {
    admit(pod, others) {
      const wasAdmitted = pod.status.startTime !== undefined && allocations.has(pod.metadata.uid);
      return admitPod(pod, { ...inputs(others), wasAdmitted });
    },
    resize: (pod, others) => admitResize(pod, inputs(others)),
    equip: (pod, signal) => devices.allocate(pod, signal),
  };
}

/** Devices are given out one by one: who has them knows better than the node's status how many are left. */
function withoutDevices(node: Node, devices: DeviceManager): Node {
  const { capacity } = devices.amounts();
  const allocatable = pickResources(node.status.allocatable ?? {}, (name) => capacity[name] === undefined);
  return { ...node, status: { ...node.status, allocatable } };
}

/** Names that sort by time and are never given twice. */
function stampsOf(clock: Clock): () => string {
  let count = 0;
  return () => `${new Date(clock.now()).toISOString().replace(/[-:T]/g, '_').replace('Z', '')}.${count++}`;
}

/** `1.36` of `v1.36.0` */
function minorOf(version: string): string {
  return version.replace(/^v/, '').split('.').slice(0, 2).join('.');
}
