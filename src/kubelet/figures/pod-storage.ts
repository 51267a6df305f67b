// What pods have on disk: their volumes, counted now and then, and the logs of their containers. Upstream:
// pkg/kubelet/server/stats/fs_resource_analyzer.go.

import type { Pod } from '../../api/core/pod.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { WorkQueue } from '../../base/work-queue.ts';
import { type DiskUsage, directoryUsage, treeUsage } from './disk-usage.ts';
import type { FilesystemFigures, VolumeFigures } from './figures.ts';
import { ownVolumes } from './local-volumes.ts';

export interface PodStorageDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Where the volume is. Throws while the pod has no such volume. */
  readonly volumePath: (pod: Pod, volume: string) => string;
  /** Where a container's logs are. */
  readonly logDirectory: (pod: Pod, container: string) => string;
  /** Replaced in tests. */
  readonly count?: (paths: readonly string[], signal: AbortSignal) => Promise<readonly (DiskUsage | undefined)[]>;
}

/** Pods whose volumes are counted at the same time. */
const CONCURRENCY = 2;

interface Entry {
  pod: Pod;
  countedMs: number | undefined;
  volumes: readonly VolumeFigures[] | undefined;
}

export class PodStorage implements AsyncDisposable {
  readonly #deps: PodStorageDeps;
  readonly #everyMs: number;
  /** By uid. */
  readonly #entries = new Map<string, Entry>();
  readonly #queue: WorkQueue;

  /** `everyMs`: how old a count may be. */
  constructor(deps: PodStorageDeps, { everyMs }: { readonly everyMs: number }) {
    this.#deps = deps;
    this.#everyMs = everyMs;
    this.#queue = new WorkQueue(
      { clock: deps.clock, work: (uid, signal) => this.#count(uid, signal) },
      { concurrency: CONCURRENCY },
    );
  }

  /**
   * As they were counted last, undefined before the first time; where that was too long ago they are counted again
   * meanwhile, which nobody waits for.
   */
  volumes(pod: Pod): readonly VolumeFigures[] | undefined {
    const { uid } = pod.metadata;
    if (ownVolumes(pod).length === 0) return [];
    const entry = this.#entries.get(uid) ?? { pod, countedMs: undefined, volumes: undefined };
    entry.pod = pod;
    this.#entries.set(uid, entry);
    const isOld = entry.countedMs === undefined || this.#deps.clock.elapsed() - entry.countedMs >= this.#everyMs;
    if (isOld) this.#queue.add(uid);
    return entry.volumes;
  }

  async logs(pod: Pod, container: string): Promise<FilesystemFigures | undefined> {
    const usage = await directoryUsage(this.#deps.logDirectory(pod, container));
    return usage && { atMs: this.#deps.clock.now(), ...usage };
  }

  /** Forgets all others. */
  keepOnly(uids: readonly string[]): void {
    const kept = new Set(uids);
    for (const uid of this.#entries.keys()) if (!kept.has(uid)) this.#entries.delete(uid);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#queue[Symbol.asyncDispose]();
  }

  async #count(uid: string, signal: AbortSignal): Promise<void> {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    const { clock, log, volumePath, count = treeUsage } = this.#deps;
    const { pod } = entry;
    entry.countedMs = clock.elapsed();
    try {
      const names = ownVolumes(pod).map(({ name }) => name);
      const usages = await count(
        names.map((name) => volumePath(pod, name)),
        signal,
      );
      const atMs = clock.now();
      entry.volumes = names.flatMap((name, index) => {
        const usage = usages[index];
        return usage ? [{ name, atMs, ...usage }] : [];
      });
    } catch (error) {
      signal.throwIfAborted();
      entry.volumes ??= [];
      log.warn('the volumes of a pod could not be counted', { pod: pod.metadata.name, error });
    }
  }
}
