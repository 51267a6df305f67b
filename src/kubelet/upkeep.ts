// What the agent does by itself so that the node stays usable: it ends pods when something runs short, and takes away
// containers and images that nobody needs. Upstream: StartGarbageCollection in pkg/kubelet/kubelet.go.

import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { messageOf } from '../base/message-of.ts';
import type { Cri } from '../cri/cri.ts';
import { PAUSE_IMAGE } from '../cri/pause-image.ts';
import { EvictionManager } from './eviction/eviction-manager.ts';
import type { Pressure } from './eviction/signals.ts';
import type { ReadFigures } from './figures/figures.ts';
import { ContainerGarbage } from './garbage/container-garbage.ts';
import { ImageGarbage } from './garbage/image-garbage.ts';
import type { PodAgent } from './pod-agent.ts';
import type { NodeEvents } from './pod-events.ts';
import type { RuntimeInspector } from './runtime-inspector.ts';
import type { KubeletSettings } from './settings/kubelet-configuration.ts';

export interface UpkeepDeps {
  readonly cri: Cri;
  readonly agent: PodAgent;
  readonly inspector: RuntimeInspector;
  readonly figures: ReadFigures;
  readonly events: NodeEvents;
  readonly clock: Clock;
  readonly log: Logger;
  /** The node is short of something else than before. */
  readonly changed: (pressures: readonly Pressure[]) => void;
}

const CONTAINERS_MS = 60_000;
const IMAGES_MS = 300_000;

export class Upkeep {
  readonly #deps: UpkeepDeps;
  readonly #containers: ContainerGarbage;
  readonly #images: ImageGarbage;
  readonly #eviction: EvictionManager;
  #imageFailures = 0;

  constructor(deps: UpkeepDeps, { logsDir }: { readonly logsDir: string }, settings: KubeletSettings) {
    this.#deps = deps;
    const { agent, figures, events } = deps;
    const { workers, runtime, volumes, images } = agent;
    this.#containers = new ContainerGarbage({ ...deps, workers, runtime, onDisk: () => volumes.uids(), logsDir });
    const imageFs = async (signal: AbortSignal) => (await figures('node', signal)).node.imageFs;
    const asVolumes = () =>
      workers.active().flatMap(({ spec }) => (spec.volumes ?? []).flatMap(({ image }) => image?.reference ?? []));
    this.#images = new ImageGarbage(
      {
        ...deps,
        imageFs,
        asVolumes,
        kept: [PAUSE_IMAGE],
        pruneRecords: (ids, beforeMs) => images.prune(ids, beforeMs),
      },
      settings,
    );
    const reclaims = [
      (signal: AbortSignal) => this.#containers.collect({ settledToo: true }, signal),
      (signal: AbortSignal) => this.#images.removeUnused(signal),
    ];
    const parts = { workers, podEvents: agent.events, nodeEvents: events, reclaims };
    this.#eviction = new EvictionManager({ ...deps, ...parts }, settings);
  }

  /** How many pods have been ended, by what was short or which limit it was. */
  get evictions(): ReadonlyMap<string, number> {
    return this.#eviction.counts;
  }

  /** Has those pods ended that are left on the node, and that nobody knows any more. */
  endOrphans(signal: AbortSignal): Promise<void> {
    return this.#containers.endOrphans(signal);
  }

  /** Works until the signal aborts; resolves then. Is begun when all pods are known: others lose everything. */
  async run(signal: AbortSignal): Promise<void> {
    const { events, log } = this.#deps;
    const containers: Chore = {
      everyMs: CONTAINERS_MS,
      work: () => this.#containers.collect({ settledToo: false }, signal),
      failed(error) {
        log.warn('dead containers could not be taken away', { error });
        events.node('Warning', 'ContainerGCFailed', messageOf(error));
      },
    };
    const images: Chore = {
      everyMs: IMAGES_MS,
      work: async () => {
        await this.#images.collect(signal);
        this.#imageFailures = 0;
      },
      failed: (error) => {
        log.warn('unused images could not be taken away', { error });
        // The first time it may be for want of figures.
        if (++this.#imageFailures > 1) events.node('Warning', 'ImageGCFailed', messageOf(error));
      },
    };
    await Promise.all([this.#eviction.run(signal), this.#repeat(containers, signal), this.#repeat(images, signal)]);
  }

  async #repeat({ everyMs, work, failed }: Chore, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await work().catch((error) => {
        if (!signal.aborted) failed(error);
      });
      await sleep(this.#deps.clock, everyMs, signal).catch(() => {}); // Aborted: the loop ends.
    }
  }
}

interface Chore {
  readonly everyMs: number;
  readonly work: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}
