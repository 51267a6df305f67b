// Which containers and sandboxes are of no use any more: pure. Upstream: pkg/kubelet/kuberuntime/kuberuntime_gc.go.

/** What the runtime lists, of pods that the node knows. */
export interface ListedContainer {
  readonly id: string;
  readonly uid: string;
  readonly name: string;
  readonly sandboxId: string;
  readonly isRunning: boolean;
  readonly attempt: number;
  readonly createdMs: number;
}

export interface ListedSandbox {
  readonly id: string;
  readonly uid: string;
  readonly isReady: boolean;
  readonly attempt: number;
  readonly createdMs: number;
}

export interface DeadContainerOptions {
  /** How many dead ones of each container are kept, for their logs and what they ended with. */
  readonly kept: number;
  /** Whether the pod may lose all of them, its sandboxes included. */
  readonly isDone: (uid: string) => boolean;
}

export function deadContainers<T extends ListedContainer>(
  containers: readonly T[],
  { kept, isDone }: DeadContainerOptions,
): readonly T[] {
  const dead = containers.filter(({ isRunning }) => !isRunning);
  const byContainer = Map.groupBy(dead, ({ uid, name }) => `${uid}/${name}`);
  return [...byContainer.values()].flatMap((attempts) => {
    const [first] = attempts;
    return first && isDone(first.uid) ? attempts : attempts.toSorted(newestFirst).slice(kept);
  });
}

/** Those that are down and empty; of a pod that is not done, the newest is kept. `containers`: those that stay. */
export function deadSandboxes(
  sandboxes: readonly ListedSandbox[],
  containers: readonly ListedContainer[],
  isDone: (uid: string) => boolean,
): readonly ListedSandbox[] {
  const used = new Set(containers.map(({ sandboxId }) => sandboxId));
  const byPod = Map.groupBy(sandboxes, ({ uid }) => uid);
  return [...byPod].flatMap(([uid, ofPod]) => {
    const former = isDone(uid) ? ofPod : ofPod.toSorted(newestFirst).slice(1);
    return former.filter(({ id, isReady }) => !isReady && !used.has(id));
  });
}

interface Attempt {
  readonly attempt: number;
  readonly createdMs: number;
}

function newestFirst(a: Attempt, b: Attempt): number {
  return b.attempt - a.attempt || b.createdMs - a.createdMs;
}
