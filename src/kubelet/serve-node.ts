// The node's own server, put together: what it knows of pods, figures and the agent. Upstream: pkg/kubelet/server.

import { join } from 'node:path';
import type { Pod } from '../api/core/pod.ts';
import { agentMetrics } from './agent-metrics.ts';
import type { ReadFigures } from './figures/figures.ts';
import type { KubeletDeps, KubeletOptions } from './kubelet.ts';
import type { PodAgent } from './pod-agent.ts';
import type { RuntimeInspector } from './runtime-inspector.ts';
import { servedPods } from './served-pods.ts';
import { DelegatedAccess } from './server/delegated-access.ts';
import { startKubeletServer } from './server/kubelet-server.ts';
import type { NodeServer } from './server/node-server.ts';
import type { Upkeep } from './upkeep.ts';

export interface ServedNodeDeps extends Pick<KubeletDeps, 'client' | 'cri' | 'clock' | 'log'> {
  readonly agent: PodAgent;
  readonly inspector: RuntimeInspector;
  readonly figures: ReadFigures;
  readonly upkeep: Pick<Upkeep, 'evictions'>;
  /** As they run: of a static pod not its mirror. */
  readonly pod: (namespace: string, name: string) => Pod | undefined;
  readonly pods: () => readonly Pod[];
}

const SYSTEM_LOGS = '/var/log';

/** Rejects when the address cannot be listened on. The signal breaks off what is being looked up. */
export function serveNode(
  { client, cri, clock, log, agent, inspector, figures, upkeep, pod, pods }: ServedNodeDeps,
  options: KubeletOptions,
  signal: AbortSignal,
): Promise<NodeServer> {
  const { nodeName, version, server } = options;
  const served = servedPods({
    ...{ cri, pod, pods },
    inspect: (uid) => inspector.inspect(uid, signal),
    status: (of) => agent.statuses.current(of),
    logPath: (of, container, attempt) => agent.runtime.logPath(of, container, attempt),
  });
  const metrics = agentMetrics({
    ...{ nodeName, version, startedMs: clock.now() },
    runtimes: () => agent.workers.runtimes(),
    probes: () => agent.probes.counts(),
    evictions: () => upkeep.evictions,
    usage() {
      const { user, system } = process.cpuUsage();
      return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
    },
  });
  const shown = {
    configuration: configurationOf(options),
    systemLogsDir: SYSTEM_LOGS,
    checkpointsDir: join(options.dataDir, 'checkpoints'),
  };
  const access = new DelegatedAccess({ client, clock }, { nodeName });
  return startKubeletServer({ pods: served, access, cri, figures, metrics, ...shown, clock, log }, server);
}

/** All that is set, with what the cluster has set for it, under the names of upstream's KubeletConfiguration. */
function configurationOf({ server, clusterDns, settings }: KubeletOptions): Readonly<Record<string, unknown>> {
  return {
    enableServer: true,
    address: server.address,
    port: server.port,
    clusterDomain: clusterDns.domain,
    clusterDNS: [clusterDns.address],
    enableSystemLogHandler: true,
    enableDebuggingHandlers: true,
    ...settings,
  };
}
