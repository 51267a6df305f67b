// Writes the statuses of pods to the API: only what has changed, one write per pod at a time, the newest status last. The
// final status of a pod that has ended is written before the pod itself is removed. Upstream: pkg/kubelet/status.

import { Pod } from '../api/core/pod.ts';
import type { PodCondition, PodStatus } from '../api/core/pod-status.ts';
import { isStatusError } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import { deepEqual } from '../base/deep-equal.ts';
import type { Logger } from '../base/log.ts';
import { WorkQueue } from '../base/work-queue.ts';
import { type Client, refOf } from '../client/client.ts';
import { compareResourceVersions } from '../client/resource-version.ts';
import { PASSING_CONDITIONS } from './pod-conditions.ts';
import type { PodStatuses } from './pod-parts.ts';

const CONCURRENCY = 16;

interface Entry {
  pod: Pod;
  /** The object that shows the status: the pod itself or, of a static pod, its mirror while there is one. */
  shownBy: Pod | undefined;
  readonly isStatic: boolean;
  /** What is to stand in the API. */
  wanted: PodStatus;
  /** What stands there, as far as this agent knows, and in which version. */
  written: PodStatus;
  writtenVersion: string;
  /** The write that is under way: the next one begins from what it has written. */
  writing: Promise<void> | undefined;
}

export class StatusWriter implements PodStatuses, AsyncDisposable {
  readonly #client: Client;
  readonly #entries = new Map<string, Entry>();
  readonly #queue: WorkQueue;

  constructor({ client, clock, log }: { readonly client: Client; readonly clock: Clock; readonly log: Logger }) {
    this.#client = client;
    this.#queue = new WorkQueue(
      { clock, work: (uid, signal) => this.#write(uid, signal) },
      {
        concurrency: CONCURRENCY,
        backoff: { baseMs: 200, maxMs: 10_000 },
        observer: {
          retrying: (uid, error, failures, delayMs) =>
            log.warn('writing the status of a pod failed', {
              pod: this.#entries.get(uid)?.pod.metadata.name,
              failures,
              delayMs,
              error,
            }),
        },
      },
    );
  }

  current(pod: Pod): PodStatus {
    return this.#entries.get(pod.metadata.uid)?.wanted ?? pod.status;
  }

  set(pod: Pod, status: PodStatus): void {
    const entry = this.#remember(pod);
    entry.wanted = withOthersConditions(status, entry.shownBy?.status ?? {});
    if (Object.keys(statusChange(entry.written, entry.wanted)).length > 0) this.#queue.add(pod.metadata.uid);
  }

  /** Takes what the API says now: a condition that somebody else has overwritten is written again. */
  observe(pod: Pod): void {
    const entry = this.#entries.get(pod.metadata.uid);
    if (!entry || entry.isStatic || compareResourceVersions(pod.metadata.resourceVersion, entry.writtenVersion) < 0)
      return;
    entry.written = pod.status;
    entry.writtenVersion = pod.metadata.resourceVersion;
    this.set(pod, entry.wanted);
  }

