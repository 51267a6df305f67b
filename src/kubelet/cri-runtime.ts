// Pods on a CRI runtime: the calls that make a sandbox or a container come and go. What there is, is read in
// runtime-inspector.ts; when something comes or goes is decided in pod-plan.ts and pod-worker.ts.

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/message-of.ts';
import { Slots } from '../base/slots.ts';
import { type Cri, CriError } from '../cri/cri.ts';
import type { Image, ImageSpec } from '../cri/image-messages.ts';
import type { PodCgroups } from './cgroups.ts';
import { containerConfig } from './container-config.ts';
import { containerMounts, removeTerminationMessage } from './container-mounts.ts';
import type { DeviceManager } from './devices/device-manager.ts';
import type { ClusterDns, ResolverConfig } from './dns-config.ts';
import { containerEnvironment, type EnvironmentSources } from './environment.ts';
import { ifFound } from './if-found.ts';
import type { ImageManager } from './images/image-manager.ts';
import { type HookTarget, runHook } from './lifecycle-hook.ts';
import { containerLogPath, podLogDirectory, removeLogs } from './logs/log-files.ts';
import { type NodeAbilities, sandboxRefusal } from './node-abilities.ts';
import { rootRefusal } from './non-root.ts';
import { ContainerStartError, type PodEvents, type PodRuntime, type StopOptions } from './pod-parts.ts';
import { containerResources } from './resources.ts';
import type { PodOnRuntime, RuntimeInspector } from './runtime-inspector.ts';
import {
  allContainers,
  newestContainer,
  type RuntimeContainer,
  type RuntimePod,
  type RuntimeSandbox,
} from './runtime-pod.ts';
import { sandboxConfig } from './sandbox-config.ts';
import type { ImageVolumes } from './volumes/image-volumes.ts';
import type { VolumeManager } from './volumes/volume-manager.ts';

export interface CriRuntimeDeps {
  readonly cri: Cri;
  readonly images: ImageManager;
  readonly volumes: VolumeManager;
  readonly imageVolumes: ImageVolumes;
  readonly devices: Pick<DeviceManager, 'prepare'>;
  readonly cgroups: PodCgroups;
  readonly sources: EnvironmentSources;
  readonly events: PodEvents;
  readonly clock: Clock;
  readonly clusterDns: ClusterDns;
  readonly hostResolver: ResolverConfig;
  readonly hostIp: () => string;
  /** A directory for each pod: volumes, hosts file, termination messages. */
  readonly podsDir: string;
  readonly logsDir: string;
  readonly nodeMemoryBytes: number;
  readonly processors: number;
  /** Which of the runtime's handlers runs the pod; empty for its default. */
  readonly handlerOf: (pod: Pod, signal: AbortSignal) => Promise<string>;
  /** Where profiles that pods name with seccompProfile.localhostProfile are. */
  readonly seccompDir: string;
  readonly abilities: (signal: AbortSignal) => Promise<NodeAbilities>;
}

/** The shortest time that a container is given to end by itself. Upstream: minimumGracePeriodInSeconds. */
const MIN_STOP_SECONDS = 2;
/** Most of a start is work of the runtime's processes: more of them at once only take longer. */
const STARTS_PER_PROCESSOR = 4;
/** A start that takes longer waits for something, and does not keep others from theirs. */
const START_PATIENCE_MS = 5_000;
/** Former attempts of a container that are kept for their logs and status, besides the newest. */
const KEPT_ATTEMPTS = 1;

export class CriRuntime implements PodRuntime {
  readonly #deps: CriRuntimeDeps;
  readonly #inspector: RuntimeInspector;
  /** All that a runtime is asked for at once it works at at once, so that the first pod is ready when the last one is. */
  readonly #starts: Slots;

  constructor(deps: CriRuntimeDeps, inspector: RuntimeInspector) {
    this.#deps = deps;
    this.#inspector = inspector;
    const patience = { clock: deps.clock, ms: START_PATIENCE_MS };
    this.#starts = new Slots(STARTS_PER_PROCESSOR * deps.processors, { patience });
  }

