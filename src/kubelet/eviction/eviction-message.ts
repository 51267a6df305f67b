// What is said of a pod that is ended for want of something: pure. Upstream: evictionMessage in
// pkg/kubelet/eviction/helpers.go.

import type { Pod } from '../../api/core/pod.ts';
import { canonicalQuantity, quantityOf, quantityValue } from '../../api/quantity.ts';
import type { ContainerFigures, PodFigures } from '../figures/figures.ts';
import { formatOf, type Observations, resourceOf, type StarvedResource } from './signals.ts';
import { amountText, type Threshold } from './thresholds.ts';

export interface EvictionMessage {
  readonly message: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** `due`: every threshold that something has to be done about, the one it is about first. */
export function evictionMessage(
  pod: Pod,
  figures: PodFigures | undefined,
  due: readonly Threshold[],
  observations: Observations,
): EvictionMessage {
  const [threshold] = due;
  if (!threshold) throw new TypeError('no pod is ended without a reason');
  const resource = resourceOf(threshold.signal);
  const lead = `The node was low on resource: ${resource}. ${shortageText(threshold, observations)}`;
  if (!figures) return { message: lead, annotations: {} };
  const whole = podText(pod, figures, resource);
  const offenders = figures.containers.flatMap((container) => offenderOf(pod, container, resource));
  return {
    message: [lead, whole?.text ?? '', ...offenders.map(({ text }) => text)].join(''),
    annotations: {
      ...(whole ? { offending_pod: pod.metadata.name, offending_pod_usage: whole.usage } : {}),
      offending_containers: offenders.map(({ name }) => name).join(','),
      offending_containers_usage: offenders.map(({ usage }) => usage).join(','),
      starved_resource: resource,
    },
  };
}

function shortageText({ signal, value }: Threshold, observations: Observations): string {
  const observed = observations.get(signal);
  if (!observed) return '';
  const available = quantityOf(observed.available, formatOf(resourceOf(signal)));
  return `Threshold quantity: ${amountText(value, observed.capacity)}, available: ${available}. `;
}

/** Of a pod that has asked for memory as a whole (KEP-2837). */
function podText({ metadata: { name }, spec }: Pod, { memory }: PodFigures, resource: StarvedResource) {
  const request = resource === 'memory' ? spec.resources?.requests?.['memory'] : undefined;
  if (request === undefined || !memory) return undefined;
  const usage = quantityOf(memory.workingSetBytes, 'BinarySI');
  return { usage, text: consumption('Pod', name, usage, request, resource) };
}

/** Containers that use more than they have asked for; ephemeral ones cannot ask for anything, and are not blamed. */
function offenderOf({ spec }: Pod, figures: ContainerFigures, resource: StarvedResource) {
  const used = usedBy(figures, resource);
  const container = [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === figures.name);
  if (!container || used === undefined) return [];
  const request = container.resources.requests?.[resource] ?? '0';
  if (used <= quantityValue(request)) return [];
  const usage = quantityOf(used, 'BinarySI');
  return [{ name: container.name, usage, text: consumption('Container', container.name, usage, request, resource) }];
}

function usedBy({ memory, rootFs, logs }: ContainerFigures, resource: StarvedResource): number | undefined {
  if (resource === 'memory') return memory?.workingSetBytes;
  if (resource === 'ephemeral-storage' && rootFs && logs) return rootFs.usedBytes + logs.usedBytes;
  return undefined;
}

function consumption(what: string, name: string, usage: string, request: string, resource: StarvedResource): string {
  const asked = canonicalQuantity(request);
  return `${what} ${name} was using ${usage}, request is ${asked}, has larger consumption of ${resource}. `;
}
