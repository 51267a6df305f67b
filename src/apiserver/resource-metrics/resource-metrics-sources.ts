// Where the objects of metrics.k8s.io come from: what the agents of the nodes say, asked when somebody asks for them. In
// other clusters an API server of its own, metrics-server, is installed for this.

import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import type { LabelMatcher } from '../../api/label-selector.ts';
import type { Usage } from '../../api/metrics/container-metrics.ts';
import { NodeMetrics } from '../../api/metrics/node-metrics.ts';
import { PodMetrics } from '../../api/metrics/pod-metrics.ts';
import { formatQuantity } from '../../api/quantity.ts';
import { formatDuration, formatTime } from '../../api/time.ts';
import type { Clock } from '../../base/clock.ts';
import { forEachOf } from '../../base/for-each-of.ts';
import { keyOf } from '../../client/object-key.ts';
import type { MadeUpObject, ObjectSource, Wanted } from '../registry/handlers.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import { type MeasuredUsage, nodeUsage, podUsage } from './usage-sample.ts';
import type { SamplePair, UsageSampler } from './usage-sampler.ts';

export interface ResourceMetricsDeps {
  readonly objects: ObjectReader;
  readonly sampler: Pick<UsageSampler, 'samples'>;
  readonly clock: Clock;
}

const NODES_AT_ONCE = 32;

/** By plural and group, as the registry has its sources. */
export function resourceMetricsSources(deps: ResourceMetricsDeps): Readonly<Record<string, ObjectSource>> {
  return {
    'nodes.metrics.k8s.io': (wanted, { signal }) => nodeMetrics(deps, wanted, signal),
    'pods.metrics.k8s.io': (wanted, { signal }) => podMetrics(deps, wanted, signal),
  };
}

async function nodeMetrics(
  deps: ResourceMetricsDeps,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<readonly MadeUpObject[]> {
  const made: MadeUpObject[] = [];
  const nodes = deps.objects.list(Node).filter((node) => isWanted(node, wanted));
  await eachSampled(deps, nodes, signal, (node, { earlier, later }) => {
    const usage = nodeUsage(earlier, later);
    if (!usage) return;
    made.push({ ...head(deps, NodeMetrics, node), ...measured(usage), usage: quantities(usage) });
  });
  return made;
}

async function podMetrics(
  deps: ResourceMetricsDeps,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<readonly MadeUpObject[]> {
  const { objects } = deps;
  const running = objects
    .list(Pod, wanted.namespace === '' ? undefined : wanted.namespace)
    .filter((pod) => pod.status.phase === 'Running' && isWanted(pod, wanted));
  const byNode = Map.groupBy(running, ({ spec }) => spec.nodeName ?? '');
  const nodes = [...byNode.keys()].map((name) => objects.get(Node, { name })).filter((node) => node !== undefined);
  const made: MadeUpObject[] = [];
  await eachSampled(deps, nodes, signal, (node, { earlier, later }) => {
    for (const pod of byNode.get(node.metadata.name) ?? []) {
      const usages = podUsage(earlier, later, keyOf(pod.metadata));
      const [oldest] = [...(usages?.values() ?? [])].sort((a, b) => a.atMs - b.atMs);
      if (!usages || !oldest) continue;
      const containers = [...usages].map(([name, usage]) => ({ name, usage: quantities(usage) }));
      made.push({ ...head(deps, PodMetrics, pod), ...measured(oldest), containers });
    }
  });
  return made;
}

function isWanted(
  { metadata }: Pick<Node | Pod, 'metadata'>,
  { name, labels }: { readonly name: string | undefined; readonly labels: LabelMatcher | undefined },
): boolean {
  return (name === undefined || metadata.name === name) && (!labels || labels.matches(metadata.labels));
}

function eachSampled(
  { sampler }: ResourceMetricsDeps,
  nodes: readonly Node[],
  signal: AbortSignal,
  take: (node: Node, samples: SamplePair) => void,
): Promise<void> {
  return forEachOf(nodes, NODES_AT_ONCE, signal, async (node) => {
    const samples = await sampler.samples(node);
    if (samples) take(node, samples);
  });
}

function head(
  { clock }: ResourceMetricsDeps,
  { kind, apiVersion }: { readonly kind: string; readonly apiVersion: string },
  { metadata: { name, namespace, labels } }: Pick<Node | Pod, 'metadata'>,
): MadeUpObject {
  return {
    kind,
    apiVersion,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      creationTimestamp: formatTime(clock.now()),
      ...(labels === undefined ? {} : { labels }),
    },
  };
}

function measured({ atMs, windowMs }: MeasuredUsage) {
  return { timestamp: formatTime(atMs), window: formatDuration(BigInt(Math.round(windowMs)) * 1_000_000n) };
}

function quantities({ cpuNanoCores, memoryBytes }: MeasuredUsage): Usage {
  return {
    cpu: formatQuantity({ mantissa: BigInt(cpuNanoCores), exponent: -9, format: 'DecimalSI' }),
    memory: formatQuantity({ mantissa: BigInt(memoryBytes), exponent: 0, format: 'BinarySI' }),
  };
}
