// How fast failed pods of a daemon set are made anew on a node: a node that rejects them would else be asked without end.
// Upstream: failedPodsBackoff in pkg/controller/daemon.

import type { DaemonSet } from '../../api/apps/daemon-set.ts';
import { backoffDelayMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { keyOf, type ObjectKey } from '../../client/object-key.ts';

const BACKOFF = { baseMs: 1000, maxMs: 15 * 60_000 };
/** A pod that lasted this long starts from the shortest delay again. */
const FORGIVEN_AFTER_MS = 2 * BACKOFF.maxMs;

interface Failures {
  readonly count: number;
  readonly lastAtMs: number;
}

interface NodeRecord {
  /** The daemon set and its generation: with a change of it nodes are tried afresh. */
  readonly of: string;
  readonly byNode: Map<string, Failures>;
}

/** Remembers the nodes on which pods failed, for each daemon set until it is changed or gone. */
export class FailedPodBackoff {
  readonly #clock: Clock;
  readonly #records = new Map<ObjectKey, NodeRecord>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** How long the failed pod on the node must still lie; 0 if it may go now, which counts as a failure of the node. */
  delayMs({ metadata, status }: DaemonSet, node: string): number {
    const { byNode } = this.#record(keyOf(metadata), `${metadata.uid} ${status.observedGeneration ?? 0}`);
    const nowMs = this.#clock.elapsed();
    const last = byNode.get(node);
    const passedMs = last ? nowMs - last.lastAtMs : Number.POSITIVE_INFINITY;
    const waitMs = last ? backoffDelayMs(last.count, BACKOFF) - passedMs : 0;
    if (waitMs > 0) return waitMs;
    byNode.set(node, { count: last && passedMs < FORGIVEN_AFTER_MS ? last.count + 1 : 1, lastAtMs: nowMs });
    return 0;
  }

  /** The daemon set of the key has gone. */
  forget(key: ObjectKey): void {
    this.#records.delete(key);
  }

  #record(key: ObjectKey, of: string): NodeRecord {
    const known = this.#records.get(key);
    if (known?.of === of) return known;
    const record = { of, byNode: new Map<string, Failures>() };
    this.#records.set(key, record);
    return record;
  }
}
