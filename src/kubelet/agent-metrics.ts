// The figures of the agent itself, with upstream's names where it has the same: /metrics and /metrics/probes.
// Upstream: pkg/kubelet/metrics, pkg/kubelet/prober.

import { MetricsRegistry } from '../base/metrics.ts';
import type { ProbeCount } from './probes/probe-manager.ts';
import type { RuntimePod } from './runtime-pod.ts';

export interface AgentMetrics {
  own(): string;
  probes(): string;
}

export interface AgentMetricsDeps {
  readonly nodeName: string;
  /** `v1.36.0` */
  readonly version: string;
  readonly runtimes: () => readonly RuntimePod[];
  readonly probes: () => readonly ProbeCount[];
  /** How many pods the node has ended for want of something, by what that was. */
  readonly evictions: () => ReadonlyMap<string, number>;
  /** Of the process: CPU seconds so far, resident bytes. */
  readonly usage: () => { readonly cpuSeconds: number; readonly residentBytes: number };
  readonly startedMs: number;
}

const KIND_WORDS = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' } as const;

export function agentMetrics(deps: AgentMetricsDeps): AgentMetrics {
  const own = ownMetrics(deps);
  const probes = new MetricsRegistry();
  probes.counterOf(
    {
      name: 'prober_probe_total',
      help: '[BETA] Cumulative number of a liveness, readiness or startup probe for a container by result.',
      labels: ['container', 'namespace', 'pod', 'pod_uid', 'probe_type', 'result'],
    },
    () =>
      deps.probes().map(({ pod: { metadata }, container, kind, result, times }) => {
        const { namespace, name, uid } = metadata;
        const labels = { container, namespace, pod: name, pod_uid: uid, probe_type: KIND_WORDS[kind], result };
        return [labels, times] as const;
      }),
  );
  return { own: () => own.text(), probes: () => probes.text() };
}

function ownMetrics({ nodeName, version, runtimes, evictions, usage, startedMs }: AgentMetricsDeps): MetricsRegistry {
  const metrics = new MetricsRegistry();
  const [major = '', minor = ''] = version.replace(/^v/, '').split('.');
  const build = { git_version: version, major, minor, platform: 'linux' };
  metrics.gaugeOf(
    { name: 'kubernetes_build_info', help: '[ALPHA] The version that this is.', labels: Object.keys(build) },
    () => [[build, 1]],
  );
  metrics.gaugeOf(
    { name: 'kubelet_node_name', help: "[ALPHA] The node's name. The count is always 1.", labels: ['node'] },
    () => [[{ node: nodeName }, 1]],
  );
  metrics.gaugeOf(
    { name: 'kubelet_running_pods', help: '[ALPHA] Number of pods that have a running pod sandbox' },
    () => [[{}, runtimes().filter(({ sandboxes }) => sandboxes.some(({ ready }) => ready)).length]],
  );
  metrics.gaugeOf(
    {
      name: 'kubelet_running_containers',
      help: '[ALPHA] Number of containers currently running',
      labels: ['container_state'],
    },
    () => {
      const counts = new Map<string, number>();
      for (const { containers } of runtimes()) {
        for (const { state } of containers) counts.set(state, (counts.get(state) ?? 0) + 1);
      }
      return [...counts].map(([state, count]) => [{ container_state: state }, count] as const);
    },
  );
  metrics.counterOf(
    {
      name: 'kubelet_evictions',
      help: '[ALPHA] Cumulative number of pod evictions by eviction signal',
      labels: ['eviction_signal'],
    },
    () => [...evictions()].map(([signal, count]) => [{ eviction_signal: signal }, count] as const),
  );
  metrics.counterOf(
    { name: 'process_cpu_seconds_total', help: 'Total user and system CPU time spent in seconds.' },
    () => [[{}, usage().cpuSeconds]],
  );
  metrics.gaugeOf({ name: 'process_resident_memory_bytes', help: 'Resident memory size in bytes.' }, () => [
    [{}, usage().residentBytes],
  ]);
  metrics.gaugeOf(
    { name: 'process_start_time_seconds', help: 'Start time of the process since unix epoch in seconds.' },
    () => [[{}, startedMs / 1000]],
  );
  return metrics;
}
