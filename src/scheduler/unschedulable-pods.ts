// The pods that wait for something to happen, found by the plugins that turned them down: an event of many that
// concerns few pods costs only those few.

import type { QueuedPod } from './queued-pod.ts';

export class UnschedulablePods {
  readonly #pods = new Map<string, QueuedPod>();
  readonly #byPlugin = new Map<string, Set<QueuedPod>>();

  get size(): number {
    return this.#pods.size;
  }

  get gatedCount(): number {
    let count = 0;
    for (const { gatingPlugin } of this.#pods.values()) if (gatingPlugin !== undefined) count++;
    return count;
  }

  get(uid: string): QueuedPod | undefined {
    return this.#pods.get(uid);
  }

  /** The plugins that turned it down must not change while it is here. */
  add(queued: QueuedPod): void {
    this.#pods.set(queued.info.uid, queued);
    for (const plugin of rejectors(queued)) {
      const pods = this.#byPlugin.get(plugin) ?? new Set();
      pods.add(queued);
      this.#byPlugin.set(plugin, pods);
    }
  }

  delete(uid: string): void {
    const queued = this.#pods.get(uid);
    if (!queued) return;
    this.#pods.delete(uid);
    for (const plugin of rejectors(queued)) this.#byPlugin.get(plugin)?.delete(queued);
  }

  /** The pods that any of the plugins turned down, each once; undefined: all pods. A copy. */
  rejectedBy(plugins: ReadonlySet<string> | undefined): readonly QueuedPod[] {
    if (!plugins) return [...this.#pods.values()];
    const found = new Set<QueuedPod>();
    for (const plugin of plugins) for (const queued of this.#byPlugin.get(plugin) ?? []) found.add(queued);
    return [...found];
  }
}

function rejectors({ unschedulablePlugins, pendingPlugins }: QueuedPod): Set<string> {
  return unschedulablePlugins.union(pendingPlugins);
}
