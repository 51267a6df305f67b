// The devices of the node, as plugins announce them: what there is, who has which, and what containers get with them.
// Upstream: pkg/kubelet/cm/devicemanager.

import type { Container } from '../../api/core/container.ts';
import type { Pod } from '../../api/core/pod.ts';
import { isSidecar } from '../../api/core/sidecar.ts';
import { quantityValue } from '../../api/quantity.ts';
import type { ResourceList } from '../../api/resource-list.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { messageOf } from '../../base/message-of.ts';
import { GRPC_CODES, rpcMessage } from '../../cri/cri.ts';
import { isServiceError } from '../../cri/grpc-calls.ts';
import type { Refusal } from '../admission/admit-pod.ts';
import { allContainers } from '../runtime-pod.ts';
import { chooseFrom, settleChoice } from './choose-devices.ts';
import type { DeviceAllocation, DeviceAllocations } from './device-allocations.ts';
import type { DevicePlugin } from './device-plugin.ts';
import { type ContainerAllocation, HEALTHY, type PluginDevice, type PluginOptions } from './device-plugin-messages.ts';
import { mergedAllocation } from './merged-allocation.ts';

export interface DeviceManagerDeps {
  readonly allocations: DeviceAllocations;
  readonly clock: Clock;
  readonly log: Logger;
  /** There are more devices, or less, or they are well or not. */
  readonly changed: () => void;
}

export interface Registration {
  readonly resource: string;
  /** Absent: the plugin is asked. */
  readonly options: PluginOptions | undefined;
}

/** What is known of a resource. It stays for good, so that the node says that it has none of it. */
interface Resource {
  readonly devices: Map<string, PluginDevice>;
  plugin: DevicePlugin | undefined;
  options: PluginOptions | undefined;
  /** Ends the watch of the plugin's devices. */
  ending: AbortController | undefined;
  /** Forgets the devices of a plugin that has gone. */
  forgetting: Disposable | undefined;
}

/** A plugin that is updated comes back: its devices are only unhealthy meanwhile. Upstream: endpointStopGracePeriod. */
const GONE_AFTER_MS = 300_000;

export class DeviceManager implements AsyncDisposable {
  readonly #deps: DeviceManagerDeps;
  readonly #resources = new Map<string, Resource>();
  /** Pods that have been given their devices since the agent was started. */
  readonly #settled = new Set<string>();
  /** Watches of plugins, and what is being written down. */
  readonly #tasks = new Set<Promise<void>>();

  /** `resources` are those that there were before the agent was started anew. */
  constructor(deps: DeviceManagerDeps, resources: readonly string[]) {
    this.#deps = deps;
    for (const name of resources) this.#resource(name);
  }

  /** A plugin has come, or has come back. */
  register({ resource: name, options }: Registration, plugin: DevicePlugin): void {
    const resource = this.#resource(name);
    resource.ending?.abort(new Error('another plugin has taken its place'));
    resource.forgetting?.[Symbol.dispose]();
    const ending = new AbortController();
    Object.assign(resource, { plugin, options, ending, forgetting: undefined });
    this.#track(this.#watch(name, resource, plugin, ending.signal));
  }

