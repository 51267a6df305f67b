// How many replicas a metric asks for. Pure. Figures are thousandths, as whole numbers. Pods of which nothing was measured
// and pods that are not ready yet are taken for what makes the least of the change, and never for what turns it around.
// Upstream: pkg/controller/podautoscaler/replica_calculator.go, metrics/utilization.go.

import type { Pod } from '../../api/core/pod.ts';
import { isSidecar } from '../../api/core/sidecar.ts';
import { quantityMilliValue } from '../../api/quantity.ts';
import { timeToMs } from '../../api/time.ts';
import { isPodReady, podCondition } from '../pod-state.ts';

/** Of one pod. */
export interface PodMetric {
  readonly milli: number;
  readonly atMs: number;
  readonly windowMs: number;
}

/** By the pods' names. */
export type PodMetrics = ReadonlyMap<string, PodMetric>;

/** By how much of the target a figure may be off before anything is done about it. */
export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

export interface ReplicaCount {
  readonly replicas: number;
  /** The average, or the whole where that is what counts. */
  readonly milli: number;
}

/** No number can be worked out; the message says why, as upstream's does. */
export class NoReplicaCount extends Error {
  override readonly name = 'NoReplicaCount';
}

export interface CountInput {
  /** All that the target selects. */
  readonly pods: readonly Pod[];
  readonly metrics: PodMetrics;
  readonly replicas: number;
  readonly tolerances: Tolerances;
  readonly nowMs: number;
}

/** Upstream: --horizontal-pod-autoscaler-cpu-initialization-period, -initial-readiness-delay. */
const CPU_INITIALIZATION_MS = 300_000;
const INITIAL_READINESS_DELAY_MS = 30_000;

/** For a target that is a share of what pods, or one of their containers, ask for. */
export function countByUtilization(
  input: CountInput,
  { resource, container, targetPercent }: { resource: string; container: string | undefined; targetPercent: number },
): ReplicaCount & { readonly percent: number } {
  const grouped = groupPods(input, resource);
  const requests = new Map(input.pods.map((pod) => [pod.metadata.name, requestOf(pod, resource, container)]));
  const request = (name: string) => requests.get(name) ?? 0;
  const { ratio, percent, milli } = utilization(grouped.measured, requests, targetPercent);
  const replicas = settle(input, grouped, ratio, {
    missing: (name) => Math.trunc((request(name) * Math.max(100, targetPercent)) / 100),
    again: (measured) => utilization(measured, requests, targetPercent).ratio,
  });
  return { replicas, percent, milli };
}

/** For a target that is an average per pod. `resource`: '' for a metric that is no resource. */
export function countByAverage(
  input: CountInput,
  { resource, targetMilli }: { readonly resource: string; readonly targetMilli: number },
): ReplicaCount {
  const grouped = groupPods(input, resource);
  const { ratio, milli } = average(grouped.measured, targetMilli);
  const replicas = settle(input, grouped, ratio, {
    missing: () => targetMilli,
    again: (measured) => average(measured, targetMilli).ratio,
  });
  return { replicas, milli };
}

/** For one figure of the whole, of which each of the ready pods takes a part. */
export function countByValue(
  { pods, replicas, tolerances }: Pick<CountInput, 'pods' | 'replicas' | 'tolerances'>,
  { milli, targetMilli }: { readonly milli: number; readonly targetMilli: number },
): ReplicaCount {
  const ratio = milli / targetMilli;
  if (replicas === 0) return { replicas: Math.ceil(ratio), milli };
  if (isTolerable(ratio, tolerances)) return { replicas, milli };
  if (pods.length === 0) throw new NoReplicaCount(`unable to calculate ready pods: ${NO_PODS}`);
  const ready = pods.filter((pod) => pod.status.phase === 'Running' && isPodReady(pod)).length;
  return { replicas: Math.ceil(ratio * ready), milli };
}

/** For one figure of the whole with a target for each pod. */
export function countByValuePerPod(
  { replicas, tolerances }: Pick<CountInput, 'replicas' | 'tolerances'>,
  { milli, targetMilli }: { readonly milli: number; readonly targetMilli: number },
): ReplicaCount {
  const ratio = milli / (targetMilli * replicas);
  const wanted = isTolerable(ratio, tolerances) ? replicas : Math.ceil(milli / targetMilli);
  return { replicas: wanted, milli: Math.ceil(milli / Math.max(1, replicas)) };
}

const NO_PODS = 'no pods returned by selector while calculating replica count';

interface Grouped {
  /** Of the pods that count. */
  readonly measured: PodMetrics;
  readonly ready: number;
  readonly unready: readonly string[];
  readonly missing: readonly string[];
}

