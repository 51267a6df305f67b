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
    for (const plugin of queued.unschedulablePlugins) this.#under(plugin).add(queued);
    for (const plugin of queued.pendingPlugins) this.#under(plugin).add(queued);
  }

  delete(uid: string): void {
    const queued = this.#pods.get(uid);
    if (!queued) return;
    this.#pods.delete(uid);
    for (const plugin of queued.unschedulablePlugins) this.#under(plugin).delete(queued);
    for (const plugin of queued.pendingPlugins) this.#under(plugin).delete(queued);
  }

  /** The pods that any of the plugins turned down, each once; undefined: all pods. A copy. */
  rejectedBy(plugins: ReadonlySet<string> | undefined): readonly QueuedPod[] {
    if (!plugins) return [...this.#pods.values()];
    const found = new Set<QueuedPod>();
    for (const plugin of plugins) for (const queued of this.#byPlugin.get(plugin) ?? []) found.add(queued);
    return [...found];
  }

  /** There are as many plugins as the configuration names: the sets stay. */
  #under(plugin: string): Set<QueuedPod> {
    let pods = this.#byPlugin.get(plugin);
    if (!pods) {
      pods = new Set();
      this.#byPlugin.set(plugin, pods);
    }
    return pods;
  }
}
