// What the agent does by itself so that the node stays usable: it ends pods when something runs short, and takes away
// containers and images that nobody needs. Upstream: StartGarbageCollection in pkg/kubelet/kubelet.go.

import { type Clock, sleep } from '../base/clock.ts';
import { type EvictionDeps, EvictionManager } from './eviction/eviction-manager.ts';
import type { ContainerGarbage } from './garbage/container-garbage.ts';
import type { ImageGarbage } from './garbage/image-garbage.ts';
import type { KubeletSettings } from './settings/kubelet-configuration.ts';

export interface UpkeepDeps extends Omit<EvictionDeps, 'reclaim'> {
  readonly containers: Pick<ContainerGarbage, 'collect'>;
  readonly images: Pick<ImageGarbage, 'collect' | 'removeUnused'>;
}

const CONTAINERS_MS = 60_000;
const IMAGES_MS = 300_000;

/** Works until the signal aborts; resolves then. Is begun when all pods are known: of others everything is taken away. */
export async function keepUp(deps: UpkeepDeps, settings: KubeletSettings, signal: AbortSignal): Promise<void> {
  const { containers, images, nodeEvents, log } = deps;
  const reclaim = async (until: AbortSignal) => {
    await containers.collect({ settledToo: true }, until);
    await images.removeUnused(until);
  };
  let imageFailures = 0;
  await Promise.all([
    new EvictionManager({ ...deps, reclaim }, settings).run(signal),
    repeat(deps, CONTAINERS_MS, signal, {
      work: (until) => containers.collect({ settledToo: false }, until),
      failed(error) {
        log.warn('dead containers could not be taken away', { error });
        nodeEvents.node('Warning', 'ContainerGCFailed', messageOf(error));
      },
    }),
    repeat(deps, IMAGES_MS, signal, {
      async work(until) {
        await images.collect(until);
        imageFailures = 0;
      },
      failed(error) {
        log.warn('unused images could not be taken away', { error });
        // The first time it may be for want of figures.
        if (++imageFailures > 1) nodeEvents.node('Warning', 'ImageGCFailed', messageOf(error));
      },
    }),
  ]);
}

interface Chore {
  readonly work: (signal: AbortSignal) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

async function repeat(
  { clock }: { readonly clock: Clock },
  everyMs: number,
  signal: AbortSignal,
  { work, failed }: Chore,
): Promise<void> {
  while (!signal.aborted) {
    await work(signal).catch((error) => {
      if (!signal.aborted) failed(error);
    });
    await sleep(clock, everyMs, signal).catch(() => {}); // Aborted: the loop ends.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
