// How many images are pulled at once; the others wait in the order in which they came. Upstream: pkg/kubelet/images/puller.go.

/**
 * Upstream pulls one image after the other by default; a registry that does not answer would keep every other pod of the node
 * waiting.
 */
export const MAX_PARALLEL_PULLS = 5;

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
