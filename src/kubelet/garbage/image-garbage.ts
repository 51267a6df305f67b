// Takes away images that nobody uses: those that have not been used for too long, and as many as it takes when their disk
// is nearly full. Upstream: pkg/kubelet/images/image_gc_manager.go.

import { durationToMs } from '../../api/time.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/message-of.ts';
import type { Cri } from '../../cri/cri.ts';
import type { Image } from '../../cri/image-messages.ts';
import type { FilesystemFigures } from '../figures/figures.ts';
import type { NodeEvents } from '../pod-events.ts';
import type { KubeletSettings } from '../settings/kubelet-configuration.ts';
import { bytesToFree, type ImageRecord, type ImageRecords, recordImages, unusedImages } from './unused-images.ts';

export interface ImageGarbageDeps {
  readonly cri: Pick<Cri, 'listImages' | 'listContainers' | 'imageStatus' | 'removeImage'>;
  readonly clock: Clock;
  readonly events: NodeEvents;
  /** Of the disk that images are on. */
  readonly imageFs: (signal: AbortSignal) => Promise<FilesystemFigures | undefined>;
  /** Images that pods have as volumes, as the pods name them. */
  readonly asVolumes: () => readonly string[];
  /** Names of images that stay, besides those that the runtime holds fast itself. */
  readonly kept: readonly string[];
  /** Forgets how images were pulled before that time which are not among these any more. */
  readonly pruneRecords: (ids: ReadonlySet<string>, beforeMs: number) => Promise<void>;
}

export type ImageGarbageSettings = Pick<
  KubeletSettings,
  'imageMinimumGCAge' | 'imageMaximumGCAge' | 'imageGCHighThresholdPercent' | 'imageGCLowThresholdPercent'
>;

/** Not everything that had to go could go, or be looked at. */
export class ImageGarbageError extends Error {
  override readonly name = 'ImageGarbageError';
}

export class ImageGarbage {
  readonly #deps: ImageGarbageDeps;
  readonly #settings: ImageGarbageSettings;
  readonly #startedMs: number;
  #records: ImageRecords | undefined;

  constructor(deps: ImageGarbageDeps, settings: ImageGarbageSettings) {
    this.#deps = deps;
    this.#settings = settings;
    this.#startedMs = deps.clock.now();
  }

  /** Keeps count of who uses what, and removes what has to go. Throws ImageGarbageError. */
  async collect(signal: AbortSignal): Promise<void> {
    const { imageFs, events } = this.#deps;
    const { imageGCHighThresholdPercent: highPercent, imageGCLowThresholdPercent: lowPercent } = this.#settings;
    const unused = await this.#look(signal);
    const old = this.#old(unused);
    await this.#remove(old, Number.POSITIVE_INFINITY, signal);
    if (highPercent === 100) return;
    const { capacityBytes = 0, availableBytes = 0 } = (await imageFs(signal)) ?? {};
    if (capacityBytes === 0) {
      const message = 'invalid capacity 0 on image filesystem';
      events.node('Warning', 'InvalidDiskCapacity', message);
      throw new ImageGarbageError(message);
    }
    const wanted = bytesToFree({ capacityBytes, availableBytes }, { highPercent, lowPercent });
    if (wanted === 0) return;
    const rest = unused.filter((image) => !old.includes(image));
    const freed = await this.#remove(rest, wanted, signal);
    if (freed >= wanted) return;
    const message = `Failed to garbage collect required amount of images. Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`;
    events.node('Warning', 'FreeDiskSpaceFailed', message);
    throw new ImageGarbageError(message);
  }

  /** However much room there is. Throws ImageGarbageError. */
  async removeUnused(signal: AbortSignal): Promise<void> {
    await this.#remove(await this.#look(signal), Number.POSITIVE_INFINITY, signal);
  }

  async #look(signal: AbortSignal): Promise<readonly ImageRecord[]> {
    const { cri, clock, asVolumes, kept, pruneRecords } = this.#deps;
    const nowMs = clock.now();
    const [{ images }, { containers }, volumes] = await Promise.all([
      cri.listImages({}, { signal }),
      cri.listContainers({}, { signal }),
      Promise.all(asVolumes().map((image) => cri.imageStatus({ image: { image } }, { signal }))),
    ]);
    const used = new Set([
      ...containers.flatMap(({ imageId, imageRef, image }) => [imageId, imageRef, image?.image ?? '']),
      ...volumes.map(({ image }) => image?.id ?? ''),
    ]);
    await pruneRecords(new Set(images.map(({ id }) => id)), nowMs);
    const namesOf = ({ id, repoTags, repoDigests }: Image) => [id, ...repoTags, ...repoDigests];
    this.#records = recordImages(this.#records, {
      images,
      isUsed: (image) => namesOf(image).some((name) => used.has(name)),
      isKept: (image) => image.pinned || namesOf(image).some((name) => kept.includes(name)),
      nowMs,
    });
    return unusedImages(this.#records, { minAgeMs: durationToMs(this.#settings.imageMinimumGCAge), nowMs });
  }

  /** An agent that has only just been started does not know yet who was used when. */
  #old(unused: readonly ImageRecord[]): readonly ImageRecord[] {
    const maxAgeMs = durationToMs(this.#settings.imageMaximumGCAge);
    const nowMs = this.#deps.clock.now();
    if (maxAgeMs === 0 || nowMs - this.#startedMs <= maxAgeMs) return [];
    return unused.filter(({ lastUsedMs }) => nowMs - lastUsedMs > maxAgeMs);
  }

  /** In their order, until so many bytes are free; resolves with how many are. One that cannot be removed keeps no other. */
  async #remove(images: readonly ImageRecord[], bytes: number, signal: AbortSignal): Promise<number> {
    let freed = 0;
    const failures: string[] = [];
    for (const { id, sizeBytes } of images) {
      if (freed >= bytes) break;
      try {
        await this.#deps.cri.removeImage({ image: { image: id } }, { signal });
        freed += sizeBytes;
      } catch (error) {
        signal.throwIfAborted();
        failures.push(messageOf(error));
      }
    }
    if (failures.length === 0) return freed;
    throw new ImageGarbageError(`images could not be removed: ${failures.join('; ')}`);
  }
}
