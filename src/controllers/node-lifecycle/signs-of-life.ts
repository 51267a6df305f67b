// When each node was last heard of: a renewed lease, a new heartbeat in its status, or that it appeared. What counts is
// when a sign arrives here: the clocks of nodes are not trusted. Upstream: nodeHealthMap in pkg/controller/nodelifecycle.

import type { Lease } from '../../api/coordination/lease.ts';
import type { Node } from '../../api/core/node.ts';
import { timeToMs } from '../../api/time.ts';
import type { Clock } from '../../base/clock.ts';
import type { Change } from '../../client/object-cache.ts';
import { readyCondition } from './node-health.ts';

/** A node that has given no sign for this long is not heard of any more. */
const GRACE_MS = 50_000;
/** One that has never posted its status is given this long from when it was registered. */
const STARTUP_GRACE_MS = 60_000;

export class SignsOfLife {
  readonly #clock: Clock;
  /** On the monotonic clock, by node. */
  readonly #heardAtMs = new Map<string, number>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** A node agent that posts status lives, even if it cannot renew its lease. What others write keeps its heartbeats. */
  observeNode(change: Change<Node>): void {
    const { object, type } = change;
    const { name, creationTimestamp } = object.metadata;
    if (type === 'deleted') this.#heardAtMs.delete(name);
    else if (type === 'updated') {
      const isSame = readyCondition(change.previous)?.lastHeartbeatTime === readyCondition(object)?.lastHeartbeatTime;
      if (!isSame) this.hear(name);
    } else if (readyCondition(object)) this.hear(name);
    else if (!this.#heardAtMs.has(name)) {
      const ageMs = Math.max(0, this.#clock.now() - timeToMs(creationTimestamp));
      this.#heardAtMs.set(name, this.#clock.elapsed() - ageMs);
    }
  }

  observeLease(change: Change<Lease>): void {
    const { object, type } = change;
    const isRenewed = type !== 'updated' || change.previous.spec.renewTime !== object.spec.renewTime;
    if (type !== 'deleted' && isRenewed) this.hear(object.metadata.name);
  }

  hear(name: string): void {
    this.#heardAtMs.set(name, this.#clock.elapsed());
  }

  /** In how many milliseconds the node will have been silent for too long; 0 or less if it has. */
  silentInMs(node: Node): number {
    const heardAtMs = this.#heardAtMs.get(node.metadata.name) ?? this.#clock.elapsed();
    return heardAtMs + (readyCondition(node) ? GRACE_MS : STARTUP_GRACE_MS) - this.#clock.elapsed();
  }
}
