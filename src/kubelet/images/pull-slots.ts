// How many images are pulled at once; the others wait in the order in which they came. Upstream: pkg/kubelet/images/puller.go.

/** Upstream's names. */
export interface PullSlotsOptions {
  /** One at a time. */
  readonly serializeImagePulls?: boolean;
  /**
   * Absent: 5. Upstream pulls one image after the other by default; a registry that does not answer would keep every other
   * pod of the node waiting.
   */
  readonly maxParallelImagePulls?: number;
}

export const MAX_PARALLEL_PULLS = 5;

/** Throws where the options contradict each other. */
export function pullsAtOnce({ serializeImagePulls = false, maxParallelImagePulls }: PullSlotsOptions): number {
  if (maxParallelImagePulls !== undefined && maxParallelImagePulls < 1) {
    throw new Error(`invalid configuration: maxParallelImagePulls ${maxParallelImagePulls} must be a positive number`);
  }
  if (serializeImagePulls && (maxParallelImagePulls ?? 1) > 1) {
    throw new Error(
      'invalid configuration: maxParallelImagePulls cannot be larger than 1 unless serializeImagePulls is set to false',
    );
  }
  return serializeImagePulls ? 1 : (maxParallelImagePulls ?? MAX_PARALLEL_PULLS);
}

export class PullSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(slots: number) {
    this.#free = slots;
  }

  /** Runs the pull as soon as there is a slot. */
  async run<T>(pull: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await pull();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