  inspect(uid: string, signal: AbortSignal): Promise<RuntimePod> {
    return this.#inspector.inspect(uid, signal);
  }

  async createSandbox(pod: Pod, attempt: number, signal: AbortSignal): Promise<void> {
    const runtimeHandler = await this.#deps.handlerOf(pod, signal);
    const refusal = pod.spec.hostUsers === false && sandboxRefusal(pod, await this.#deps.abilities(signal));
    if (refusal) throw new Error(refusal);
    await mkdir(this.#logDirectory(pod.metadata), { recursive: true, mode: 0o755 });
    const cgroupParent = await this.#deps.cgroups.create(pod);
    const config = this.#sandboxConfig(pod, attempt, cgroupParent);
    await this.#starts.run(() => this.#deps.cri.runPodSandbox({ config, runtimeHandler }, { signal }), { signal });
  }

  async startContainer(
    pod: Pod,
    container: Container,
    runtime: RuntimePod,
    attempt: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { cri, events, images, cgroups } = this.#deps;
    const [sandbox] = runtime.sandboxes;
    if (!sandbox?.ready) throw new ContainerStartError('RunContainerError', 'the pod has no sandbox that is ready');
    const tell = (reason: string, message: string) => events.container(pod, container.name, 'Normal', reason, message);
    const imageVolumes = await this.#imageVolumes(pod, container, signal);
    const image = await images.ensure(pod, container, signal);
    const config = await this.#containerConfig(pod, container, runtime, { attempt, image, imageVolumes, signal });
    const ownSandboxConfig = this.#sandboxConfig(pod, sandbox.attempt, cgroups.pathOf(pod));
    const start = async () => {
      const { containerId } = await this.#orStartError('CreateContainerError', pod, container, () =>
        cri.createContainer({ podSandboxId: sandbox.id, config, sandboxConfig: ownSandboxConfig }, { signal }),
      );
      tell('Created', 'Container created');
      await this.#orStartError('RunContainerError', pod, container, () =>
        cri.startContainer({ containerId }, { signal }),
      );
      tell('Started', 'Container started');
      return containerId;
    };
    // A pod that has begun is finished first.
    const containerId = await this.#starts.run(start, { urgent: true, signal });
    await this.#postStart(pod, { container, containerId, podIp: this.#ipOf(sandbox) }, signal);
    await this.#dropOldAttempts(pod, runtime, container.name, signal);
  }

