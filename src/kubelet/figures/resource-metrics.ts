// The text of /metrics/resource, which metrics servers read. Names, labels and help are upstream's:
// pkg/kubelet/metrics/collectors/resource_metrics.go.

import { MetricsRegistry } from '../../base/metrics.ts';
import { addFigureMetrics, type Metric, type Sample, type Value } from './figure-metrics.ts';
import type { ContainerFigures, Figures, NodeFigures, PodFigures } from './figures.ts';

type Resources = Pick<PodFigures, 'cpu' | 'memory' | 'swap'>;

const NOT_ON_WINDOWS = 'Reported only on non-windows systems';

const OF_CONTAINERS: readonly Metric<ContainerFigures>[] = [
  cpuOf('container'),
  memoryOf('container'),
  {
    name: 'container_start_time_seconds',
    help: '[STABLE] Start time of the container since unix epoch in seconds',
    type: 'gauge',
    read: ({ startedMs }) => (startedMs > 0 ? [startedMs / 1000] : undefined),
  },
  {
    name: 'container_swap_limit_bytes',
    help: `[ALPHA] Current amount of the container swap limit in bytes. ${NOT_ON_WINDOWS}`,
    type: 'gauge',
    read: ({ swap }) => limitOf(swap),
  },
  swapOf('container', 'Current amount of the container swap usage'),
];
const OF_NODES: readonly Metric<NodeFigures>[] = [
  cpuOf('node'),
  memoryOf('node'),
  swapOf('node', 'Current swap usage of the node'),
];
const OF_PODS: readonly Metric<PodFigures>[] = [
  cpuOf('pod'),
  memoryOf('pod'),
  swapOf('pod', 'Current amount of the pod swap usage'),
];

/** Without figures the text says only that there were none to be had. */
export function resourceMetricsText(figures: Figures | undefined): string {
  const metrics = new MetricsRegistry();
  if (figures) addFigures(metrics, figures);
  const failed: readonly Sample[] = [[{}, figures ? 0 : 1]];
  const help = '1 if there was an error while getting container metrics, 0 otherwise';
  metrics.gaugeOf({ name: 'resource_scrape_error', help: `[STABLE] ${help}` }, () => failed);
  metrics.gaugeOf({ name: 'scrape_error', help: `[ALPHA] (Deprecated since 1.29.0) ${help}` }, () => failed);
  return metrics.text();
}

function addFigures(metrics: MetricsRegistry, { node, pods }: Figures): void {
  const ofPod = ({ namespace, name: pod }: PodFigures) => ({ namespace, pod });
  const containers = pods.flatMap((pod) =>
    pod.containers.map((container) => [{ container: container.name, ...ofPod(pod) }, container] as const),
  );
  addFigureMetrics(metrics, OF_CONTAINERS, ['container', 'namespace', 'pod'], containers);
  addFigureMetrics(metrics, OF_NODES, [], [[{}, node]]);
  addFigureMetrics(
    metrics,
    OF_PODS,
    ['namespace', 'pod'],
    pods.map((pod) => [ofPod(pod), pod] as const),
  );
}

function cpuOf(what: string): Metric<Resources> {
  return {
    name: `${what}_cpu_usage_seconds_total`,
    help: `[STABLE] Cumulative cpu time consumed by the ${what} in core-seconds`,
    type: 'counter',
    read: ({ cpu }) => cpu && [cpu.usageCoreNanoSeconds / 1e9, cpu.atMs],
  };
}

function memoryOf(what: string): Metric<Resources> {
  return {
    name: `${what}_memory_working_set_bytes`,
    help: `[STABLE] Current working set of the ${what} in bytes`,
    type: 'gauge',
    read: ({ memory }) => memory && [memory.workingSetBytes, memory.atMs],
  };
}

function swapOf(what: string, words: string): Metric<Resources> {
  return {
    name: `${what}_swap_usage_bytes`,
    help: `[ALPHA] ${words} in bytes. ${NOT_ON_WINDOWS}`,
    type: 'gauge',
    read: ({ swap }) => swap && [swap.usageBytes, swap.atMs],
  };
}

function limitOf(swap: ContainerFigures['swap']): Value {
  return swap?.availableBytes === undefined ? undefined : [swap.usageBytes + swap.availableBytes, swap.atMs];
}