  /** Of a static pod: which object shows its status from now on, if any. What a former agent has said is kept in it. */
  shownBy(pod: Pod, mirror: Pod | undefined): void {
    const { uid } = pod.metadata;
    const known = this.#entries.get(uid);
    const isSame = mirror !== undefined && known?.shownBy?.metadata.uid === mirror.metadata.uid;
    if (isSame && compareResourceVersions(mirror.metadata.resourceVersion, known.writtenVersion) < 0) return;
    this.#entries.set(uid, {
      ...{ pod, shownBy: mirror, isStatic: true },
      wanted: known?.wanted ?? mirror?.status ?? pod.status,
      written: mirror?.status ?? {},
      writtenVersion: mirror?.metadata.resourceVersion ?? '',
      writing: known?.writing,
    });
    if (known && mirror) this.#queue.add(uid);
  }

  async finish(pod: Pod, status: PodStatus, signal: AbortSignal): Promise<void> {
    this.set(pod, status);
    const { uid } = pod.metadata;
    try {
      await this.#write(uid, signal);
      signal.throwIfAborted();
      const shown = this.#entries.get(uid)?.shownBy;
      const preconditions = { uid: shown?.metadata.uid ?? uid };
      if (shown) await this.#client.delete(Pod, refOf(shown), { gracePeriodSeconds: 0, preconditions, signal });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    this.#entries.delete(uid);
  }

  /** The pod is not in the API any more. */
  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#queue[Symbol.asyncDispose]();
  }

  #remember(pod: Pod): Entry {
    const { uid } = pod.metadata;
    const known = this.#entries.get(uid);
    if (known) {
      known.pod = pod;
      if (!known.isStatic) known.shownBy = pod;
      return known;
    }
    const entry = {
      pod,
      shownBy: pod,
      isStatic: false,
      wanted: pod.status,
      written: pod.status,
      writtenVersion: pod.metadata.resourceVersion,
      writing: undefined,
    };
    this.#entries.set(uid, entry);
    return entry;
  }

  /** Writes the newest status after whatever is being written. */
  async #write(uid: string, signal: AbortSignal): Promise<void> {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    const before = entry.writing ?? Promise.resolve();
    const own = before.catch(() => {}).then(() => this.#writeNow(entry, signal)); // Its failure is its caller's matter.
    entry.writing = own;
    await own;
  }

  async #writeNow(entry: Entry, signal: AbortSignal): Promise<void> {
    const { shownBy: shown, wanted } = entry;
    const change = statusChange(entry.written, wanted);
    if (!shown || Object.keys(change).length === 0) return;
    const { uid } = shown.metadata;
    const patch = { type: 'strategic', body: { metadata: { uid }, status: change } } as const;
    try {
      const answer = await this.#client.patch(Pod, refOf(shown), patch, { subresource: 'status', signal });
      entry.written = wanted;
      entry.writtenVersion = answer.metadata.resourceVersion;
    } catch (error) {
      if (!isGone(error)) throw error;
      if (entry.isStatic) entry.shownBy = undefined;
      else this.#entries.delete(uid);
    }
  }
}

/** The pod has gone, or another one of its name has taken its place. */
function isGone(error: unknown): boolean {
  return isStatusError(error, 'NotFound', 'Conflict');
}

/** Conditions that somebody else keeps (readiness gates, the scheduler) are taken as they are now in the API. */
function withOthersConditions(status: PodStatus, inApi: PodStatus): PodStatus {
  const own = new Set((status.conditions ?? []).map(({ type }) => type));
  const others = (inApi.conditions ?? []).filter(({ type }) => !own.has(type) && !PASSING_CONDITIONS.has(type));
  return others.length === 0 ? status : { ...status, conditions: [...(status.conditions ?? []), ...others] };
}

/** A strategic merge patch from one status to the other; empty when they are the same. Exported for its test. */
export function statusChange(from: PodStatus, to: PodStatus): Readonly<Record<string, unknown>> {
  const change: Record<string, unknown> = {};
  const before = from as Readonly<Record<string, unknown>>;
  const after = to as Readonly<Record<string, unknown>>;
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (deepEqual(before[key], after[key])) continue;
    if (key === 'conditions') {
      change[key] = conditionsChange(from.conditions ?? [], to.conditions ?? []);
    } else if (key === 'podIPs') {
      // Merged by address otherwise: the addresses of a former sandbox would stay.
      change[key] = [...(to.podIPs ?? []), { $patch: 'replace' }];
    } else {
      change[key] = after[key] ?? null;
    }
  }
  if (Array.isArray(change['conditions']) && change['conditions'].length === 0) delete change['conditions'];
  return change;
}

/** Only what is different; fields that go are named, as a patch needs it. Others' conditions are for others to take away. */
function conditionsChange(from: readonly PodCondition[], to: readonly PodCondition[]): readonly object[] {
  const find = (conditions: readonly PodCondition[], type: string) => conditions.find((other) => other.type === type);
  const gone = from.filter(({ type }) => PASSING_CONDITIONS.has(type) && !find(to, type));
  const changed = to.flatMap((condition) => {
    const before = find(from, condition.type) ?? {};
    return deepEqual(condition, before) ? [] : [{ ...fieldsGone(before, condition), ...condition }];
  });
  return [...changed, ...gone.map(({ type }) => ({ type, $patch: 'delete' }))];
}

function fieldsGone(before: object, after: object): Readonly<Record<string, null>> {
  const gone = Object.keys(before).filter((key) => !(key in after));
  return Object.fromEntries(gone.map((key) => [key, null]));
}
