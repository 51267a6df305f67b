// What the container runtime holds of a pod, in the node agent's own terms: decisions (pod-plan.ts, pod-status.ts) are made
// from this, whoever the runtime is. Times are milliseconds since the epoch.

import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';

export interface RuntimeSandbox {
  readonly id: string;
  readonly attempt: number;
  readonly ready: boolean;
  readonly createdAt: number;
  /** Empty for host network pods. The first is the primary one. */
  readonly ips: readonly string[];
  readonly hostNetwork: boolean;
}

export interface RuntimeContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  /** How often a container of that name has been started before in this pod: the restart count. */
  readonly attempt: number;
  readonly state: 'created' | 'running' | 'exited' | 'unknown';
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly exitCode: number | undefined;
  /** The runtime's word for why it ended: `Completed`, `Error`, `OOMKilled`. */
  readonly reason: string;
  /** The termination message. */
  readonly message: string;
  /** The image as the pod names it, and what it resolved to. */
  readonly image: string;
  readonly imageId: string;
  /** Of the container's spec when it was made: a container whose spec has changed since is replaced. */
  readonly specHash: string;
  /** What it runs with, where the runtime tells: CPU in shares and microseconds of a period, memory in bytes; 0: none. */
  readonly resources?:
    | {
        readonly cpuShares: number;
        readonly cpuQuota: number;
        readonly cpuPeriod: number;
        readonly memoryBytes: number;
      }
    | undefined;
  /** Whom its first process runs as, where the runtime tells. */
  readonly user?:
    | { readonly uid: number; readonly gid: number; readonly supplementalGroups: readonly number[] }
    | undefined;
}

export interface RuntimePod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** Newest first. */
  readonly sandboxes: readonly RuntimeSandbox[];
  /** Newest first, of all names and attempts. */
  readonly containers: readonly RuntimeContainer[];
}

/** The newest container of a name. */
export function newestContainer(runtime: RuntimePod, name: string): RuntimeContainer | undefined {
  return runtime.containers.find((container) => container.name === name);
}

/** Init containers first, as they are started. */
export function allContainers({ spec }: Pod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}
