// Which containers have which devices, and what they got with them, kept over restarts of the agent in one file with the
// fields of upstream's. Upstream: pkg/kubelet/cm/devicemanager/pod_devices.go, checkpoint.

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from '../../cri/if-there.ts';
import { decode, encode } from '../../cri/message.ts';
import { type ContainerAllocation, containerAllocation } from './device-plugin-messages.ts';

export interface DeviceAllocation {
  readonly uid: string;
  readonly container: string;
  readonly resource: string;
  readonly ids: readonly string[];
  /** Absent: the plugin has been asked and has not answered yet. */
  readonly given?: ContainerAllocation;
}

/** Upstream's name. */
export const CHECKPOINT = 'kubelet_internal_checkpoint';

/** NUMA nodes are not told apart here; upstream writes this for a device that is on none. */
const NO_NODE = '-1';

interface Checkpoint {
  readonly Data: {
    readonly PodDeviceEntries: readonly {
      readonly PodUID: string;
      readonly ContainerName: string;
      readonly ResourceName: string;
      readonly DeviceIDs: Readonly<Record<string, readonly string[]>>;
      readonly AllocResp: string;
    }[];
    readonly RegisteredDevices: Readonly<Record<string, readonly string[]>>;
  };
}

export class DeviceAllocations {
  readonly #path: string;
  #all: readonly DeviceAllocation[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string) {
    this.#path = path;
  }

  /** With the resources that there were before, whose plugins have not come back yet. A file that cannot be read counts as none. */
  static async open(
    directory: string,
  ): Promise<{ readonly allocations: DeviceAllocations; readonly resources: readonly string[] }> {
    await mkdir(directory, { recursive: true, mode: 0o750 });
    const allocations = new DeviceAllocations(join(directory, CHECKPOINT));
    const saved = parsed(await readIfThere(allocations.#path));
    allocations.#all = saved?.allocations ?? [];
    return { allocations, resources: saved?.resources ?? [] };
  }

  all(): readonly DeviceAllocation[] {
    return this.#all;
  }

  of(uid: string, container: string): readonly DeviceAllocation[] {
    return this.#all.filter((one) => one.uid === uid && one.container === container);
  }

  inUse(resource: string): ReadonlySet<string> {
    return new Set(this.#all.filter((one) => one.resource === resource).flatMap(({ ids }) => ids));
  }

  /** In place of what the container had of the resource. */
  set(allocation: DeviceAllocation): void {
    this.#all = [...this.#all.filter((one) => !isFor(one, allocation)), allocation];
  }

  /** Whether there was anything. */
  release(uid: string): boolean {
    const left = this.#all.filter((one) => one.uid !== uid);
    const isChange = left.length < this.#all.length;
    this.#all = left;
    return isChange;
  }

  /** `registered`: the healthy devices of each resource. Writes come one after the other, each with what is true by then. */
  async save(registered: () => Readonly<Record<string, readonly string[]>>): Promise<void> {
    const write = async () => {
      await writeFile(`${this.#path}.tmp`, JSON.stringify(this.#checkpoint(registered())), { mode: 0o600 });
      await rename(`${this.#path}.tmp`, this.#path);
    };
    this.#writing = this.#writing.then(write, write);
    await this.#writing;
  }

  #checkpoint(registered: Readonly<Record<string, readonly string[]>>): Checkpoint {
    const entries = this.#all.flatMap(({ uid, container, resource, ids, given }) => {
      if (!given) return [];
      const AllocResp = Buffer.from(encode(containerAllocation, given)).toString('base64');
      const DeviceIDs = { [NO_NODE]: ids };
      return [{ PodUID: uid, ContainerName: container, ResourceName: resource, DeviceIDs, AllocResp }];
    });
    return { Data: { PodDeviceEntries: entries, RegisteredDevices: registered } };
  }
}

function isFor(one: DeviceAllocation, other: DeviceAllocation): boolean {
  return one.uid === other.uid && one.container === other.container && one.resource === other.resource;
}

function parsed(text: string | undefined) {
  if (text === undefined) return undefined;
  try {
    const { Data } = JSON.parse(text) as Checkpoint;
    const allocations = Data.PodDeviceEntries.map(
      ({ PodUID, ContainerName, ResourceName, DeviceIDs, AllocResp }): DeviceAllocation => ({
        uid: PodUID,
        container: ContainerName,
        resource: ResourceName,
        ids: Object.values(DeviceIDs).flat(),
        given: decode(containerAllocation, Buffer.from(AllocResp, 'base64')),
      }),
    );
    return { allocations, resources: Object.keys(Data.RegisteredDevices) };
  } catch {
    return undefined; // Broken by whoever else writes there: devices of pods that run are not known then, as upstream.
  }
}
