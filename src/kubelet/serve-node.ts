// The node's own server, put together: what it knows of pods, figures and the agent. Upstream: pkg/kubelet/server.

import type { Pod } from '../api/core/pod.ts';
import { agentMetrics } from './agent-metrics.ts';
import { figuresReader } from './figures/read-figures.ts';
import { pullsAtOnce } from './images/pull-slots.ts';
import { DEFAULT_VERIFICATION_POLICY } from './images/verify-pull.ts';
import type { KubeletDeps, KubeletOptions } from './kubelet.ts';
import { LOG_ROTATION_DEFAULTS } from './logs/log-rotation.ts';
import type { PodAgent } from './pod-agent.ts';
import type { RuntimeInspector } from './runtime-inspector.ts';
import { servedPods } from './served-pods.ts';
import { startKubeletServer } from './server/kubelet-server.ts';
import type { NodeServer } from './server/node-server.ts';

export interface ServedNodeDeps extends Pick<KubeletDeps, 'cri' | 'cgroups' | 'clock' | 'log'> {
  readonly agent: PodAgent;
  readonly inspector: RuntimeInspector;
  /** As they run: of a static pod not its mirror. */
  readonly pod: (namespace: string, name: string) => Pod | undefined;
  readonly pods: () => readonly Pod[];
}

const SYSTEM_LOGS = '/var/log';

/** Rejects when the address cannot be listened on. The signal breaks off what is being looked up. */
export function serveNode(
  { cri, cgroups, clock, log, agent, inspector, pod, pods }: ServedNodeDeps,
  options: KubeletOptions & { readonly maxPods: number },
  signal: AbortSignal,
): Promise<NodeServer> {
  const { nodeName, dataDir, version, server } = options;
  const served = servedPods({
    ...{ cri, pod, pods },
    inspect: (uid) => inspector.inspect(uid, signal),
    status: (of) => agent.statuses.current(of),
    logPath: (of, container, attempt) => agent.runtime.logPath(of, container, attempt),
  });
  const figures = figuresReader({ cri, cgroups, clock, pods }, { nodeName, dataDir });
  const metrics = agentMetrics({
    ...{ nodeName, version, startedMs: clock.now() },
    runtimes: () => agent.workers.runtimes(),
    probes: () => agent.probes.counts(),
    usage() {
      const { user, system } = process.cpuUsage();
      return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
    },
  });
  const shown = { configuration: configurationOf(options), systemLogsDir: SYSTEM_LOGS };
  return startKubeletServer({ pods: served, cri, figures, metrics, ...shown, clock, log }, server);
}

/** The options under the names of upstream's KubeletConfiguration. */
function configurationOf(options: KubeletOptions): Readonly<Record<string, unknown>> {
  const { server, clusterDns, staticPodPath, maxPods, shutdown = {}, images = {} } = options;
  const byPriority = shutdown.shutdownGracePeriodByPodPriority;
  return {
    enableServer: true,
    ...(staticPodPath === undefined ? {} : { staticPodPath }),
    address: server.address,
    port: server.port,
    clusterDomain: clusterDns.domain,
    clusterDNS: [clusterDns.address],
    maxPods,
    ...LOG_ROTATION_DEFAULTS,
    ...options.logRotation,
    serializeImagePulls: images.serializeImagePulls ?? false,
    maxParallelImagePulls: pullsAtOnce(images),
    imagePullCredentialsVerificationPolicy:
      images.imagePullCredentialsVerificationPolicy ?? DEFAULT_VERIFICATION_POLICY,
    enableSystemLogHandler: true,
    enableDebuggingHandlers: true,
    shutdownGracePeriod: `${shutdown.shutdownGracePeriodSeconds ?? 0}s`,
    shutdownGracePeriodCriticalPods: `${shutdown.shutdownGracePeriodCriticalPodsSeconds ?? 0}s`,
    ...(byPriority ? { shutdownGracePeriodByPodPriority: byPriority } : {}),
  };
}
