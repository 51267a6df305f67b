// What `kubectl get horizontalpodautoscalers` shows. Upstream: printHorizontalPodAutoscaler in
// pkg/printers/internalversion.

import type { Column } from '../kind.ts';
import { ageColumn, nameColumn, orUnset } from '../printing.ts';
import type { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from './metrics-v2.ts';

export const autoscalerColumns: readonly Column<HorizontalPodAutoscaler>[] = [
  nameColumn,
  {
    name: 'Reference',
    type: 'string',
    description: 'What is scaled.',
    value: ({ spec: { scaleTargetRef } }) => `${scaleTargetRef.kind}/${scaleTargetRef.name}`,
  },
  {
    name: 'Targets',
    type: 'string',
    description: 'What is measured, each with what it should be.',
    value: ({ spec, status }) => formatMetrics(spec.metrics ?? [], status.currentMetrics ?? []),
  },
  {
    name: 'MinPods',
    type: 'string',
    description: 'Pods that there are at least.',
    value: ({ spec }) => orUnset(spec.minReplicas?.toString()),
  },
  {
    name: 'MaxPods',
    type: 'string',
    description: 'Pods that there are at most.',
    value: ({ spec }) => spec.maxReplicas,
  },
  {
    name: 'Replicas',
    type: 'string',
    description: 'Pods that there are.',
    value: ({ status }) => status.currentReplicas ?? 0,
  },
  ageColumn,
];

const MAX_SHOWN = 2;
const UNKNOWN = '<unknown>';

function formatMetrics(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (specs.length === 0) return '<none>';
  const shown = specs.slice(0, MAX_SHOWN).map((spec, index) => formatMetric(spec, statuses[index]));
  const more = specs.length > MAX_SHOWN ? ` + ${specs.length - MAX_SHOWN} more...` : '';
  return shown.join(', ') + more;
}

function formatMetric(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case 'External':
      return spec.external ? formatValue(spec.external.target, status?.external?.current) : '';
    case 'Object':
      return spec.object ? formatValue(spec.object.target, status?.object?.current) : '';
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? UNKNOWN}/${spec.pods?.target.averageValue ?? ''}`;
    case 'Resource':
      return spec.resource ? formatResource(spec.resource, status?.resource?.current) : '';
    case 'ContainerResource':
      return spec.containerResource ? formatResource(spec.containerResource, status?.containerResource?.current) : '';
    default:
      return '<unknown type>';
  }
}

function formatValue(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
  return `${current?.value ?? UNKNOWN}/${target.value ?? ''}`;
}

function formatResource(
  { name, target }: { readonly name: string; readonly target: MetricTarget },
  current: MetricValueStatus | undefined,
): string {
  if (target.averageValue !== undefined) return `${name}: ${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  const percent = (value: number | undefined, otherwise: string) => (value === undefined ? otherwise : `${value}%`);
  return `${name}: ${percent(current?.averageUtilization, UNKNOWN)}/${percent(target.averageUtilization, '<auto>')}`;
}
