// HorizontalPodAutoscalers of autoscaling/v1 and v2. Version 1 knows the average use of CPU alone; everything else travels
// in annotations, so that nothing is lost when a client reads v1 and writes it back. Upstream:
// pkg/apis/autoscaling/v1/conversion.go.

type Json = Readonly<Record<string, unknown>>;
type Mutable = Record<string, unknown>;

const PREFIX = 'autoscaling.alpha.kubernetes.io/';
const METRICS = `${PREFIX}metrics`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const CONDITIONS = `${PREFIX}conditions`;
const BEHAVIOR = `${PREFIX}behavior`;
const CARRIERS: ReadonlySet<string> = new Set([METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR]);

/** A v2 object as v1, not yet in normal form. */
export function autoscalerToV1(object: Json): Mutable {
  const { metrics, behavior, ...spec } = part(object, 'spec');
  const { currentMetrics, conditions, ...status } = part(object, 'status');
  const specs = list(metrics);
  const statuses = list(currentMetrics);
  const others = specs.filter((metric) => cpuUtilization(metric, 'target') === undefined);
  const carried: Record<string, string> = {
    ...(others.length > 0 ? { [METRICS]: JSON.stringify(others.map(metricToV1)) } : {}),
    ...(statuses.length > 0 ? { [CURRENT_METRICS]: JSON.stringify(statuses.map(metricToV1)) } : {}),
    ...(list(conditions).length > 0 ? { [CONDITIONS]: JSON.stringify(conditions) } : {}),
    ...(behavior ? { [BEHAVIOR]: JSON.stringify(recase(behavior, upperFirst)) } : {}),
  };
  return {
    ...object,
    metadata: withAnnotations(object, carried),
    spec: { ...spec, targetCPUUtilizationPercentage: firstCpu(specs, 'target') },
    status: { ...status, currentCPUUtilizationPercentage: firstCpu(statuses, 'current') },
  };
}

/** A v1 object as v2, not yet in normal form. */
export function autoscalerToV2(object: Json): Mutable {
  const { targetCPUUtilizationPercentage: target, ...spec } = part(object, 'spec');
  const { currentCPUUtilizationPercentage: current, ...status } = part(object, 'status');
  const annotations = part(part(object, 'metadata'), 'annotations');
  const cpuSpec = isNumber(target) ? [cpuMetric('target', { type: 'Utilization', averageUtilization: target })] : [];
  const cpuStatus = isNumber(current) ? [cpuMetric('current', { averageUtilization: current })] : [];
  const others = carried(annotations, METRICS);
  const statuses = carried(annotations, CURRENT_METRICS);
  const conditions = carried(annotations, CONDITIONS);
  const behavior = carried(annotations, BEHAVIOR);
  return {
    ...object,
    metadata: withAnnotations(object, {}),
    spec: {
      ...spec,
      metrics: [...list(others).map(metricToV2), ...cpuSpec],
      ...(behavior ? { behavior: recase(behavior, lowerFirst) } : {}),
    },
    status: {
      ...status,
      // What was carried says more than the percentage does.
      currentMetrics: statuses ? list(statuses).map(metricToV2) : cpuStatus,
      ...(conditions ? { conditions } : {}),
    },
  };
}

/** Metadata with other annotations in the place of those that carry what v1 lacks. */
function withAnnotations(object: Json, added: Readonly<Record<string, string>>): Mutable {
  const { annotations, ...metadata } = part(object, 'metadata');
  const kept = Object.entries((annotations ?? {}) as Json).filter(([key]) => !CARRIERS.has(key));
  const all = { ...Object.fromEntries(kept), ...added };
  return Object.keys(all).length === 0 ? metadata : { ...metadata, annotations: all };
}

/** What an annotation carries; undefined where it is not there or not JSON, which a client may have written. */
function carried(annotations: Json, name: string): unknown {
  const text = annotations[name];
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // As upstream: an annotation that cannot be read is dropped.
  }
}

function cpuMetric(side: 'target' | 'current', value: Json): Json {
  return { type: 'Resource', resource: { name: 'cpu', [side]: value } };
}

/** The average use of CPU in percent that a metric of v2 is about. */
function cpuUtilization(metric: Json, side: 'target' | 'current'): unknown {
  const resource = part(metric, 'resource');
  return resource['name'] === 'cpu' ? part(resource, side)['averageUtilization'] : undefined;
}

/** Upstream looks at the first metric of CPU alone. */
function firstCpu(metrics: readonly Json[], side: 'target' | 'current'): unknown {
  const first = metrics.find((metric) => part(metric, 'resource')['name'] === 'cpu');
  return first && cpuUtilization(first, side);
}

/**
 * How v1 writes the figures of a metric: flat, and under names that say target or current. `values` are for metrics of
 * one whole, whose plain value v1 calls targetValue and whose average it calls so or averageValue.
 */
function metricToV1(metric: Json): Json {
  const result: Mutable = { type: metric['type'] };
  for (const source of SOURCES) {
    const given = metric[source];
    if (!isObject(given)) continue;
    const side = 'target' in given ? 'target' : 'current';
    const { metric: identifier, describedObject, [side]: figures, ...rest } = given;
    const { name, selector } = (identifier ?? {}) as Json;
    const { value, averageValue, averageUtilization } = (figures ?? {}) as Json;
    const average = source === 'object' ? 'averageValue' : `${side}AverageValue`;
    result[source] = defined({
      ...rest,
      target: describedObject,
      metricName: name,
      [source === 'external' ? 'metricSelector' : 'selector']: selector,
      [`${side}Value`]: value,
      [average]: averageValue,
      [`${side}AverageUtilization`]: averageUtilization,
    });
  }
  return result;
}

function metricToV2(metric: Json): Json {
  const result: Mutable = { type: metric['type'] };
  for (const source of SOURCES) {
    const given = metric[source];
    if (!isObject(given)) continue;
    const side = Object.keys(given).some((key) => key.startsWith('current')) ? 'current' : 'target';
    const { target, metricName, selector, metricSelector, averageValue, name, container } = given;
    const figures = defined({
      value: given[`${side}Value`],
      averageValue: averageValue ?? given[`${side}AverageValue`],
      averageUtilization: given[`${side}AverageUtilization`],
    });
    result[source] = defined({
      name,
      container,
      describedObject: target,
      metric:
        metricName === undefined ? undefined : defined({ name: metricName, selector: selector ?? metricSelector }),
      [side]: side === 'target' ? { type: targetType(figures), ...figures } : figures,
    });
  }
  return result;
}

const SOURCES = ['object', 'pods', 'resource', 'containerResource', 'external'] as const;

function targetType(figures: Json): string {
  if (figures['averageUtilization'] !== undefined) return 'Utilization';
  return figures['averageValue'] === undefined ? 'Value' : 'AverageValue';
}

/** Upstream writes its internal type here, whose fields begin with capitals. */
function recase(value: unknown, change: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => recase(item, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [change(key), recase(inner, change)]));
}

function upperFirst(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}

function lowerFirst(key: string): string {
  return key.charAt(0).toLowerCase() + key.slice(1);
}

function defined(value: Json): Mutable {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}

function part(object: Json, name: string): Json {
  const value = object[name];
  return isObject(value) ? value : {};
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
