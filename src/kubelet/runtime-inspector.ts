// What the runtime holds of pods, read over CRI and told in the agent's own terms. What does not change any more is asked
// for once: the status of a container while its state stays, the addresses of a sandbox.

import type { ContainerStatus, Container as CriContainer } from '../cri/container-messages.ts';
import type { Cri } from '../cri/cri.ts';
import type { PodSandbox } from '../cri/sandbox-messages.ts';
import {
  SPEC_HASH_ANNOTATION,
  TERMINATION_HOST_PATH_ANNOTATION,
  TERMINATION_POLICY_ANNOTATION,
} from './container-config.ts';
import { ifFound } from './if-found.ts';
import type { RuntimeContainer, RuntimePod, RuntimeSandbox } from './runtime-pod.ts';
import { CONTAINER_NAME_LABEL, POD_NAME_LABEL, POD_NAMESPACE_LABEL, POD_UID_LABEL } from './sandbox-config.ts';
import { terminationMessage } from './termination-message.ts';

/** A pod that the runtime holds, by its labels. */
export interface PodOnRuntime {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
}

/** What has been read of one pod, by id. */
interface Known {
  readonly sandboxes: ReadonlyMap<string, RuntimeSandbox>;
  readonly containers: ReadonlyMap<string, RuntimeContainer>;
}

const NOTHING: Known = { sandboxes: new Map(), containers: new Map() };

export class RuntimeInspector {
  readonly #cri: Cri;
  /** By pod uid; no more than what the runtime held at the last look. */
  readonly #known = new Map<string, Known>();

  constructor({ cri }: { readonly cri: Cri }) {
    this.#cri = cri;
  }

  /** Every pod that the runtime holds anything of. */
  async pods(signal: AbortSignal): Promise<readonly PodOnRuntime[]> {
    const [{ items }, { containers }] = await Promise.all([
      this.#cri.listPodSandbox({}, { signal }),
      this.#cri.listContainers({}, { signal }),
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
    const filter = { labelSelector: { [POD_UID_LABEL]: uid } };
    const [{ items }, listed] = await Promise.all([
      this.#cri.listPodSandbox({ filter }, { signal }),
      this.#cri.listContainers({ filter }, { signal }),
    ]);
    const known = this.#known.get(uid) ?? NOTHING;
    const [sandboxes, containers] = await Promise.all([
      Promise.all(items.map((item) => this.#sandbox(item, known, signal))),
      Promise.all(listed.containers.map((item) => this.#container(item, known, signal))),
    ]);
    const pod = {
      uid,
      name: items[0]?.metadata?.name ?? '',
      namespace: items[0]?.metadata?.namespace ?? '',
      sandboxes: present(sandboxes).sort((a, b) => b.createdAt - a.createdAt || b.attempt - a.attempt),
      containers: present(containers).sort((a, b) => b.createdAt - a.createdAt || b.attempt - a.attempt),
    };
    if (pod.sandboxes.length + pod.containers.length === 0) this.#known.delete(uid);
    else this.#known.set(uid, { sandboxes: byId(pod.sandboxes), containers: byId(pod.containers) });
    return pod;
  }

  /** The container has been changed while it runs: what is known of it is asked for again. */
  changed(uid: string): void {
    const known = this.#known.get(uid);
    if (known) this.#known.set(uid, { ...known, containers: new Map() });
  }

  async #sandbox(listed: PodSandbox, known: Known, signal: AbortSignal): Promise<RuntimeSandbox | undefined> {
    const ready = listed.state === 'SANDBOX_READY';
    const before = known.sandboxes.get(listed.id);
    if (before && before.ready === ready) return before;
    const answer = await ifFound(this.#cri.podSandboxStatus({ podSandboxId: listed.id }, { signal }));
    const status = answer?.status;
    if (!status) return undefined;
    const ips = [status.network?.ip ?? '', ...(status.network?.additionalIps ?? []).map(({ ip }) => ip)];
    return {
      id: listed.id,
      attempt: status.metadata?.attempt ?? 0,
      ready: status.state === 'SANDBOX_READY',
      createdAt: status.createdAt,
      ips: ips.filter((ip) => ip !== ''),
      hostNetwork: status.linux?.namespaces?.options?.network === 'NODE',
    };
  }

  async #container(listed: CriContainer, known: Known, signal: AbortSignal): Promise<RuntimeContainer | undefined> {
    const state = STATES[listed.state];
    const before = known.containers.get(listed.id);
    if (before?.state === state && state !== 'created') return before;
    const answer = await ifFound(this.#cri.containerStatus({ containerId: listed.id }, { signal }));
    return answer?.status && describe(answer.status, listed);
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
  const { annotations, user } = status;
  const linux = status.resources?.linux;
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
    resources: linux && {
      cpuShares: linux.cpuShares,
      cpuQuota: linux.cpuQuota,
      cpuPeriod: linux.cpuPeriod,
      memoryBytes: linux.memoryLimitInBytes,
    },
    user: user?.linux,
  };
}

function present<T>(items: readonly (T | undefined)[]): T[] {
  return items.filter((item) => item !== undefined);
}

function byId<T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}
