// The scheduler in the control plane's process.

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { MetricsRegistry } from '../base/metrics.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createEventRecorder } from '../client/event-recorder.ts';
import { InformerFactory } from '../client/informer-factory.ts';
import { createScheduler } from '../scheduler/scheduler.ts';
import { schedulerMetrics } from '../scheduler/scheduler-metrics.ts';
import type { Working } from './component-health.ts';

export interface StartSchedulerDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Where the scheduler's figures go. */
  readonly metrics: MetricsRegistry;
}

/** Schedules until it is closed, or fails. */
export function startScheduler({
  client,
  clock,
  random,
  metrics,
  ...deps
}: StartSchedulerDeps): AsyncDisposable & Working {
  const log = deps.log.with({ component: 'scheduler' });
  const stack = new AsyncDisposableStack();
  const stopping = new AbortController();
  const informers = stack.use(new InformerFactory({ client, clock, random, log }));
  const events = stack.use(createEventRecorder({ client, clock, log }, { component: 'default-scheduler' }));
  const observer = schedulerMetrics(metrics);
  const scheduler = stack.use(createScheduler({ client, informers, clock, random, log, events }, { observer }));
  let failure: Error | undefined;
  const running = scheduler.run(stopping.signal).catch((error) => {
    if (stopping.signal.aborted) return;
    failure = new Error('the scheduler has stopped', { cause: error });
    log.error('the scheduler has stopped', { error });
  });
  stack.defer(() => running);
  stack.defer(() => stopping.abort(new Error('the scheduler is closed')));
  return {
    get failure() {
      return failure;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
