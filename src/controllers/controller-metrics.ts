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
  return {
    reconciled(name, { waitedMs, tookMs, failed }) {
      waited.observe(waitedMs / 1000, { name });
      took.observe(tookMs / 1000, { name });
      if (failed) retries.add({ name });
    },
  };
}
