// What the scheduler says of itself in figures, under upstream's names.

import { DURATION_BUCKETS, type MetricsRegistry } from '../base/metrics.ts';
import type { SchedulerObserver } from './scheduling-core.ts';

/** Seconds, for single attempts: most of them end within a millisecond. */
const ATTEMPT_BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

export function schedulerMetrics(registry: MetricsRegistry): SchedulerObserver {
  const attempts = registry.counter({
    name: 'scheduler_schedule_attempts_total',
    help: 'Attempts to schedule pods, by the result.',
    labels: ['profile', 'result'],
  });
  const attemptSeconds = registry.histogram(
    {
      name: 'scheduler_scheduling_attempt_duration_seconds',
      help: 'How long an attempt took, without binding.',
      labels: ['profile', 'result'],
    },
    ATTEMPT_BUCKETS,
  );
  const podSeconds = registry.histogram(
    {
      name: 'scheduler_pod_scheduling_sli_duration_seconds',
      help: 'How long pods took from when they were first seen until they were bound, by attempts.',
      labels: ['attempts'],
    },
    DURATION_BUCKETS,
  );
  return {
    attempted(profile, result, durationMs) {
      attempts.add({ profile, result });
      attemptSeconds.observe(durationMs / 1000, { profile, result });
    },
    bound: (_pod, { attempts, waitedMs }) =>
      podSeconds.observe(waitedMs / 1000, { attempts: attempts < 15 ? String(attempts) : '15+' }),
  };
}
