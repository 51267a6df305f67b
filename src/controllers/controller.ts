// What a controller is, and what runs one: it waits for its informers, queues keys, calls `reconcile` for each and tries
// again after failures. Which controllers there are is in catalog.ts; what one does is in its own folder.

import { isStatusError } from '../api/status-error.ts';
import type { BackoffOptions } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { type Requeue, WorkQueue } from '../base/work-queue.ts';
import type { Informer } from '../client/informer.ts';
import type { ObjectKey } from '../client/object-key.ts';

export interface ReconcileContext {
  /** Aborted when the controller stops: pass it to everything that waits. */
  readonly signal: AbortSignal;
  /** Has the controller and the key among its fields. */
  readonly log: Logger;
}

/** Return nothing when settled; throw to retry with backoff; ask for a later look only to meet a deadline. */
// biome-ignore lint/suspicious/noConfusingVoidType: a reconcile that is settled ends without a word.
export type Reconcile = (key: ObjectKey, context: ReconcileContext) => Promise<void | Requeue>;

/** Puts a key in line, if need be after a while. */
export type Enqueue = (key: ObjectKey, afterMs?: number) => void;

export interface Controller {
  /** As upstream's kube-controller-manager calls it: `deployment-controller`. */
  readonly name: string;
  /** How many keys are worked on at once. Absent: 5. */
  readonly concurrency?: number;
  /** Absent: 5 ms, doubling to 1000 s. */
  readonly backoff?: BackoffOptions;
  /** What it reads: it begins when all of them have synced. */
  readonly reads: readonly Pick<Informer<unknown>, 'synced'>[];
  /** Subscribes to changes and turns them into keys. Called once; the subscriptions end with the controller. */
  watch(enqueue: Enqueue): readonly (Disposable | AsyncDisposable)[];
  readonly reconcile: Reconcile;
}

export interface ControllerObserver {
  /** A controller has begun. `depth` is how many keys stand in line. */
  started?(controller: string, queue: { readonly depth: number }): void;
  added?(controller: string): void;
  reconciled?(
    controller: string,
    result: { readonly waitedMs: number; readonly tookMs: number; readonly failed: boolean },
  ): void;
}

/** A controller at work. Disposing stops it: running work is aborted and its end awaited. */
export interface RunningController extends AsyncDisposable {
  readonly name: string;
  /** Resolves as soon as nothing stands in line or is being worked on. */
  idle(): Promise<void>;
}

const DEFAULT_CONCURRENCY = 5;

/** Resolves when the controller's informers have synced and it is at work; rejects with the signal's reason. */
export async function startController(
  { clock, log, observer = {} }: { clock: Clock; log: Logger; observer?: ControllerObserver },
  controller: Controller,
  { signal }: { signal?: AbortSignal } = {},
): Promise<RunningController> {
  await Promise.all(controller.reads.map((informer) => informer.synced(signal)));
  const controllerLog = log.with({ controller: controller.name });
  const queue = new WorkQueue(
    { clock, work: (key, signal) => controller.reconcile(key, { signal, log: controllerLog.with({ key }) }) },
    {
      concurrency: controller.concurrency ?? DEFAULT_CONCURRENCY,
      ...(controller.backoff ? { backoff: controller.backoff } : {}),
      observer: {
        added: () => observer.added?.(controller.name),
        finished: (result) => observer.reconciled?.(controller.name, result),
        retrying: (key, error, failures, delayMs) => logFailure(controllerLog, { key, error, failures, delayMs }),
      },
    },
  );
  observer.started?.(controller.name, queue);
  const subscriptions = new AsyncDisposableStack();
  for (const one of controller.watch((key, afterMs = 0) => queue.addAfter(key, afterMs))) subscriptions.use(one);
  return {
    name: controller.name,
    idle: () => queue.idle(),
    async [Symbol.asyncDispose]() {
      await subscriptions.disposeAsync();
      await queue[Symbol.asyncDispose]();
    },
  };
}

/** Somebody else having been faster is no news; anything but an answer of the API server is a bug of ours. */
function logFailure(
  log: Logger,
  failure: { readonly key: string; readonly error: unknown; readonly failures: number; readonly delayMs: number },
): void {
  if (isStatusError(failure.error, 'Conflict', 'AlreadyExists')) log.debug('reconciling was overtaken', failure);
  else if (isStatusError(failure.error)) log.warn('reconciling failed', failure);
  else log.error('reconciling failed', failure);
}
