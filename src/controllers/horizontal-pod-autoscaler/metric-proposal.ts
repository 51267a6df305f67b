// What each metric of an autoscaler proposes: its figures are read, the number of replicas is worked out of them
// (replica-count.ts), and the status says what was seen. Upstream: computeReplicasForMetric in
// pkg/controller/podautoscaler/horizontal.go.

import type { HorizontalPodAutoscaler } from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import type {
  ExternalMetricSource,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  ObjectMetricSource,
  PodsMetricSource,
} from '../../api/autoscaling/metrics-v2.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { LabelSelector } from '../../api/meta/label-selector.ts';
import { QuantityError, quantityMilliValue, quantityOfMilli } from '../../api/quantity.ts';
import { TimeFormatError } from '../../api/time.ts';
import { MetricError, type MetricsClient } from './metrics-client.ts';
import {
  type CountInput,
  countByAverage,
  countByUtilization,
  countByValue,
  countByValuePerPod,
  NoReplicaCount,
  type PodMetrics,
  type Tolerances,
} from './replica-count.ts';

export interface MetricContext {
  readonly metrics: MetricsClient;
  readonly namespace: string;
  /** The target's selector, in the syntax of query strings, and what it selects. */
  readonly selector: string;
  readonly pods: readonly Pod[];
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly tolerances: Tolerances;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

export interface MetricProposal {
  readonly replicas: number;
  readonly status: MetricStatus;
  /** As reasons of rescales call it. */
  readonly name: string;
}

/** A metric from which nothing follows. The message says why, without what it was for. */
export class MetricFailure extends Error {
  override readonly name = 'MetricFailure';
  /** Of the event and the condition. */
  readonly reason: string;
  /** What it was for, to stand before the message where all metrics are told of. */
  readonly purpose: string;