  /** To what the container as it is given asks for, while it runs. */
  async resizeContainer(pod: Pod, container: Container, containerId: string, signal: AbortSignal): Promise<void> {
    const linux = containerResources(pod, container, this.#deps.nodeMemoryBytes);
    await this.#deps.cri.updateContainerResources({ containerId, linux }, { signal });
    this.#inspector.changed(pod.metadata.uid);
  }

  async memoryOf(containerId: string, signal: AbortSignal): Promise<number | undefined> {
    const answer = await ifFound(this.#deps.cri.containerStats({ containerId }, { signal }));
    return answer?.stats?.memory?.usageBytes ?? answer?.stats?.memory?.workingSetBytes;
  }

  async stopContainer(
    pod: Pod,
    container: RuntimeContainer,
    { graceSeconds, preStop }: StopOptions,
    signal: AbortSignal,
  ): Promise<void> {
    const { cri, clock, events } = this.#deps;
    const startedAt = clock.elapsed();
    const spec = allContainers(pod).find(({ name }) => name === container.name);
    if (preStop && spec?.lifecycle?.preStop && graceSeconds > 0) {
      const target = { container: spec, containerId: container.id, podIp: pod.status.podIP ?? this.#deps.hostIp() };
      try {
        await runHook({ cri, clock }, spec.lifecycle.preStop, target, { timeoutMs: graceSeconds * 1000, signal });
      } catch {
        signal.throwIfAborted();
        // What went wrong may hold secrets of the server that was asked: upstream keeps it out of the event, too.
        events.container(pod, container.name, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
      }
    }
    const left = Math.ceil(graceSeconds - (clock.elapsed() - startedAt) / 1000);
    const timeout = Math.max(MIN_STOP_SECONDS, left);
    await ifFound(cri.stopContainer({ containerId: container.id, timeout }, { signal }));
  }

  async stopSandboxes({ sandboxes }: RuntimePod, signal: AbortSignal): Promise<void> {
    const { cri } = this.#deps;
    await Promise.all(sandboxes.map(({ id }) => ifFound(cri.stopPodSandbox({ podSandboxId: id }, { signal }))));
  }

  async remove(pod: Pod, { containers, sandboxes }: RuntimePod, signal: AbortSignal): Promise<void> {
    const { cri, cgroups } = this.#deps;
    await Promise.all(containers.map(({ id }) => ifFound(cri.removeContainer({ containerId: id }, { signal }))));
    await Promise.all(sandboxes.map(({ id }) => ifFound(cri.removePodSandbox({ podSandboxId: id }, { signal }))));
    await cgroups.remove(pod);
    await rm(this.#logDirectory(pod.metadata), { recursive: true, force: true });
  }

  /** Takes away a container that does not run, with its log and its last words. */
  async removeContainer(
    { uid, name, namespace }: PodOnRuntime,
    { id, name: container, attempt }: Pick<RuntimeContainer, 'id' | 'name' | 'attempt'>,
    signal: AbortSignal,
  ): Promise<void> {
    const { cri, podsDir } = this.#deps;
    await ifFound(cri.removeContainer({ containerId: id }, { signal }));
    const logs = this.#logDirectory({ uid, name, namespace });
    await removeLogs(join(logs, containerLogPath(container, attempt)));
    await removeTerminationMessage(join(podsDir, uid), container, attempt);
  }

  /** Where the container's log is. */
  logPath(pod: Pod, containerName: string, attempt: number): string {
    return join(this.#logDirectory(pod.metadata), containerLogPath(containerName, attempt));
  }

  /** Where the logs of all its attempts are. */
  logDirectory(pod: Pod, containerName: string): string {
    return join(this.#logDirectory(pod.metadata), containerName);
  }

  /** Pulls the images that the container has as volumes. Resolves with those that the runtime is to mount itself. */
  async #imageVolumes(pod: Pod, container: Container, signal: AbortSignal): Promise<ReadonlyMap<string, ImageSpec>> {
    const { images, imageVolumes, volumes } = this.#deps;
    const forRuntime = new Map<string, ImageSpec>();
    for (const { name, image: source } of pod.spec.volumes ?? []) {
      if (!source || !container.volumeMounts?.some((mount) => mount.name === name)) continue;
      const image = await images.ensureVolume(pod, source, signal);
      await this.#orStartError('CreateContainerError', pod, container, async () => {
        if (await imageVolumes.areMountedByRuntime(signal)) {
          forRuntime.set(name, { image: image.id, userSpecifiedImage: source.reference });
        } else {
          await imageVolumes.mount(pod, { directory: volumes.pathOf(pod, name), image, name }, signal);
        }
      });
    }
    return forRuntime;
  }

  async #containerConfig(pod: Pod, container: Container, runtime: RuntimePod, making: Making) {
    const { attempt, image, imageVolumes, signal } = making;
    const { sources, volumes, podsDir, clusterDns, nodeMemoryBytes, seccompDir, events } = this.#deps;
    const [sandbox] = runtime.sandboxes;
    const imageUser = { uid: image.uid, username: image.username };
    try {
      const refusal = rootRefusal(pod, container, imageUser);
      if (refusal !== undefined) throw new Error(refusal);
      const environment = await containerEnvironment(sources, pod, container);
      const { mounts, terminationMessageFile } = await containerMounts(pod, container, {
        abilities: () => this.#deps.abilities(signal),
        volumes,
        podDir: join(podsDir, pod.metadata.uid),
        attempt,
        environment,
        podIps: sandbox?.hostNetwork ? [this.#ipOf(sandbox)] : (sandbox?.ips ?? []),
        clusterDomain: clusterDns.domain,
        images: imageVolumes,
      });
      const devices = await this.#deps.devices.prepare(pod, container, signal);
      return containerConfig(pod, container, {
        ...{ attempt, imageRef: image.id, imageUser, environment, mounts, nodeMemoryBytes, terminationMessageFile },
        ...{ seccompDir, devices, targetId: targetIdOf(pod, container, runtime) },
      });
    } catch (cause) {
      const message = messageOf(cause);
      events.container(pod, container.name, 'Warning', 'Failed', `Error: ${message}`);
      throw new ContainerStartError('CreateContainerConfigError', message, { cause });
    }
  }

  async #orStartError<T>(reason: string, pod: Pod, container: Container, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (cause) {
      const message = cause instanceof CriError ? cause.details : messageOf(cause);
      this.#deps.events.container(pod, container.name, 'Warning', 'Failed', `Error: ${message}`);
      throw new ContainerStartError(reason, message, { cause });
    }
  }

  /** A container whose postStart fails is killed: it counts as one that did not start. */
  async #postStart(pod: Pod, target: HookTarget, signal: AbortSignal): Promise<void> {
    const { container, containerId } = target;
    const postStart = container.lifecycle?.postStart;
    if (!postStart) return;
    const { cri, clock, events } = this.#deps;
    try {
      await runHook({ cri, clock }, postStart, target, { timeoutMs: undefined, signal });
    } catch (cause) {
      signal.throwIfAborted();
      events.container(pod, container.name, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
      events.container(pod, container.name, 'Normal', 'Killing', 'FailedPostStartHook');
      const timeout = pod.spec.terminationGracePeriodSeconds ?? 30;
      await ifFound(cri.stopContainer({ containerId, timeout }, { signal }));
      throw new ContainerStartError('PostStartHookError', messageOf(cause), { cause });
    }
  }

  /** Of a container that is started again and again only the last attempts stay, and of their sandboxes. */
  async #dropOldAttempts(pod: Pod, runtime: RuntimePod, name: string, signal: AbortSignal): Promise<void> {
    const { cri } = this.#deps;
    const former = runtime.containers.filter((container) => container.name === name && container.state !== 'running');
    const dropped = former.slice(KEPT_ATTEMPTS);
    for (const container of dropped) await this.removeContainer(pod.metadata, container, signal);
    const kept = runtime.containers.filter((container) => !dropped.includes(container));
    const used = new Set(kept.map(({ sandboxId }) => sandboxId));
    for (const { id } of runtime.sandboxes.slice(1)) {
      if (!used.has(id)) await ifFound(cri.removePodSandbox({ podSandboxId: id }, { signal }));
    }
  }

  #ipOf(sandbox: RuntimeSandbox): string {
    return sandbox.ips[0] ?? this.#deps.hostIp();
  }

  #sandboxConfig(pod: Pod, attempt: number, cgroupParent: string) {
    const { clusterDns, hostResolver } = this.#deps;
    const logDirectory = this.#logDirectory(pod.metadata);
    return sandboxConfig(pod, attempt, { clusterDns, hostResolver, logDirectory, cgroupParent });
  }

  #logDirectory(pod: PodOnRuntime): string {
    return podLogDirectory(this.#deps.logsDir, pod);
  }
}

interface Making {
  readonly attempt: number;
  readonly image: Image;
  readonly imageVolumes: ReadonlyMap<string, ImageSpec>;
  readonly signal: AbortSignal;
}

/** The newest container of the name that an ephemeral container is aimed at. Throws when there is none. */
function targetIdOf(pod: Pod, { name }: Container, runtime: RuntimePod): string | undefined {
  const target = pod.spec.ephemeralContainers?.find((container) => container.name === name)?.targetContainerName;
  if (!target) return undefined;
  const found = newestContainer(runtime, target);
  if (!found) throw new Error(`unable to find target container ${target}`);
  return found.id;
}
