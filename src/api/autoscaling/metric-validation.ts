// The rules of the metrics that an autoscaler goes by. Upstream: validateMetricSpec and what is around it in
// pkg/apis/autoscaling/validation.

import { isStandardContainerResource } from '../core/resource-names.ts';
import { checkResourceName } from '../core/resource-validation.ts';
import { checkFaults, checkLabel } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { pathSegment } from '../names.ts';
import { quantitySign } from '../quantity.ts';
import type { CrossVersionObjectReference, MetricIdentifier, MetricSpec, MetricTarget } from './metrics-v2.ts';

/** What a metric is about: the field of each type, in the order in which they are looked at. */
const SOURCES = [
  ['Object', 'object'],
  ['External', 'external'],
  ['Pods', 'pods'],
  ['Resource', 'resource'],
  ['ContainerResource', 'containerResource'],
] as const;
const TYPES = SOURCES.map(([type]) => type).sort();

export function checkMetric(metric: MetricSpec, at: Path, errors: FieldError[]): void {
  const { type } = metric;
  const own = SOURCES.find(([name]) => name === type)?.[1];
  if (type === '') errors.push(fieldError.required(at.child('type'), 'must specify a metric source type'));
  if (!own) errors.push(fieldError.notSupported(at.child('type'), type, TYPES));
  const present = SOURCES.map(([, field]) => field).filter((field) => metric[field] !== undefined);
  const [first] = present;
  if (first) checkSource(metric, first, at.child(first), errors);
  if (own && metric[own] === undefined) {
    errors.push(fieldError.required(at.child(own), 'must populate information for the given metric source'));
  }
  if (present.length === 1) return;
  for (const field of present) {
    if (field !== own) errors.push(fieldError.forbidden(at.child(field), 'must populate the given metric source only'));
  }
}

function checkSource(metric: MetricSpec, field: (typeof SOURCES)[number][1], at: Path, errors: FieldError[]): void {
  const { object, external, pods, resource, containerResource } = metric;
  if (field === 'object' && object) {
    checkReference(object.describedObject, at.child('describedObject'), errors);
    checkIdentifier(object.metric, at.child('metric'), errors);
    checkValues(object.target, { either: 'must set either a target value or averageValue' }, at, errors);
  } else if (field === 'external' && external) {
    checkIdentifier(external.metric, at.child('metric'), errors);
    const texts = {
      either: 'must set either a target value for metric or a per-pod target',
      both: 'may not set both a target value for metric and a per-pod target',
    };
    checkValues(external.target, texts, at, errors);
  } else if (field === 'pods' && pods) {
    checkIdentifier(pods.metric, at.child('metric'), errors);
    checkTarget(pods.target, at.child('target'), errors);
    if (pods.target.averageValue === undefined) {
      const why = 'must specify a positive target averageValue';
      errors.push(fieldError.required(at.child('target', 'averageValue'), why));
    }
  } else if (field === 'resource' && resource) {
    if (resource.name === '') errors.push(fieldError.required(at.child('name'), 'must specify a resource name'));
    checkUse(resource.target, at.child('target'), errors);
  } else if (containerResource) {
    checkContainerResource(containerResource, at, errors);
    checkUse(containerResource.target, at.child('target'), errors);
  }
}

export function checkReference({ kind, name }: CrossVersionObjectReference, at: Path, errors: FieldError[]): void {
  for (const [field, value] of Object.entries({ kind, name })) {
    if (value === '') errors.push(fieldError.required(at.child(field)));
    else checkFaults(pathSegment(value), value, at.child(field), errors);
  }
}

function checkIdentifier({ name }: MetricIdentifier, at: Path, errors: FieldError[]): void {
  if (name === '') errors.push(fieldError.required(at.child('name'), 'must specify a metric name'));
  else checkFaults(pathSegment(name), name, at.child('name'), errors);
}

function checkContainerResource(
  { name, container }: NonNullable<MetricSpec['containerResource']>,
  at: Path,
  errors: FieldError[],
): void {
  if (name === '') errors.push(fieldError.required(at.child('name'), 'must specify a resource name'));
  else {
    checkResourceName(name, at.child('name'), errors);
    if (!name.includes('/') && !isStandardContainerResource(name)) {
      errors.push(fieldError.invalid(at.child('name'), name, 'must be a standard resource for containers'));
    }
  }
  if (container === '') errors.push(fieldError.required(at.child('container'), 'must specify a container'));
  else checkLabel(container, at.child('container'), errors);
}

/** A target of a value as a whole, or for each pod. */
function checkValues(
  target: MetricTarget,
  { either, both }: { readonly either: string; readonly both?: string },
  at: Path,
  errors: FieldError[],
): void {
  const path = at.child('target');
  const hasValue = target.value !== undefined;
  const hasAverage = target.averageValue !== undefined;
  checkTarget(target, path, errors);
  if (!hasValue && !hasAverage) errors.push(fieldError.required(path.child('averageValue'), either));
  if (hasValue && hasAverage && both) errors.push(fieldError.forbidden(path.child('value'), both));
}

/** A target of what each pod uses, as it is or of what it has asked for. */
function checkUse(target: MetricTarget, at: Path, errors: FieldError[]): void {
  const hasUtilization = target.averageUtilization !== undefined;
  const hasValue = target.averageValue !== undefined;
  checkTarget(target, at, errors);
  if (!hasUtilization && !hasValue) {
    const why = 'must set either a target raw value or a target utilization';
    errors.push(fieldError.required(at.child('averageUtilization'), why));
  }
  if (hasUtilization && hasValue) {
    const why = 'may not set both a target raw value and a target utilization';
    errors.push(fieldError.forbidden(at.child('averageValue'), why));
  }
}

function checkTarget(target: MetricTarget, at: Path, errors: FieldError[]): void {
  const { type, averageUtilization } = target;
  if (type === '') errors.push(fieldError.required(at.child('type'), 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    errors.push(fieldError.invalid(at.child('type'), type, 'must be either Utilization, Value, or AverageValue'));
  }
  for (const field of ['value', 'averageValue'] as const) {
    const quantity = target[field];
    if (quantity === undefined || quantitySign(quantity) > 0) continue;
    errors.push(fieldError.invalid(at.child(field), quantity, 'must be positive'));
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(fieldError.invalid(at.child('averageUtilization'), averageUtilization, 'must be greater than 0'));
  }
}