/** Throws NoReplicaCount when there is nothing to go by. */
function groupPods({ pods, metrics, nowMs }: CountInput, resource: string): Grouped {
  if (pods.length === 0) throw new NoReplicaCount(NO_PODS);
  const measured = new Map(metrics);
  const unready: string[] = [];
  const missing: string[] = [];
  let ready = 0;
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const metric = metrics.get(name);
    if (deletionTimestamp !== undefined || pod.status.phase === 'Failed') measured.delete(name);
    else if (pod.status.phase === 'Pending' || (metric && resource === 'cpu' && isTooNew(pod, metric, nowMs))) {
      measured.delete(name);
      unready.push(name);
    } else if (metric) ready++;
    else missing.push(name);
  }
  if (measured.size === 0) {
    throw new NoReplicaCount('did not receive metrics for targeted pods (pods might be unready)');
  }
  return { measured, ready, unready, missing };
}

/** What a pod uses while it starts says nothing about the load. */
function isTooNew(pod: Pod, metric: PodMetric, nowMs: number): boolean {
  const condition = podCondition(pod, 'Ready');
  const { startTime } = pod.status;
  if (!condition || !startTime) return true;
  const startedMs = timeToMs(startTime);
  const changedMs = condition.lastTransitionTime ? timeToMs(condition.lastTransitionTime) : 0;
  const isUnready = condition.status === 'False';
  if (startedMs + CPU_INITIALIZATION_MS > nowMs) return isUnready || metric.atMs < changedMs + metric.windowMs;
  return isUnready && startedMs + INITIAL_READINESS_DELAY_MS > changedMs;
}

/** Works the ratio out again with what is assumed of the pods that nothing is known of, if there are any. */
function settle(
  { replicas, tolerances }: CountInput,
  { measured, ready, unready, missing }: Grouped,
  ratio: number,
  { missing: assumed, again }: { missing: (name: string) => number; again: (measured: PodMetrics) => number },
): number {
  const countsUnready = unready.length > 0 && ratio > 1;
  if (!countsUnready && missing.length === 0) {
    return isTolerable(ratio, tolerances) ? replicas : Math.ceil(ratio * ready);
  }
  const all = new Map(measured);
  const assume = (name: string, milli: number) => all.set(name, { milli, atMs: 0, windowMs: 0 });
  for (const name of missing) assume(name, ratio < 1 ? assumed(name) : 0);
  if (countsUnready) for (const name of unready) assume(name, 0);
  const newRatio = again(all);
  const isTurned = (ratio < 1 && newRatio > 1) || (ratio > 1 && newRatio < 1);
  if (isTolerable(newRatio, tolerances) || isTurned) return replicas;
  const wanted = Math.ceil(newRatio * all.size);
  const isBackwards = (newRatio < 1 && wanted > replicas) || (newRatio > 1 && wanted < replicas);
  return isBackwards ? replicas : wanted;
}

function isTolerable(ratio: number, { up, down }: Tolerances): boolean {
  return ratio >= 1 - down && ratio <= 1 + up;
}

function utilization(metrics: PodMetrics, requests: ReadonlyMap<string, number>, targetPercent: number) {
  const known = [...metrics].filter(([name]) => requests.has(name));
  const used = known.reduce((sum, [, { milli }]) => sum + milli, 0);
  const asked = known.reduce((sum, [name]) => sum + (requests.get(name) ?? 0), 0);
  if (asked === 0) throw new NoReplicaCount('no metrics returned matched known pods');
  const percent = Math.trunc((used * 100) / asked);
  return { ratio: percent / targetPercent, percent, milli: Math.trunc(used / known.length) };
}

function average(metrics: PodMetrics, targetMilli: number) {
  const used = [...metrics.values()].reduce((sum, { milli }) => sum + milli, 0);
  const milli = Math.trunc(used / metrics.size);
  return { ratio: milli / targetMilli, milli };
}

/** Throws NoReplicaCount for a pod that does not say. */
function requestOf({ metadata, spec }: Pod, resource: string, container: string | undefined): number {
  const ofPod = spec.resources?.requests?.[resource];
  if (container === undefined && ofPod !== undefined) return quantityMilliValue(ofPod);
  const running = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)];
  let sum = 0;
  for (const { name, resources } of running) {
    if (container !== undefined && name !== container) continue;
    const request = resources.requests?.[resource];
    if (request === undefined) {
      throw new NoReplicaCount(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`);
    }
    sum += quantityMilliValue(request);
  }
  return sum;
}
