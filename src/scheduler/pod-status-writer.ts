// Writes what the scheduler has to say into the status of pods, without scheduling waiting for it: a few at a time, and
// only the newest for a pod that has not had its turn.

import { Pod } from '../api/core/pod.ts';
import { isStatusError } from '../api/status-error.ts';
import { formatTime } from '../api/time.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { type Client, refOf } from '../client/client.ts';

export interface ScheduledCondition {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export interface StatusChange {
  readonly condition?: ScheduledCondition;
  /** `''` clears it. */
  readonly nominatedNodeName?: string;
}

interface Pending {
  readonly pod: Pod;
  readonly change: StatusChange;
}

const MAX_AT_ONCE = 32;

export class PodStatusWriter implements AsyncDisposable {
  readonly #deps: { readonly client: Client; readonly clock: Clock; readonly log: Logger };
  readonly #waiting = new Map<string, Pending>();
  /** By uid: two writes of one pod never overtake each other. */
  readonly #writing = new Map<string, Promise<void>>();
  readonly #closed = new AbortController();

  constructor(deps: { readonly client: Client; readonly clock: Clock; readonly log: Logger }) {
    this.#deps = deps;
  }

  /** Brings the pod's status to this, unless it says so already. */
  write(pod: Pod, change: StatusChange): void {
    if (this.#closed.signal.aborted) return;
    const { uid } = pod.metadata;
    const before = this.#waiting.get(uid)?.change;
    this.#waiting.set(uid, { pod, change: { ...before, ...change } });
    this.#next();
  }

  /** Gives up what waits and ends what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error('the scheduler has stopped'));
    this.#waiting.clear();
    await Promise.all(this.#writing.values());
  }

  #next(): void {
    for (const [uid, { pod, change }] of this.#waiting) {
      if (this.#writing.size >= MAX_AT_ONCE) return;
      if (this.#writing.has(uid)) continue;
      this.#waiting.delete(uid);
      const status = statusPatch(pod, change, this.#deps.clock.now());
      if (!status) continue;
      const writing = this.#patch(pod, status).finally(() => {
        this.#writing.delete(uid);
        this.#next();
      });
      this.#writing.set(uid, writing);
    }
  }

  async #patch(pod: Pod, status: object): Promise<void> {
    const { client, log } = this.#deps;
    const { signal } = this.#closed;
    // With the uid a pod that has taken the name of this one is not written to.
    const body = { metadata: { uid: pod.metadata.uid }, status };
    try {
      await client.patch(Pod, refOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
    } catch (error) {
      // It has gone, or another has its name: there is nothing to say. Otherwise the next attempt says it again.
      if (signal.aborted || isStatusError(error, 'NotFound', 'Conflict')) return;
      log.warn('the status of a pod could not be written', { pod: pod.metadata.name, error });
    }
  }
}

/** A strategic merge patch of the status; undefined when there is nothing to change. */
function statusPatch(pod: Pod, { condition, nominatedNodeName }: StatusChange, nowMs: number): object | undefined {
  const { conditions, nominatedNodeName: nominatedBefore = '' } = pod.status;
  const before = conditions?.find(({ type }) => type === 'PodScheduled');
  const { generation } = pod.metadata;
  const isNews =
    condition !== undefined &&
    (before?.status !== condition.status ||
      before.reason !== condition.reason ||
      before.message !== condition.message ||
      before.observedGeneration !== generation);
  const isNewNomination = nominatedNodeName !== undefined && nominatedNodeName !== nominatedBefore;
  if (!isNews && !isNewNomination) return undefined;
  const changed = isNews && {
    type: 'PodScheduled',
    ...condition,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastProbeTime: null,
    ...(before?.status === condition.status ? {} : { lastTransitionTime: formatTime(nowMs) }),
  };
  return {
    ...(changed ? { conditions: [changed] } : {}),
    ...(isNewNomination ? { nominatedNodeName: nominatedNodeName === '' ? null : nominatedNodeName } : {}),
  };
}
