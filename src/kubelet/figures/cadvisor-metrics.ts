// The text of /metrics/cadvisor, from which dashboards draw containers, pods and the machine. Names and labels are
// cadvisor's: github.com/google/cadvisor/metrics. A pod as a whole has no container, image or name.

import { type LabelValues, MetricsRegistry } from '../../base/metrics.ts';
import { addFigureMetrics, type Metric } from './figure-metrics.ts';
import type { ContainerFigures, Figures, InterfaceFigures, NodeFigures, PodFigures } from './figures.ts';

type Used = Pick<PodFigures & ContainerFigures, 'cpu' | 'memory' | 'swap' | 'startedMs'> & {
  readonly rootFs?: ContainerFigures['rootFs'];
  readonly processes?: number | undefined;
};

const NAMING = ['container', 'id', 'image', 'name', 'namespace', 'pod'] as const;

export function cadvisorMetricsText({ node, pods }: Figures): string {
  const metrics = new MetricsRegistry();
  const subjects = pods.flatMap((pod): readonly (readonly [LabelValues, Used])[] => [
    [labelsOf(pod), pod],
    ...pod.containers.map((container) => [labelsOf(pod, container), container] as const),
  ]);
  const whole: readonly [LabelValues, Used] = [
    { ...NOBODY, id: '/' },
    { ...node, processes: node.processes?.current },
  ];
  const all = [whole, ...subjects];
  const labelled = (more: LabelValues) => all.map(([labels, used]) => [{ ...labels, ...more }, used] as const);
  addFigureMetrics(metrics, [CPU], [...NAMING, 'cpu'], labelled({ cpu: 'total' }));
  addFigureMetrics(metrics, OF_ALL, NAMING, all);
  const faults = all.flatMap(([labels, { memory: of }]) => [
    [
      { ...labels, failure_type: 'pgfault', scope: 'container' },
      { faults: of?.pageFaults, atMs: of?.atMs },
    ] as const,
    [
      { ...labels, failure_type: 'pgmajfault', scope: 'container' },
      { faults: of?.majorPageFaults, atMs: of?.atMs },
    ] as const,
  ]);
  addFigureMetrics(metrics, [FAILURES], [...NAMING, 'failure_type', 'scope'], faults);
  const interfaces = pods.flatMap((pod) => interfacesOf(labelsOf(pod), pod));
  const own = interfacesOf({ ...NOBODY, id: '/' }, node);
  addFigureMetrics(metrics, OF_INTERFACES, [...NAMING, 'interface'], [...own, ...interfaces]);
  addFigureMetrics(metrics, OF_MACHINES, [], [[{}, node]]);
  return metrics.text();
}

const NOBODY = { container: '', image: '', name: '', namespace: '', pod: '' };

function labelsOf(pod: PodFigures, container?: ContainerFigures): LabelValues {
  const { namespace, name, uid } = pod;
  const of = `/kubepods/pod${uid}`;
  if (!container) return { ...NOBODY, id: of, namespace, pod: name };
  const { id = '', image = '' } = container;
  return { container: container.name, id: `${of}/${id}`, image, name: id, namespace, pod: name };
}

function interfacesOf(labels: LabelValues, { network }: Pick<PodFigures, 'network'>) {
  return (network?.interfaces ?? []).map((one) => [{ ...labels, interface: one.name }, one] as const);
}

const CPU: Metric<Used> = {
  name: 'container_cpu_usage_seconds_total',
  help: 'Cumulative cpu time consumed in seconds.',
  type: 'counter',
  read: ({ cpu }) => cpu && [cpu.usageCoreNanoSeconds / 1e9, cpu.atMs],
};

const OF_ALL: readonly Metric<Used>[] = [
  memory('working_set_bytes', 'Current working set in bytes.', (of) => of.workingSetBytes),
  memory(
    'usage_bytes',
    'Current memory usage in bytes, including all memory regardless of when it was accessed',
    (of) => {
      return of.usageBytes;
    },
  ),
  memory('rss', 'Size of RSS in bytes.', (of) => of.rssBytes),
  memory('cache', 'Number of bytes of page cache memory.', ({ usageBytes, rssBytes }) =>
    usageBytes === undefined || rssBytes === undefined ? undefined : Math.max(0, usageBytes - rssBytes),
  ),
  {
    name: 'container_memory_swap',
    help: 'Container swap usage in bytes.',
    type: 'gauge',
    read: ({ swap }) => swap && [swap.usageBytes, swap.atMs],
  },
  {
    name: 'container_fs_usage_bytes',
    help: 'Number of bytes that are consumed by the container on this filesystem.',
    type: 'gauge',
    read: ({ rootFs }) => rootFs && [rootFs.usedBytes, rootFs.atMs],
  },
  {
    name: 'container_processes',
    help: 'Number of processes running inside the container.',
    type: 'gauge',
    read: ({ processes }) => (typeof processes === 'number' ? [processes] : undefined),
  },
  {
    name: 'container_start_time_seconds',
    help: 'Start time of the container since unix epoch in seconds.',
    type: 'gauge',
    read: ({ startedMs }) => (startedMs > 0 ? [startedMs / 1000] : undefined),
  },
  {
    name: 'container_last_seen',
    help: 'Last time a container was seen by the exporter',
    type: 'gauge',
    read: ({ cpu }) => cpu && [Math.floor(cpu.atMs / 1000), cpu.atMs],
  },
];

const FAILURES: Metric<{ readonly faults: number | undefined; readonly atMs: number | undefined }> = {
  name: 'container_memory_failures_total',
  help: 'Cumulative count of memory allocation failures.',
  type: 'counter',
  read: ({ faults, atMs }) => (faults === undefined || atMs === undefined ? undefined : [faults, atMs]),
};

const OF_INTERFACES: readonly Metric<InterfaceFigures>[] = [
  traffic('receive_bytes_total', 'bytes received', ({ rxBytes }) => rxBytes),
  traffic('receive_errors_total', 'errors encountered while receiving', ({ rxErrors }) => rxErrors),
  traffic('transmit_bytes_total', 'bytes transmitted', ({ txBytes }) => txBytes),
  traffic('transmit_errors_total', 'errors encountered while transmitting', ({ txErrors }) => txErrors),
];

const OF_MACHINES: readonly Metric<NodeFigures>[] = [
  {
    name: 'machine_memory_bytes',
    help: 'Amount of memory installed on the machine.',
    type: 'gauge',
    read: ({ memory: of }) =>
      of?.availableBytes === undefined ? undefined : [of.availableBytes + of.workingSetBytes, of.atMs],
  },
];

type Memory = NonNullable<Used['memory']>;

function memory(name: string, help: string, value: (of: Memory) => number | undefined): Metric<Used> {
  const read: Metric<Used>['read'] = ({ memory: of }) => {
    const found = of && value(of);
    return found === undefined ? undefined : [found, of?.atMs ?? 0];
  };
  return { name: `container_memory_${name}`, help, type: 'gauge', read };
}

function traffic(name: string, what: string, value: (of: InterfaceFigures) => number): Metric<InterfaceFigures> {
  const help = `Cumulative count of ${what}`;
  return { name: `container_network_${name}`, help, type: 'counter', read: (of) => [value(of)] };
}
