// Pods on a CRI runtime: what it holds of a pod, and the calls that make a sandbox or a container come or go.

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { ContainerStatus, Container as CriContainer } from '../cri/container-messages.ts';
import { type Cri, CriError } from '../cri/cri.ts';
import type { Image } from '../cri/image-messages.ts';
import type { PodCgroups } from './cgroups.ts';
import {
  containerConfig,
  SPEC_HASH_ANNOTATION,
  TERMINATION_HOST_PATH_ANNOTATION,
  TERMINATION_POLICY_ANNOTATION,
} from './container-config.ts';
import { containerMounts } from './container-mounts.ts';
import type { ClusterDns, ResolverConfig } from './dns-config.ts';
import { containerEnvironment, EnvironmentError, type EnvironmentSources } from './environment.ts';
import type { ImageManager } from './image-manager.ts';
import { runHook } from './lifecycle-hook.ts';
import { ContainerStartError, type PodEvents, type PodRuntime } from './pod-worker.ts';
import type { RuntimeContainer, RuntimePod, RuntimeSandbox } from './runtime-pod.ts';
import {
  CONTAINER_NAME_LABEL,
  POD_NAME_LABEL,
  POD_NAMESPACE_LABEL,
  POD_UID_LABEL,
  sandboxConfig,
} from './sandbox-config.ts';
import { terminationMessage } from './termination-message.ts';
import type { VolumeManager } from './volumes/volume-manager.ts';

export interface CriRuntimeDeps {
  readonly cri: Cri;
  readonly images: ImageManager;
  readonly volumes: VolumeManager;
  readonly cgroups: PodCgroups;
  readonly sources: EnvironmentSources;
  readonly events: PodEvents;
  readonly clock: Clock;
  readonly log: Logger;
  readonly clusterDns: ClusterDns;
  readonly hostResolver: ResolverConfig;
  readonly hostIp: () => string;
  /** A directory for each pod: volumes, hosts file, termination messages. */
  readonly podsDir: string;
  readonly logsDir: string;
  readonly nodeMemoryBytes: number;
}

/** A pod that the runtime holds, by its labels. */
export interface PodOnRuntime {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
}

/** The shortest time that a container is given to end by itself when it is not killed outright. */
const MIN_STOP_SECONDS = 2;
/** Former attempts of a container that are kept for their logs and status, besides the newest. */
const KEPT_ATTEMPTS = 1;

export class CriRuntime implements PodRuntime {
  readonly #deps: CriRuntimeDeps;
  /** Containers whose status will not change any more, or not before their state does; by id. */
  readonly #known = new Map<string, RuntimeContainer>();

  constructor(deps: CriRuntimeDeps) {
    this.#deps = deps;
  }

  /** Every pod that the runtime holds anything of. */
  async pods(signal?: AbortSignal): Promise<readonly PodOnRuntime[]> {
    const { cri } = this.#deps;
    const [{ items }, { containers }] = await Promise.all([
      cri.listPodSandbox({}, { signal }),
      cri.listContainers({}, { signal }),
    ]);
    const found = new Map<string, PodOnRuntime>();
    for (const { labels } of [...items, ...containers]) {
      const uid = labels[POD_UID_LABEL];
      if (!uid) continue;
      found.set(uid, { uid, name: labels[POD_NAME_LABEL] ?? '', namespace: labels[POD_NAMESPACE_LABEL] ?? '' });
    }
    return [...found.values()];
  }

