// Which devices a container gets: pure. Upstream: devicesToAllocate in pkg/kubelet/cm/devicemanager/manager.go.

export interface DeviceWish {
  readonly resource: string;
  readonly count: number;
  /** Healthy ones that nobody has. */
  readonly free: readonly string[];
  /** Of init containers of the pod that have ended by then. */
  readonly reusable: readonly string[];
}

export interface DeviceChoice {
  /** These in any case. */
  readonly must: readonly string[];
  /** From these the rest: as the plugin prefers, else the first. */
  readonly from: readonly string[];
}

/** Throws where there are not enough. */
export function chooseFrom({ resource, count, free, reusable }: DeviceWish): DeviceChoice {
  const must = reusable.slice(0, count);
  const from = free.filter((id) => !must.includes(id));
  if (from.length < count - must.length) {
    const numbers = `Requested: ${count}, Available: ${from.length + must.length}`;
    throw new Error(`requested number of devices unavailable for ${resource}. ${numbers}`);
  }
  return { must, from };
}

/** What the plugin prefers, as far as it may be had, filled up with others. */
export function settleChoice({ must, from }: DeviceChoice, count: number, preferred: readonly string[]): string[] {
  const allowed = preferred.filter((id) => from.includes(id));
  const inOrder = new Set([...must, ...allowed, ...from]);
  return [...inOrder].slice(0, count);
}
