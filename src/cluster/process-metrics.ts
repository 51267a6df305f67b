// What the process takes, under the names that every Prometheus client uses.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
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
  registry.gaugeOf({ name: 'process_virtual_memory_bytes', help: 'Virtual memory in bytes.' }, () => virtualMemory());
  registry.gaugeOf({ name: 'process_open_fds', help: 'Open file descriptors.' }, () => openFiles());
  registry.gaugeOf({ name: 'process_start_time_seconds', help: 'When the process was started, in Unix time.' }, () => [
    [{}, startSeconds],
  ]);
}

const PROC = '/proc/self';

/** Nothing where the system does not tell. */
function openFiles(): Iterable<readonly [Record<string, string>, number]> {
  return existsSync(PROC) ? [[{}, readdirSync(`${PROC}/fd`).length]] : [];
}

function virtualMemory(): Iterable<readonly [Record<string, string>, number]> {
  const found = existsSync(PROC) ? /^VmSize:\s+(\d+) kB$/m.exec(readFileSync(`${PROC}/status`, 'utf8')) : undefined;
  return found ? [[{}, Number(found[1]) * 1024]] : [];
}