  /** Of every resource that a plugin has ever announced. */
  amounts(): { readonly capacity: ResourceList; readonly allocatable: ResourceList } {
    const all = [...this.#resources];
    return {
      capacity: Object.fromEntries(all.map(([name, { devices }]) => [name, String(devices.size)])),
      allocatable: Object.fromEntries(all.map(([name, resource]) => [name, String(healthyOf(resource).length)])),
    };
  }

  /** All devices that are well, by resource. */
  healthy(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries([...this.#resources].map(([name, resource]) => [name, healthyOf(resource)]));
  }

  /** All devices, well or not, by resource. */
  known(): ReadonlyMap<string, readonly PluginDevice[]> {
    return new Map([...this.#resources].map(([name, { devices }]) => [name, [...devices.values()]]));
  }

  allocated(): readonly DeviceAllocation[] {
    return this.#deps.allocations.all();
  }

  /**
   * Gives the pod's containers their devices, unless they have them. Resolves with why the node cannot take the pod: one that
   * it has taken keeps its devices, whatever becomes of them. What init containers have, the containers after them have again.
   */
  async allocate(pod: Pod, signal: AbortSignal): Promise<Refusal | undefined> {
    const { uid } = pod.metadata;
    const containers = allContainers(pod).filter((container) => this.#wishes(container).length > 0);
    if (containers.length === 0 || this.#settled.has(uid)) return undefined;
    const reusable = new Map<string, readonly string[]>();
    try {
      for (const container of containers) {
        for (const [resource, count] of this.#wishes(container)) {
          const ids = await this.#give({ uid, container: container.name, resource, count, reusable }, signal);
          const left = (reusable.get(resource) ?? []).filter((id) => !ids.includes(id));
          const isPassing = pod.spec.initContainers?.includes(container) && !isSidecar(container);
          reusable.set(resource, isPassing ? [...left, ...ids] : left);
        }
      }
      await this.#save();
      this.#settled.add(uid);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      this.release(uid);
      const message = `Allocate failed due to ${reasonOf(error)}, which is unexpected`;
      return { reason: 'UnexpectedAdmissionError', message };
    }
  }

  /** What the container gets with its devices; the plugins that want it are told that it is about to start. */
  async prepare(pod: Pod, { name }: Container, signal: AbortSignal): Promise<ContainerAllocation> {
    const held = this.#deps.allocations.of(pod.metadata.uid, name);
    for (const { resource, ids } of held) {
      const { plugin, options } = this.#resource(resource);
      if (!options?.preStartRequired || !plugin) continue;
      await plugin.preStartContainer(ids, signal).catch((error) => {
        signal.throwIfAborted();
        throw new Error(`device plugin PreStartContainer rpc failed with err: ${reasonOf(error)}`, { cause: error });
      });
    }
    return mergedAllocation(held.flatMap(({ given }) => (given ? [given] : [])));
  }

  /** The pod needs its devices no more. */
  release(uid: string): void {
    this.#settled.delete(uid);
    if (!this.#deps.allocations.release(uid)) return;
    const failed = (error: unknown) =>
      this.#deps.log.error('who has which devices could not be written down', { error });
    this.#track(this.#save().catch(failed));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { ending, forgetting, plugin } of this.#resources.values()) {
      ending?.abort(new Error('the agent is stopped'));
      forgetting?.[Symbol.dispose]();
      plugin?.[Symbol.dispose]();
    }
    await Promise.all(this.#tasks);
  }

  /** Resolves with the devices that the container has now. Throws where it cannot have as many. */
  async #give(wish: Wish, signal: AbortSignal): Promise<readonly string[]> {
    const { uid, container, resource: name, count } = wish;
    const { allocations } = this.#deps;
    const resource = this.#resource(name);
    const healthy = healthyOf(resource);
    const held = allocations.of(uid, container).find((one) => one.resource === name)?.ids;
    if (held && held.length !== count) {
      throw new Error(
        `pod "${uid}" container "${container}" changed request for resource "${name}" from ${held.length} to ${count}`,
      );
    }
    if (healthy.length === 0) throw new Error(`no healthy devices present; cannot allocate unhealthy devices ${name}`);
    if (held) {
      if (held.every((id) => healthy.includes(id))) return held;
      throw new Error(`previously allocated devices are no longer healthy; cannot allocate unhealthy devices ${name}`);
    }
    const inUse = allocations.inUse(name);
    const free = healthy.filter((id) => !inUse.has(id));
    const reusable = (wish.reusable.get(name) ?? []).filter((id) => healthy.includes(id));
    const choice = chooseFrom({ resource: name, count, free, reusable });
    const { plugin, options } = resource;
    if (!plugin) throw new Error(`unknown Device Plugin ${name}`);
    // Nobody else may have them while the plugin thinks about which ones it likes.
    allocations.set({ uid, container, resource: name, ids: settleChoice(choice, count, []) });
    if (options?.getPreferredAllocationAvailable && choice.must.length < count) {
      const available = [...choice.must, ...choice.from];
      const preferred = await plugin.preferred({ available, mustInclude: choice.must, size: count }, signal);
      const others = new Set(
        allocations.all().flatMap((one) => (one.uid !== uid && one.resource === name ? one.ids : [])),
      );
      const from = choice.from.filter((id) => !others.has(id)); // Those that have been taken meanwhile are gone.
      allocations.set({
        ...{ uid, container, resource: name },
        ids: settleChoice({ must: choice.must, from }, count, preferred),
      });
    }
    const ids = allocations.of(uid, container).find((one) => one.resource === name)?.ids ?? [];
    const given = await plugin.allocate(ids, signal);
    allocations.set({ uid, container, resource: name, ids, given });
    return ids;
  }

  /** What the container asks for of that which plugins have. */
  #wishes({ resources }: Container): readonly (readonly [string, number])[] {
    return Object.entries(resources.limits ?? {})
      .filter(([name]) => this.#resources.has(name))
      .map(([name, quantity]) => [name, quantityValue(quantity)] as const)
      .filter(([, count]) => count > 0);
  }

  #resource(name: string): Resource {
    const known = this.#resources.get(name);
    if (known) return known;
    const made: Resource = {
      devices: new Map(),
      plugin: undefined,
      options: undefined,
      ending: undefined,
      forgetting: undefined,
    };
    this.#resources.set(name, made);
    return made;
  }

  /** Takes what the plugin says of its devices until it ends. */
  async #watch(name: string, resource: Resource, plugin: DevicePlugin, signal: AbortSignal): Promise<void> {
    const { log, changed, clock } = this.#deps;
    try {
      resource.options ??= await plugin.options(signal);
      for await (const devices of plugin.devices(signal)) {
        resource.devices.clear();
        for (const device of devices) resource.devices.set(device.id, device);
        changed();
        await this.#save();
      }
      log.warn('a device plugin has ended', { resource: name });
    } catch (error) {
      if (!signal.aborted) log.warn('a device plugin cannot be reached any more', { resource: name, error });
    } finally {
      plugin[Symbol.dispose]();
    }
    if (signal.aborted) return; // Another one has come, or the agent ends.
    resource.plugin = undefined;
    for (const [id, device] of resource.devices) resource.devices.set(id, { ...device, health: 'Unhealthy' });
    resource.forgetting = clock.after(GONE_AFTER_MS, () => {
      resource.devices.clear();
      changed();
    });
    changed();
  }

  #track(task: Promise<void>): void {
    const tracked = task.finally(() => this.#tasks.delete(tracked));
    this.#tasks.add(tracked);
  }

  async #save(): Promise<void> {
    await this.#deps.allocations.save(() => this.healthy());
  }
}

interface Wish {
  readonly uid: string;
  readonly container: string;
  readonly resource: string;
  readonly count: number;
  /** By resource. */
  readonly reusable: ReadonlyMap<string, readonly string[]>;
}

function healthyOf({ devices }: Resource): readonly string[] {
  return [...devices.values()]
    .filter(({ health }) => health === HEALTHY)
    .map(({ id }) => id)
    .sort();
}

function reasonOf(error: unknown): string {
  if (isServiceError(error)) return rpcMessage(GRPC_CODES[error.code] ?? 'UNKNOWN', error.details);
  return messageOf(error);
}