  constructor(reason: string, message: string, purpose: string) {
    super(message);
    this.reason = reason;
    this.purpose = purpose;
  }
}

const DEFAULT_TOLERANCE_MILLI = 100;

/** Upstream: KEP-4951. */
export function tolerancesOf({ spec: { behavior } }: HorizontalPodAutoscaler): Tolerances {
  const share = (tolerance: string | undefined) =>
    (tolerance === undefined ? DEFAULT_TOLERANCE_MILLI : quantityMilliValue(tolerance)) / 1000;
  return { up: share(behavior?.scaleUp?.tolerance), down: share(behavior?.scaleDown?.tolerance) };
}

/** Throws MetricFailure. */
export async function proposeReplicas(spec: MetricSpec, context: MetricContext): Promise<MetricProposal> {
  const { type, resource, containerResource, pods, object, external } = spec;
  if (type === 'Resource' && resource) {
    return during('FailedGetResourceMetric', `${resource.name} resource`, () =>
      byResource(context, resource.name, resource.target, undefined),
    );
  }
  if (type === 'ContainerResource' && containerResource) {
    const { name, target, container } = containerResource;
    return during('FailedGetContainerResourceMetric', `${container} container`, () =>
      byResource(context, name, target, container),
    );
  }
  if (type === 'Pods' && pods) return during('FailedGetPodsMetric', 'pods', () => byPods(context, pods));
  if (type === 'Object' && object) return during('FailedGetObjectMetric', 'object', () => byObject(context, object));
  if (type === 'External' && external) {
    return during('FailedGetExternalMetric', `${external.metric.name} external`, () => byExternal(context, external));
  }
  throw new MetricFailure('InvalidMetricSourceType', `unknown metric source type "${type}"`, '');
}

async function during(reason: string, what: string, propose: () => Promise<MetricProposal>): Promise<MetricProposal> {
  try {
    return await propose();
  } catch (error) {
    if (!isAboutMetrics(error)) throw error;
    throw new MetricFailure(reason, error.message, `failed to get ${what} metric value`);
  }
}

/** There are no figures, or an adapter sends what are none. */
function isAboutMetrics(error: unknown): error is Error {
  return [MetricError, NoReplicaCount, QuantityError, TimeFormatError].some((type) => error instanceof type);
}

/** Of pods, or of their containers of one name. */
async function byResource(
  context: MetricContext,
  name: string,
  { averageValue, averageUtilization }: MetricTarget,
  container: string | undefined,
): Promise<MetricProposal> {
  const read = () =>
    within(`unable to get metrics for resource ${name}`, context.metrics.resource(name, container, context));
  const status = (current: object): MetricStatus =>
    container === undefined
      ? { type: 'Resource', resource: { name, current } }
      : { type: 'ContainerResource', containerResource: { name, container, current } };
  if (averageValue !== undefined) {
    const { replicas, milli } = await within(`failed to get ${name} usage`, async () =>
      countByAverage(inputOf(context, await read()), { resource: name, targetMilli: quantityMilliValue(averageValue) }),
    );
    return { replicas, status: status({ averageValue: quantityOfMilli(milli) }), name: `${name} resource` };
  }
  if (averageUtilization === undefined) {
    const neither = 'neither an average utilization target nor an average value (usage) target was set';
    throw new MetricError(`invalid resource metric source: ${neither}`);
  }
  const { replicas, percent, milli } = await within(`failed to get ${name} utilization`, async () =>
    countByUtilization(inputOf(context, await read()), {
      resource: name,
      container,
      targetPercent: averageUtilization,
    }),
  );
  return {
    replicas,
    status: status({ averageUtilization: percent, averageValue: quantityOfMilli(milli) }),
    name: `${name} ${container === undefined ? '' : 'container '}resource utilization (percentage of request)`,
  };
}

async function byPods(context: MetricContext, { metric, target }: PodsMetricSource): Promise<MetricProposal> {
  const metrics = await within(`unable to get metric ${metric.name}`, context.metrics.pods(metric, context));
  const targetMilli = quantityMilliValue(target.averageValue ?? '0');
  const { replicas, milli } = countByAverage(inputOf(context, metrics), { resource: '', targetMilli });
  const current = { averageValue: quantityOfMilli(milli) };
  return { replicas, status: { type: 'Pods', pods: { metric, current } }, name: `pods metric ${metric.name}` };
}

async function byObject(
  context: MetricContext,
  { metric, target, describedObject }: ObjectMetricSource,
): Promise<MetricProposal> {
  const { kind, name } = describedObject;
  const read = () => context.metrics.object(metric, describedObject, context);
  const status = (current: object): MetricStatus => ({ type: 'Object', object: { metric, describedObject, current } });
  const unable = `unable to get metric ${metric.name}: ${kind} on ${context.namespace} ${name}/`;
  if (target.type === 'Value' && target.value !== undefined) {
    const figures = { milli: await within(unable, read), targetMilli: quantityMilliValue(target.value) };
    const { replicas, milli } = countByValue({ ...context, replicas: context.specReplicas }, figures);
    return { replicas, status: status({ value: quantityOfMilli(milli) }), name: `${kind} metric ${metric.name}` };
  }
  if (target.type === 'AverageValue' && target.averageValue !== undefined) {
    const figures = { milli: await within(unable, read), targetMilli: quantityMilliValue(target.averageValue) };
    const { replicas, milli } = countByValuePerPod({ ...context, replicas: context.statusReplicas }, figures);
    const words = `external metric ${metric.name}(${goSelector(metric.selector)})`;
    return { replicas, status: status({ averageValue: quantityOfMilli(milli) }), name: words };
  }
  throw new MetricError('invalid object metric source: neither a value target nor an average value target was set');
}

async function byExternal(context: MetricContext, { metric, target }: ExternalMetricSource): Promise<MetricProposal> {
  const selector = goSelector(metric.selector);
  const read = () =>
    within(
      `unable to get external metric ${context.namespace}/${metric.name}/${selector}`,
      context.metrics.external(metric, context),
    );
  const status = (current: object): MetricStatus => ({ type: 'External', external: { metric, current } });
  const name = `external metric ${metric.name}(${selector})`;
  if (target.averageValue !== undefined) {
    const figures = { milli: await read(), targetMilli: quantityMilliValue(target.averageValue) };
    const { replicas, milli } = countByValuePerPod({ ...context, replicas: context.statusReplicas }, figures);
    return { replicas, status: status({ averageValue: quantityOfMilli(milli) }), name };
  }
  if (target.value !== undefined) {
    const figures = { milli: await read(), targetMilli: quantityMilliValue(target.value) };
    const { replicas, milli } = countByValue({ ...context, replicas: context.specReplicas }, figures);
    return { replicas, status: status({ value: quantityOfMilli(milli) }), name };
  }
  throw new MetricError('invalid external metric source: neither a value target nor an average value target was set');
}

function inputOf({ pods, specReplicas, tolerances, nowMs }: MetricContext, metrics: PodMetrics): CountInput {
  return { pods, metrics, replicas: specReplicas, tolerances, nowMs };
}

/** What goes wrong is told with the words before it. */
async function within<T>(words: string, work: Promise<T> | (() => Promise<T>)): Promise<T> {
  try {
    return await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (!isAboutMetrics(error)) throw error;
    throw new MetricError(`${words}${words.endsWith('/') ? '' : ': '}${error.message}`, { cause: error });
  }
}

/** As Go prints a selector, which people have in their logs and events. */
function goSelector(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  const matchLabels = labels.map(([key, value]) => `${key}: ${value},`).join('');
  return `&LabelSelector{MatchLabels:map[string]string{${matchLabels}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
