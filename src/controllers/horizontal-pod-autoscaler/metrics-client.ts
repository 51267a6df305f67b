// Reads figures for autoscalers through the APIs that have them: metrics.k8s.io, custom.metrics.k8s.io (of objects of the
// cluster) and external.metrics.k8s.io (of anything else). The latter two are served by whoever installs an adapter.
// Upstream: pkg/controller/podautoscaler/metrics/client.go, k8s.io/metrics/pkg/client.

import type { CrossVersionObjectReference, MetricIdentifier } from '../../api/autoscaling/metrics-v2.ts';
import type { Kind } from '../../api/kind.ts';
import { compileLabelSelector, formatLabelMatcher } from '../../api/label-selector.ts';
import { PodMetrics as PodMetricsKind } from '../../api/metrics/pod-metrics.ts';
import { quantityMilliValue } from '../../api/quantity.ts';
import { isStatusError } from '../../api/status-error.ts';
import { durationToMs, timeToMs } from '../../api/time.ts';
import type { Client } from '../../client/client.ts';
import type { PodMetric, PodMetrics } from './replica-count.ts';

/** A figure could not be had. */
export class MetricError extends Error {
  override readonly name = 'MetricError';
}

interface PodsQuery {
  readonly namespace: string;
  /** In the syntax of query strings. */
  readonly selector: string;
  readonly signal: AbortSignal;
}

interface ObjectQuery {
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/** As it comes from an adapter: v1beta2, with what is called otherwise in v1beta1. */
interface MetricValue {
  readonly describedObject: { readonly name: string };
  readonly timestamp: string;
  readonly windowSeconds?: number;
  readonly window?: number;
  readonly value: string;
}

interface MetricValues {
  /** Servers written in Go say null for none. */
  readonly items: readonly MetricValue[] | null;
}

const CUSTOM = 'custom.metrics.k8s.io';
const EXTERNAL = 'external.metrics.k8s.io';
const DEFAULT_WINDOW_MS = 60_000;

/** All of it throws MetricError. */
export class MetricsClient {
  readonly #client: Client;
  readonly #kinds: () => readonly Kind[];

  constructor({ client, kinds }: { readonly client: Client; readonly kinds: () => readonly Kind[] }) {
    this.#client = client;
    this.#kinds = kinds;
  }

