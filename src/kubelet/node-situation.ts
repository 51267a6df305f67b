// How the node is doing: what it is short of, what it can do, whether it goes down. Who learns of it says so here; the
// node's status and the admission of pods go by it.

import { addResources, type ResourceList } from '../api/resource-list.ts';
import type { Clock } from '../base/clock.ts';
import type { Cri } from '../cri/cri.ts';
import type { DeviceManager } from './devices/device-manager.ts';
import type { Pressure } from './eviction/signals.ts';
import { evictionReserved, evictionThresholds } from './eviction/thresholds.ts';
import { readFilesystemUsage } from './figures/machine-usage.ts';
import type { Machine } from './machine.ts';
import type { NodeAbilities } from './node-abilities.ts';
import type { NodeFacts } from './node-status.ts';
import { readRuntime } from './runtime-facts.ts';
import type { KubeletSettings } from './settings/kubelet-configuration.ts';

export class NodeSituation {
  readonly #able = Promise.withResolvers<void>();
  /** Resolves once it is known what the node can do. */
  readonly able: Promise<void> = this.#able.promise;
  pressures: readonly Pressure[] = [];
  shuttingDown = false;
  #abilities: NodeAbilities | undefined;

  get abilities(): NodeAbilities | undefined {
    return this.#abilities;
  }

  set abilities(abilities: NodeAbilities | undefined) {
    if (!abilities) return; // The runtime does not answer: it can do what it could.
    this.#abilities = abilities;
    this.#able.resolve();
  }
}

export interface FactsDeps {
  readonly cri: Cri;
  readonly devices: Pick<DeviceManager, 'amounts'>;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly situation: NodeSituation;
}

export interface FactsOptions extends Pick<NodeFacts, 'nodeName' | 'nodeIp' | 'version' | 'serverPort'> {
  /** On the file system that pods are on. */
  readonly dataDir: string;
  readonly settings: KubeletSettings;
}

/** Reads what the node's status says, and what the runtime can do along with it. */
export function nodeFacts(
  { cri, clock, machine, situation, devices }: FactsDeps,
  { dataDir, settings, ...known }: FactsOptions,
): (signal: AbortSignal) => Promise<NodeFacts> {
  const thresholds = evictionThresholds(settings);
  return async (signal) => {
    const [runtime, { capacityBytes: diskBytes = 0 }] = await Promise.all([
      readRuntime(cri, signal),
      readFilesystemUsage(dataDir, clock.now()),
    ]);
    situation.abilities = runtime.abilities;
    const { pressures, shuttingDown } = situation;
    return {
      ...{ ...known, machine, diskBytes, runtime, pressures, shuttingDown },
      devices: devices.amounts(),
      maxPods: settings.maxPods,
      maxImages: settings.nodeStatusMaxImages,
      reserved: addResources(setAside(settings), evictionReserved(thresholds, { ...machine, diskBytes })),
    };
  };
}

/** What is kept back for the system and for the agent itself. */
export function setAside({ systemReserved, kubeReserved }: KubeletSettings): ResourceList {
  return addResources(systemReserved, kubeReserved);
}
