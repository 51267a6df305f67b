// What pods seem to use on a node that only pretends: as much as they say themselves, or something likely. CPU time adds up
// from one question to the next, so that it goes on from where it was when a pod says something else.

import type { Container } from '../../api/core/container.ts';
import type { Pod } from '../../api/core/pod.ts';
import { isSidecar } from '../../api/core/sidecar.ts';
import { QuantityError, quantityToNumber } from '../../api/quantity.ts';
import { timeToMs } from '../../api/time.ts';
import type { ContainerFigures, Figures, PodFigures } from '../figures/figures.ts';

/**
 * Annotations by which a pod says what each of its containers uses, as quantities. Absent: a tenth of the CPU and half of
 * the memory that the container asks for, or a little.
 */
export const CPU = 'simulated.typernetes.io/cpu';
export const MEMORY = 'simulated.typernetes.io/memory';

const CPU_SHARE = 0.1;
const MEMORY_SHARE = 0.5;
const LITTLE_CPU = 0.001;
const LITTLE_MEMORY_BYTES = 16 * 2 ** 20;
/** What the node's own processes use. */
const NODE_CPU = 0.05;
const NODE_MEMORY_BYTES = 256 * 2 ** 20;

interface Total {
  readonly startedMs: number;
  readonly atMs: number;
  readonly cpuSeconds: number;
}

/** Of one node; remembers as many totals as there are containers on it. */
export class SimulatedUsage {
  readonly #name: string;
  readonly #startedMs: number;
  #totals: ReadonlyMap<string, Total> = new Map();

  constructor(node: { readonly name: string; readonly startedMs: number }) {
    this.#name = node.name;
    this.#startedMs = node.startedMs;
  }

  figures(pods: readonly Pod[], nowMs: number): Figures {
    const totals = new Map<string, Total>();
    const total = (key: string, startedMs: number, cpus: number) => {
      const next = continued(this.#totals.get(key), { startedMs, nowMs, cpus });
      totals.set(key, next);
      return { atMs: nowMs, usageCoreNanoSeconds: Math.round(next.cpuSeconds * 1e9), usageNanoCores: cpus * 1e9 };
    };
    const measured = pods.map((pod) => podFigures(pod, nowMs, total)).filter(({ containers }) => containers.length > 0);
    const cpus = sum(measured, ({ cpu }) => (cpu?.usageNanoCores ?? 0) / 1e9) + NODE_CPU;
    const workingSetBytes = sum(measured, ({ memory }) => memory?.workingSetBytes ?? 0) + NODE_MEMORY_BYTES;
    const node = {
      name: this.#name,
      startedMs: this.#startedMs,
      cpu: total('', this.#startedMs, cpus),
      memory: { atMs: nowMs, workingSetBytes, usageBytes: workingSetBytes },
    };
    this.#totals = totals;
    return { node, pods: measured };
  }
}

function continued(
  last: Total | undefined,
  { startedMs, nowMs, cpus }: { readonly startedMs: number; readonly nowMs: number; readonly cpus: number },
): Total {
  const since = last?.startedMs === startedMs ? last : { atMs: startedMs, cpuSeconds: 0 };
  return { startedMs, atMs: nowMs, cpuSeconds: since.cpuSeconds + (Math.max(0, nowMs - since.atMs) / 1000) * cpus };
}

function podFigures(
  pod: Pod,
  nowMs: number,
  total: (key: string, startedMs: number, cpus: number) => NonNullable<ContainerFigures['cpu']>,
): PodFigures {
  const { uid, name, namespace, creationTimestamp } = pod.metadata;
  const { initContainerStatuses = [], containerStatuses = [], startTime = creationTimestamp } = pod.status;
  const startedAt = new Map(
    [...initContainerStatuses, ...containerStatuses].map((status) => [status.name, status.state?.running?.startedAt]),
  );
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  const containers = [...sidecars, ...pod.spec.containers].flatMap((container): readonly ContainerFigures[] => {
    const started = startedAt.get(container.name);
    if (!started) return [];
    const startedMs = timeToMs(started);
    const workingSetBytes = Math.round(memoryOf(pod, container));
    return [
      {
        name: container.name,
        startedMs,
        cpu: total(`${uid}/${container.name}`, startedMs, cpusOf(pod, container)),
        memory: { atMs: nowMs, workingSetBytes, usageBytes: workingSetBytes },
      },
    ];
  });
  const workingSetBytes = sum(containers, ({ memory }) => memory?.workingSetBytes ?? 0);
  return {
    ...{ name, namespace, uid, containers },
    startedMs: timeToMs(startTime),
    cpu: {
      atMs: nowMs,
      usageCoreNanoSeconds: sum(containers, ({ cpu }) => cpu?.usageCoreNanoSeconds ?? 0),
      usageNanoCores: sum(containers, ({ cpu }) => cpu?.usageNanoCores ?? 0),
    },
    memory: { atMs: nowMs, workingSetBytes, usageBytes: workingSetBytes },
  };
}

function cpusOf({ metadata }: Pod, { resources }: Container): number {
  const request = quantity(resources.requests?.['cpu']);
  return quantity(metadata.annotations?.[CPU]) ?? (request === undefined ? LITTLE_CPU : request * CPU_SHARE);
}

function memoryOf({ metadata }: Pod, { resources }: Container): number {
  const request = quantity(resources.requests?.['memory']);
  return (
    quantity(metadata.annotations?.[MEMORY]) ?? (request === undefined ? LITTLE_MEMORY_BYTES : request * MEMORY_SHARE)
  );
}

/** An annotation may be anything: what is no quantity of at least 0 says nothing. */
function quantity(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    const value = quantityToNumber(text);
    return value >= 0 ? value : undefined;
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

function sum<T>(items: readonly T[], read: (item: T) => number): number {
  return items.reduce((total, item) => total + read(item), 0);
}
