// What the process takes, under the names that every Prometheus client uses.

import { cpuUsage, memoryUsage, uptime } from 'node:process';
import type { Clock } from '../base/clock.ts';
import type { MetricsRegistry } from '../base/metrics.ts';

export function processMetrics(registry: MetricsRegistry, { clock }: { readonly clock: Clock }): void {
  const startSeconds = clock.now() / 1000 - uptime();
  registry.counterOf({ name: 'process_cpu_seconds_total', help: 'Time on processors in seconds.' }, () => {
    const { user, system } = cpuUsage();
    return [[{}, (user + system) / 1e6]];
  });
  registry.gaugeOf({ name: 'process_resident_memory_bytes', help: 'Resident memory in bytes.' }, () => [
    [{}, memoryUsage.rss()],
  ]);
  registry.gaugeOf({ name: 'process_start_time_seconds', help: 'When the process was started, in Unix time.' }, () => [
    [{}, startSeconds],
  ]);
}
