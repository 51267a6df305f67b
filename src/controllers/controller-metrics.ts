// How busy the controllers are, under the names that upstream's work queues use.

import type { MetricsRegistry } from '../base/metrics.ts';
import type { ControllerObserver } from './controller.ts';

/** Upstream's: ten nanoseconds to a thousand seconds. */
const BUCKETS = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];

export function controllerMetrics(registry: MetricsRegistry): ControllerObserver {
  const labels = ['name'];
  const waited = registry.histogram(
    {
      name: 'workqueue_queue_duration_seconds',
      help: 'How long in seconds an item stays in workqueue before being requested',
      labels,
    },
    BUCKETS,
  );
  const took = registry.histogram(
    {
      name: 'workqueue_work_duration_seconds',
      help: 'How long in seconds processing an item from workqueue takes.',
      labels,
    },
    BUCKETS,
  );
  const retries = registry.counter({
    name: 'workqueue_retries_total',
    help: 'Total number of retries handled by workqueue',
    labels,
  });
  const adds = registry.counter({
    name: 'workqueue_adds_total',
    help: 'Total number of adds handled by workqueue',
    labels,
  });
  const queues = new Map<string, { readonly depth: number }>();
  registry.gaugeOf({ name: 'workqueue_depth', help: 'Current depth of workqueue', labels }, () =>
    [...queues].map(([name, { depth }]) => [{ name }, depth] as const),
  );
  return {
    started: (name, queue) => void queues.set(name, queue),
    added: (name) => adds.add({ name }),
    reconciled(name, { waitedMs, tookMs, failed }) {
      waited.observe(waitedMs / 1000, { name });
      took.observe(tookMs / 1000, { name });
      if (failed) retries.add({ name });
    },
  };
}
