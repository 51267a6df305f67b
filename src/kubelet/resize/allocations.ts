// What pods have been given, and what of that has reached their containers, kept over restarts of the agent: a file for
// each pod in its directory, so that it goes with the pod. Upstream: the checkpoints in pkg/kubelet/allocation/state.

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResourceRequirements } from '../../api/core/container-resources.ts';
import type { Pod } from '../../api/core/pod.ts';
import { listIfThere, readIfThere } from '../../cri/if-there.ts';
import { type Allocation, sameRequirements, withAllocation } from './allocation.ts';

interface Entry {
  readonly allocation: Allocation;
  /** What the pod's group is limited to, and what each container that was started runs with. */
  readonly actuated: Allocation;
  readonly saved: boolean;
}

const FILE = 'resources.json';

export class Allocations {
  readonly #podsDir: string;
  readonly #entries: Map<string, Entry>;

  private constructor(podsDir: string, entries: Map<string, Entry>) {
    this.#podsDir = podsDir;
    this.#entries = entries;
  }

  /** With what is left from before. `podsDir` holds a directory for each pod, by uid. */
  static async open(podsDir: string): Promise<Allocations> {
    const entries = new Map<string, Entry>();
    for (const directory of await listIfThere(podsDir)) {
      if (!directory.isDirectory()) continue;
      const uid = directory.name;
      const text = await readIfThere(join(podsDir, uid, FILE));
      const entry = text === undefined ? undefined : entryFrom(text);
      if (entry) entries.set(uid, entry);
    }
    return new Allocations(podsDir, entries);
  }

  has(uid: string): boolean {
    return this.#entries.has(uid);
  }

  /** The pod as if it asked for what it has been given; as it is where it has been given nothing. */
  applied(pod: Pod): Pod {
    return withAllocation(pod, this.#entries.get(pod.metadata.uid)?.allocation);
  }

  allocate(uid: string, allocation: Allocation): void {
    const actuated = this.#entries.get(uid)?.actuated ?? { containers: {} };
    this.#entries.set(uid, { allocation, actuated, saved: false });
  }

  /** What is in effect; a container of which nobody knows is not in it. */
  actuated(uid: string): Allocation {
    return this.#entries.get(uid)?.actuated ?? { containers: {} };
  }

  /** A container has been started with the resources, or resized to them. */
  actuate(uid: string, container: string, resources: ResourceRequirements): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    const containers = { ...entry.actuated.containers, [container]: resources };
    this.#entries.set(uid, { ...entry, actuated: { ...entry.actuated, containers }, saved: false });
  }

  /** The pod's group has been limited to what the pod has as a whole, if it has anything. */
  actuatePod(uid: string, resources: ResourceRequirements = {}): void {
    const entry = this.#entries.get(uid);
    if (!entry || (entry.actuated.pod && sameRequirements(entry.actuated.pod, resources))) return;
    this.#entries.set(uid, { ...entry, actuated: { ...entry.actuated, pod: resources }, saved: false });
  }

  /**
   * Writes down what has changed. The rename makes it all or nothing for an agent that is killed; a machine that loses
   * its power loses the containers, too.
   */
  async save(uid: string): Promise<void> {
    const entry = this.#entries.get(uid);
    if (!entry || entry.saved) return;
    const { allocation, actuated } = entry;
    const directory = join(this.#podsDir, uid);
    const path = join(directory, FILE);
    await mkdir(directory, { recursive: true, mode: 0o750 });
    await writeFile(`${path}.tmp`, JSON.stringify({ allocation, actuated }));
    await rename(`${path}.tmp`, path);
    // What has changed meanwhile is written the next time.
    if (this.#entries.get(uid) === entry) this.#entries.set(uid, { ...entry, saved: true });
  }

  /** Its file goes with the pod's directory. */
  forget(uid: string): void {
    this.#entries.delete(uid);
  }
}

/** Undefined for what no agent has written: the pod is then taken as it is in the API. */
function entryFrom(text: string): Entry | undefined {
  try {
    const { allocation, actuated } = JSON.parse(text) as Partial<Entry>;
    if (!allocation?.containers || !actuated?.containers) return undefined;
    return { allocation, actuated, saved: true };
  } catch {
    return undefined;
  }
}