  /** What pods, or their containers of that name, use of a resource. */
  async resource(resource: string, container: string | undefined, query: PodsQuery): Promise<PodMetrics> {
    const { namespace, selector: labelSelector, signal } = query;
    const listed = fetched('resource', this.#client.list(PodMetricsKind, { namespace, labelSelector, signal }));
    const metrics = new Map<string, PodMetric>();
    for (const { metadata, timestamp, window, containers } of some('resource', await listed)) {
      const measured = containers.filter(({ name }) => container === undefined || name === container);
      if (measured.length === 0 && container !== undefined) {
        const which = `container ${container} not present in metrics for pod ${namespace}/${metadata.name}`;
        throw new MetricError(`failed to get container metrics: ${which}`);
      }
      const used = measured.map(({ usage }) => usage[resource]);
      if (used.length === 0 || used.includes(undefined)) continue;
      const milli = used.reduce((sum, value) => sum + quantityMilliValue(value ?? '0'), 0);
      metrics.set(metadata.name, { milli, atMs: timeToMs(timestamp ?? ''), windowMs: durationToMs(window) });
    }
    return metrics;
  }

  /** A metric of each pod. */
  async pods(metric: MetricIdentifier, { namespace, selector, signal }: PodsQuery): Promise<PodMetrics> {
    const query = queryOf({ labelSelector: selector, metricLabelSelector: selectorOf(metric) });
    const path = ['namespaces', namespace, 'pods', '*', metric.name];
    const values = await fetched('custom', this.#values(CUSTOM, path, query, signal));
    return new Map(
      some('custom', values).map(({ describedObject, timestamp, windowSeconds, window, value }) => {
        const seconds = windowSeconds ?? window;
        const windowMs = seconds === undefined ? DEFAULT_WINDOW_MS : seconds * 1000;
        return [describedObject.name, { milli: quantityMilliValue(value), atMs: timeToMs(timestamp), windowMs }];
      }),
    );
  }

  /** A metric of one object, in thousandths. A namespace's is that of the autoscaler's own. */
  async object(metric: MetricIdentifier, target: CrossVersionObjectReference, query: ObjectQuery): Promise<number> {
    const { namespace, signal } = query;
    return fetched('custom', this.#objectValue(metric, target, namespace, signal));
  }

  /** The sum of all figures of the metric, in thousandths. */
  async external(metric: MetricIdentifier, { namespace, signal }: ObjectQuery): Promise<number> {
    const query = queryOf({ labelSelector: selectorOf(metric) });
    const path = ['namespaces', namespace, metric.name];
    const values = await fetched('external', this.#values(EXTERNAL, path, query, signal));
    return some('external', values).reduce((sum, { value }) => sum + quantityMilliValue(value), 0);
  }

  async #objectValue(
    metric: MetricIdentifier,
    target: CrossVersionObjectReference,
    namespace: string,
    signal: AbortSignal,
  ): Promise<number> {
    const path = this.#objectPath(target, namespace, metric.name);
    const query = queryOf({ metricLabelSelector: selectorOf(metric) });
    const items = (await this.#values(CUSTOM, path, query, signal)).items ?? [];
    const [only, ...more] = items;
    if (only && more.length === 0) return quantityMilliValue(only.value);
    throw new MetricError(
      `the custom metrics API server returned ${items.length} results when we asked for exactly one`,
    );
  }

  #objectPath(
    { apiVersion = '', kind: kindName, name }: CrossVersionObjectReference,
    namespace: string,
    metric: string,
  ): readonly string[] {
    const group = groupOf(apiVersion);
    if (group === '' && kindName === 'Namespace') return ['namespaces', namespace, 'metrics', metric];
    const kind = this.#kinds().find((candidate) => candidate.group === group && candidate.kind === kindName);
    if (!kind) throw new MetricError(`no matches for kind "${kindName}" in group "${group}"`);
    const resource = group === '' ? kind.plural : `${kind.plural}.${group}`;
    return ['namespaces', namespace, resource, name, metric];
  }

  async #values(group: string, path: readonly string[], query: string, signal: AbortSignal): Promise<MetricValues> {
    const version = await this.#version(group, signal);
    const whole = `/apis/${group}/${version}/${path.map(encodeURIComponent).join('/')}${query}`;
    return (await this.#client.request('GET', whole, { signal })) as MetricValues;
  }

  /** The version that the adapter prefers. */
  async #version(group: string, signal: AbortSignal): Promise<string> {
    try {
      const found = await this.#client.request('GET', `/apis/${group}`, { signal });
      return (found as { readonly preferredVersion: { readonly version: string } }).preferredVersion.version;
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
      throw new MetricError(`no ${group === CUSTOM ? 'custom' : 'external'} metrics API (${group}) registered`);
    }
  }
}

/** The group of `apps/v1`; `''` of `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

type Api = 'resource' | 'custom' | 'external';

async function fetched<T>(api: Api, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isStatusError(error) && !(error instanceof MetricError)) throw error;
    throw new MetricError(`unable to fetch metrics from ${api} metrics API: ${error.message}`, { cause: error });
  }
}

function some<T>(api: Api, { items }: { readonly items: readonly T[] | null }): readonly T[] {
  if (!items || items.length === 0) throw new MetricError(`no metrics returned from ${api} metrics API`);
  return items;
}

function selectorOf({ selector }: MetricIdentifier): string {
  return selector ? formatLabelMatcher(compileLabelSelector(selector)) : '';
}

function queryOf(parts: Readonly<Record<string, string>>): string {
  const given = Object.entries(parts).filter(([, value]) => value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
