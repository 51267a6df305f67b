// Takes away what nobody needs of containers: pods that are no longer in the API, dead containers beyond the last one,
// sandboxes that are down, logs of pods that are gone. Upstream: pkg/kubelet/kuberuntime/kuberuntime_gc.go.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container } from '../../cri/container-messages.ts';
import type { Cri } from '../../cri/cri.ts';
import { listIfThere } from '../../cri/if-there.ts';
import type { PodSandbox } from '../../cri/sandbox-messages.ts';
import type { CriRuntime } from '../cri-runtime.ts';
import { ifFound } from '../if-found.ts';
import { isEnding } from '../pod-record.ts';
import type { PodWorkers } from '../pod-workers.ts';
import type { RuntimeInspector } from '../runtime-inspector.ts';
import { CONTAINER_NAME_LABEL, POD_NAME_LABEL, POD_NAMESPACE_LABEL, POD_UID_LABEL } from '../sandbox-config.ts';
import { deadContainers, deadSandboxes, type ListedSandbox } from './dead-containers.ts';

export interface ContainerGarbageDeps {
  readonly cri: Pick<Cri, 'listContainers' | 'listPodSandbox' | 'stopPodSandbox' | 'removePodSandbox'>;
  readonly runtime: Pick<CriRuntime, 'removeContainer'>;
  readonly inspector: Pick<RuntimeInspector, 'pods'>;
  readonly workers: Pick<PodWorkers, 'takeOrphans' | 'uids' | 'record'>;
  /** The pods that have a directory on this node. */
  readonly onDisk: () => Promise<readonly string[]>;
  readonly logsDir: string;
}

/** Dead ones of each container, besides the one that runs. */
const KEPT = 1;

export class ContainerGarbage {
  readonly #deps: ContainerGarbageDeps;

  constructor(deps: ContainerGarbageDeps) {
    this.#deps = deps;
  }

  /** Has those pods ended of which runtime or disk hold something, and nobody knows anything any more. */
  async endOrphans(signal: AbortSignal): Promise<void> {
    const { inspector, workers, onDisk } = this.#deps;
    // One that is forgotten while the lists are asked for has ended, and may be in them all the same.
    const known = new Set(workers.uids());
    const [onRuntime, directories] = await Promise.all([inspector.pods(signal), onDisk()]);
    workers.takeOrphans(
      onRuntime.filter(({ uid }) => !known.has(uid)),
      directories.filter((uid) => !known.has(uid)),
    );
  }

  /** `settledToo`: pods whose work is done lose their containers as well, with their logs. */
  async collect({ settledToo }: { readonly settledToo: boolean }, signal: AbortSignal): Promise<void> {
    const { cri, runtime, workers } = this.#deps;
    await this.endOrphans(signal);
    const [{ items }, listed] = await Promise.all([
      cri.listPodSandbox({}, { signal }),
      cri.listContainers({}, { signal }),
    ]);
    const isKnown = ({ uid }: { readonly uid: string }) => {
      const record = workers.record(uid);
      return record !== undefined && (record.settled || !isEnding(record)); // Whoever ends takes away his own.
    };
    const isDone = (uid: string) => settledToo && workers.record(uid)?.settled === true;
    const containers = listed.containers.map(containerOf).filter(isKnown);
    const dead = deadContainers(containers, { kept: KEPT, isDone });
    for (const container of dead) await runtime.removeContainer(container.pod, container, signal);
    const alive = containers.filter((container) => !dead.some(({ id }) => id === container.id));
    const down = deadSandboxes(items.map(sandboxOf).filter(isKnown), alive, isDone);
    for (const { id } of down) {
      await ifFound(cri.stopPodSandbox({ podSandboxId: id }, { signal }));
      await ifFound(cri.removePodSandbox({ podSandboxId: id }, { signal }));
    }
    await this.#removeLogs();
  }

  /** A pod's directory goes with the pod, but for an agent that was killed in between. */
  async #removeLogs(): Promise<void> {
    const { logsDir, workers } = this.#deps;
    for (const { name } of await listIfThere(logsDir)) {
      const uid = name.slice(name.lastIndexOf('_') + 1);
      if (!workers.record(uid)) await rm(join(logsDir, name), { recursive: true, force: true });
    }
  }
}

type Labels = Readonly<Record<string, string>>;

function podOf(labels: Labels) {
  return {
    uid: labels[POD_UID_LABEL] ?? '',
    name: labels[POD_NAME_LABEL] ?? '',
    namespace: labels[POD_NAMESPACE_LABEL] ?? '',
  };
}

function containerOf({ id, labels, podSandboxId, state, metadata, createdAt }: Container) {
  const pod = podOf(labels);
  return {
    ...{ id, pod, uid: pod.uid },
    name: labels[CONTAINER_NAME_LABEL] ?? '',
    sandboxId: podSandboxId,
    // One whose state is not known may be running for all one knows: its pod's worker stops it first.
    isRunning: state === 'CONTAINER_RUNNING' || state === 'CONTAINER_UNKNOWN',
    attempt: metadata?.attempt ?? 0,
    createdMs: createdAt,
  };
}

function sandboxOf({ id, labels, state, metadata, createdAt }: PodSandbox): ListedSandbox {
  const isReady = state === 'SANDBOX_READY';
  return { id, uid: podOf(labels).uid, isReady, attempt: metadata?.attempt ?? 0, createdMs: createdAt };
}
