// Which images may go, and in which order: pure. Upstream: pkg/kubelet/images/image_gc_manager.go.

import type { Image } from '../../cri/image-messages.ts';

/** What is remembered of an image from one look to the next. */
export interface ImageRecord {
  readonly id: string;
  readonly sizeBytes: number;
  /** Zero: it was there before the agent was. */
  readonly firstSeenMs: number;
  /** Zero: not since the agent is there. */
  readonly lastUsedMs: number;
  readonly isKept: boolean;
}
export type ImageRecords = ReadonlyMap<string, ImageRecord>;

export interface Look {
  readonly images: readonly Image[];
  readonly isUsed: (image: Image) => boolean;
  /** It stays, used or not. */
  readonly isKept: (image: Image) => boolean;
  readonly nowMs: number;
}

/** `before` is absent at the first look. */
export function recordImages(before: ImageRecords | undefined, { images, isUsed, isKept, nowMs }: Look): ImageRecords {
  return new Map(
    images.map((image) => {
      const { id, size } = image;
      const known = before?.get(id);
      const record = {
        id,
        sizeBytes: size,
        firstSeenMs: known?.firstSeenMs ?? (before ? nowMs : 0),
        lastUsedMs: isUsed(image) ? nowMs : (known?.lastUsedMs ?? 0),
        isKept: isKept(image),
      };
      return [id, record];
    }),
  );
}

/** The least recently used first; one that has only just come may be about to be used. */
export function unusedImages(
  records: ImageRecords,
  { minAgeMs, nowMs }: { readonly minAgeMs: number; readonly nowMs: number },
): readonly ImageRecord[] {
  return [...records.values()]
    .filter(({ isKept, lastUsedMs, firstSeenMs }) => {
      return !isKept && lastUsedMs < nowMs && nowMs - firstSeenMs >= minAgeMs;
    })
    .sort((a, b) => a.lastUsedMs - b.lastUsedMs || a.firstSeenMs - b.firstSeenMs);
}

/** How much has to go so that no more than the low share is used, once more than the high one is; else nothing. */
export function bytesToFree(
  { capacityBytes, availableBytes }: { readonly capacityBytes: number; readonly availableBytes: number },
  { highPercent, lowPercent }: { readonly highPercent: number; readonly lowPercent: number },
): number {
  const available = Math.min(capacityBytes, availableBytes);
  const usedPercent = 100 - Math.floor((available * 100) / capacityBytes);
  if (usedPercent < highPercent) return 0;
  return Math.max(0, Math.floor((capacityBytes * (100 - lowPercent)) / 100) - available);
}