  async inspect(uid: string, signal: AbortSignal): Promise<RuntimePod> {
    const { cri } = this.#deps;
    const labelSelector = { [POD_UID_LABEL]: uid };
    const [{ items }, { containers }] = await Promise.all([
      cri.listPodSandbox({ filter: { labelSelector } }, { signal }),
      cri.listContainers({ filter: { labelSelector } }, { signal }),
    ]);
    const newestFirst = items.toSorted((a, b) => b.createdAt - a.createdAt);
    const sandboxes = await Promise.all(newestFirst.map(({ id }) => this.#sandbox(id, signal)));
    const known = await Promise.all(containers.map((container) => this.#container(container, signal)));
    const [first] = newestFirst;
    return {
      uid,
      name: first?.metadata?.name ?? '',
      namespace: first?.metadata?.namespace ?? '',
      sandboxes: sandboxes.filter((sandbox) => sandbox !== undefined),
      containers: known
        .filter((container) => container !== undefined)
        .sort((a, b) => b.createdAt - a.createdAt || b.attempt - a.attempt),
    };
  }

  async createSandbox(pod: Pod, attempt: number, signal: AbortSignal): Promise<void> {
    await mkdir(this.#logDirectory(pod), { recursive: true, mode: 0o755 });
    const cgroupParent = await this.#deps.cgroups.create(pod);
    const config = this.#sandboxConfig(pod, attempt, cgroupParent);
    await this.#deps.cri.runPodSandbox({ config, runtimeHandler: '' }, { signal });
  }

  async startContainer(
    pod: Pod,
    container: Container,
    runtime: RuntimePod,
    attempt: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { cri, events } = this.#deps;
    const sandbox = runtime.sandboxes[0];
    if (!sandbox?.ready) throw new ContainerStartError('RunContainerError', 'the pod has no sandbox that is ready');
    const image = await this.#deps.images.ensure(pod, container, signal);
    const config = await this.#containerConfig(pod, container, sandbox, attempt, image);
    let containerId: string;
    try {
      const sandboxConfigOfPod = this.#sandboxConfig(pod, sandbox.attempt, this.#deps.cgroups.pathOf(pod));
      const made = await cri.createContainer(
        { podSandboxId: sandbox.id, config, sandboxConfig: sandboxConfigOfPod },
        { signal },
      );
      containerId = made.containerId;
    } catch (cause) {
      throw startError('CreateContainerError', cause, pod, container, events);
    }
    events.container(pod, container.name, 'Normal', 'Created', `Container created`);
    try {
      await cri.startContainer({ containerId }, { signal });
    } catch (cause) {
      throw startError('RunContainerError', cause, pod, container, events);
    }
    events.container(pod, container.name, 'Normal', 'Started', `Container started`);
    await this.#postStart(pod, container, containerId, sandbox, signal);
    await this.#dropOldAttempts(runtime, container.name);
  }

  async stopContainer(pod: Pod, container: RuntimeContainer, graceSeconds: number, _why: string): Promise<void> {
    const { cri, clock, events } = this.#deps;
    const started = clock.now();
    const spec = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find(
      ({ name }) => name === container.name,
    );
    const preStop = spec?.lifecycle?.preStop;
    if (spec && preStop && graceSeconds > 0) {
      const target = { container: spec, containerId: container.id, podIp: pod.status.podIP ?? '' };
      try {
        await runHook({ cri, clock }, preStop, target, AbortSignal.timeout(graceSeconds * 1000));
      } catch (error) {
        events.container(
          pod,
          container.name,
          'Warning',
          'FailedPreStopHook',
          `PreStopHook failed: ${messageOf(error)}`,
        );
      }
    }
    const left = graceSeconds - (clock.now() - started) / 1000;
    const timeout = graceSeconds === 0 ? 0 : Math.max(MIN_STOP_SECONDS, Math.ceil(left));
    await ignoreNotFound(cri.stopContainer({ containerId: container.id, timeout }));
  }

  async stopSandboxes(runtime: RuntimePod): Promise<void> {
    await Promise.all(
      runtime.sandboxes.map(({ id }) => ignoreNotFound(this.#deps.cri.stopPodSandbox({ podSandboxId: id }))),
    );
  }

  async remove(pod: Pod, runtime: RuntimePod): Promise<void> {
    const { cri } = this.#deps;
    for (const { id } of runtime.containers) {
      await ignoreNotFound(cri.removeContainer({ containerId: id }));
      this.#known.delete(id);
    }
    for (const { id } of runtime.sandboxes) await ignoreNotFound(cri.removePodSandbox({ podSandboxId: id }));
    await this.#deps.cgroups.remove(pod);
    await rm(this.#logDirectory(pod), { recursive: true, force: true });
  }

  /** Where the container's log is. */
  logPath(pod: Pod, containerName: string, attempt: number): string {
    return join(this.#logDirectory(pod), containerName, `${attempt}.log`);
  }

  async #sandbox(id: string, signal: AbortSignal): Promise<RuntimeSandbox | undefined> {
    const answer = await ignoreNotFound(this.#deps.cri.podSandboxStatus({ podSandboxId: id }, { signal }));
    const status = answer?.status;
    if (!status) return undefined;
    const ips = [status.network?.ip ?? '', ...(status.network?.additionalIps ?? []).map(({ ip }) => ip)];
    return {
      id,
      attempt: status.metadata?.attempt ?? 0,
      ready: status.state === 'SANDBOX_READY',
      createdAt: status.createdAt,
      ips: ips.filter((ip) => ip !== ''),
      hostNetwork: status.linux?.namespaces?.options?.network === 'NODE',
    };
  }

  async #container(listed: CriContainer, signal: AbortSignal): Promise<RuntimeContainer | undefined> {
    const state = STATES[listed.state];
    const known = this.#known.get(listed.id);
    if (known?.state === state && state !== 'created') return known;
    const answer = await ignoreNotFound(this.#deps.cri.containerStatus({ containerId: listed.id }, { signal }));
    if (!answer?.status) return undefined;
    const container = await describe(answer.status, listed);
    this.#known.set(listed.id, container);
    return container;
  }

  async #containerConfig(pod: Pod, container: Container, sandbox: RuntimeSandbox, attempt: number, image: Image) {
    const { sources, volumes, podsDir, clusterDns, nodeMemoryBytes, hostIp } = this.#deps;
    try {
      checkNonRoot(pod, container, image);
      const environment = await containerEnvironment(sources, pod, container);
      const { mounts, terminationMessageFile } = await containerMounts(pod, container, {
        volumes,
        podDir: join(podsDir, pod.metadata.uid),
        attempt,
        environment,
        podIps: sandbox.hostNetwork ? [hostIp()] : sandbox.ips,
        clusterDomain: clusterDns.domain,
      });
      return containerConfig(pod, container, {
        attempt,
        imageRef: image.id,
        imageUser: { uid: image.uid, username: image.username },
        environment,
        mounts,
        nodeMemoryBytes,
        terminationMessageFile,
      });
    } catch (cause) {
      if (cause instanceof ContainerStartError) throw cause;
      const message = messageOf(cause);
      this.#deps.events.container(pod, container.name, 'Warning', 'Failed', `Error: ${message}`);
      const reason = cause instanceof EnvironmentError ? 'CreateContainerConfigError' : 'CreateContainerError';
      throw new ContainerStartError(reason, message, { cause });
    }
  }

  async #postStart(
    pod: Pod,
    container: Container,
    containerId: string,
    sandbox: RuntimeSandbox,
    signal: AbortSignal,
  ): Promise<void> {
    const postStart = container.lifecycle?.postStart;
    if (!postStart) return;
    const { cri, clock, events } = this.#deps;
    try {
      await runHook({ cri, clock }, postStart, { container, containerId, podIp: sandbox.ips[0] ?? '' }, signal);
    } catch (cause) {
      signal.throwIfAborted();
      events.container(
        pod,
        container.name,
        'Warning',
        'FailedPostStartHook',
        `PostStartHook failed: ${messageOf(cause)}`,
      );
      const grace = pod.spec.terminationGracePeriodSeconds ?? 30;
      events.container(pod, container.name, 'Normal', 'Killing', 'FailedPostStartHook');
      await ignoreNotFound(cri.stopContainer({ containerId, timeout: grace }));
      throw new ContainerStartError('PostStartHookError', messageOf(cause), { cause });
    }
  }

  async #dropOldAttempts(runtime: RuntimePod, name: string): Promise<void> {
    const old = runtime.containers.filter((container) => container.name === name && container.state !== 'running');
    for (const { id } of old.slice(KEPT_ATTEMPTS)) {
      await ignoreNotFound(this.#deps.cri.removeContainer({ containerId: id }));
      this.#known.delete(id);
    }
  }

  #sandboxConfig(pod: Pod, attempt: number, cgroupParent: string) {
    const { clusterDns, hostResolver } = this.#deps;
    return sandboxConfig(pod, attempt, {
      clusterDns,
      hostResolver,
      logDirectory: this.#logDirectory(pod),
      cgroupParent,
    });
  }

  #logDirectory({ metadata: { namespace, name, uid } }: Pod): string {
    return join(this.#deps.logsDir, `${namespace}_${name}_${uid}`);
  }
}

const STATES = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
  CONTAINER_UNKNOWN: 'unknown',
} as const satisfies Record<CriContainer['state'], RuntimeContainer['state']>;

async function describe(status: ContainerStatus, listed: CriContainer): Promise<RuntimeContainer> {
  const exited = status.state === 'CONTAINER_EXITED';
  const { annotations } = status;
  return {
    id: status.id,
    sandboxId: listed.podSandboxId,
    name: status.labels[CONTAINER_NAME_LABEL] ?? status.metadata?.name ?? '',
    attempt: status.metadata?.attempt ?? 0,
    state: STATES[status.state],
    createdAt: status.createdAt,
    startedAt: status.startedAt || undefined,
    finishedAt: status.finishedAt || undefined,
    exitCode: exited ? status.exitCode : undefined,
    reason: status.reason,
    message: exited
      ? (await terminationMessage({
          file: annotations[TERMINATION_HOST_PATH_ANNOTATION],
          policy: annotations[TERMINATION_POLICY_ANNOTATION] ?? 'File',
          logFile: status.logPath,
          failed: status.exitCode !== 0,
        })) || status.message
      : '',
    image: status.image?.image ?? '',
    imageId: status.imageRef,
    specHash: annotations[SPEC_HASH_ANNOTATION] ?? '',
  };
}

/** runAsNonRoot holds for users by number; a name says nothing that could be checked before the container runs. */
function checkNonRoot(pod: Pod, container: Container, image: Image): void {
  const own = container.securityContext;
  const shared = pod.spec.securityContext;
  if ((own?.runAsNonRoot ?? shared?.runAsNonRoot) !== true) return;
  const user = own?.runAsUser ?? shared?.runAsUser;
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`;
  if (user === 0) throw new EnvironmentError(`container's runAsUser breaks non-root policy ${where}`);
  if (user !== undefined) return;
  if (image.username !== '') {
    throw new EnvironmentError(
      `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`,
    );
  }
  if ((image.uid ?? 0) === 0)
    throw new EnvironmentError(`container has runAsNonRoot and image will run as root ${where}`);
}

function startError(
  reason: string,
  cause: unknown,
  pod: Pod,
  container: Container,
  events: PodEvents,
): ContainerStartError {
  const message = cause instanceof CriError ? cause.details : messageOf(cause);
  events.container(pod, container.name, 'Warning', 'Failed', `Error: ${message}`);
  return new ContainerStartError(reason, message, { cause });
}

async function ignoreNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof CriError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
