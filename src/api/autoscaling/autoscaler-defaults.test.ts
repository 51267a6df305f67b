import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { readInput } from '../read-input.ts';
import { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';

const scaleTargetRef = { kind: 'Deployment', name: 'web' };
const object = { describedObject: scaleTargetRef, metric: { name: 'queue' } };
type Spec = NonNullable<Parameters<typeof readInput<typeof HorizontalPodAutoscaler>>[1]['spec']>;
type Status = NonNullable<Parameters<typeof readInput<typeof HorizontalPodAutoscaler>>[1]['status']>;
const row = (metrics: NonNullable<Spec['metrics']>, currentMetrics: NonNullable<Status['currentMetrics']> = []) =>
  rowOf(HorizontalPodAutoscaler, {
    spec: { scaleTargetRef, maxReplicas: 5, metrics },
    status: { currentReplicas: 2, desiredReplicas: 2, currentMetrics },
  });

const cases: readonly [title: string, row: string, expected: string][] = [
  ['an autoscaler of little', row([]), 'x | Deployment/web | cpu: <unknown>/80% | 1 | 5 | 2 | 60m'],
  [
    'an autoscaler that measures',
    row(
      [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
        {
          type: 'ContainerResource',
          containerResource: {
            name: 'memory',
            container: 'main',
            target: { type: 'AverageValue', averageValue: '1Gi' },
          },
        },
        { type: 'Pods', pods: { metric: { name: 'rate' }, target: { type: 'AverageValue', averageValue: '10' } } },
      ],
      [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 50 } } },
        {
          type: 'ContainerResource',
          containerResource: { name: 'memory', container: 'main', current: { averageValue: '512Mi' } },
        },
      ],
    ),
    'x | Deployment/web | cpu: 50%/80%, memory: 512Mi/1Gi + 1 more... | 1 | 5 | 2 | 60m',
  ],
  [
    'an autoscaler of others',
    row(
      [
        { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'Value', value: '5' } } },
        { type: 'Object', object: { ...object, target: { type: 'AverageValue', averageValue: '5' } } },
      ],
      [{ type: 'External', external: { metric: { name: 'queue' }, current: { value: '3' } } }],
    ),
    'x | Deployment/web | 3/5, <unknown>/5 (avg) | 1 | 5 | 2 | 60m',
  ],
  [
    'an autoscaler of pods',
    row([
      { type: 'Pods', pods: { metric: { name: 'rate' }, target: { type: 'AverageValue', averageValue: '10' } } },
      { type: 'Other' },
    ]),
    'x | Deployment/web | <unknown>/10, <unknown type> | 1 | 5 | 2 | 60m',
  ],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test('HorizontalPodAutoscaler gets what a minimal one leaves open', () => {
  const { spec } = readInput(HorizontalPodAutoscaler, { spec: { scaleTargetRef, maxReplicas: 5 } });
  assert.equal(spec.minReplicas, 1);
  assert.equal(spec.behavior, undefined);
  const behaved = readInput(HorizontalPodAutoscaler, {
    spec: { scaleTargetRef, maxReplicas: 5, behavior: { scaleUp: { selectPolicy: 'Min' } } },
  });
  assert.deepEqual(behaved.spec.behavior, {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Min',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    },
    scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
  });
});
