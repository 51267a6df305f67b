import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, statusFaultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';

type Input = Parameters<typeof faultsOf<typeof HorizontalPodAutoscaler>>[1];
type Spec = NonNullable<Input['spec']>;

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const autoscalerOf = (spec: object): Input => ({ spec: { scaleTargetRef, maxReplicas: 5, ...spec } as Spec });
const measuring = (metric: object) => ({ metrics: [metric] });
const M = 'spec.metrics[0]';
const NO_SOURCE = 'must populate information for the given metric source';
const ONE_SOURCE = 'must populate the given metric source only';
const TYPES = 'supported values: "ContainerResource", "External", "Object", "Pods", "Resource"';
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const cpu = (target: object) => measuring({ type: 'Resource', resource: { name: 'cpu', target } });
const container = (more: object) =>
  measuring({
    type: 'ContainerResource',
    containerResource: {
      name: 'cpu',
      container: 'main',
      target: { type: 'Utilization', averageUtilization: 50 },
      ...more,
    },
  });
const queue = (target: object, metric: object = { name: 'queue' }) =>
  measuring({ type: 'External', external: { metric, target } });
const pods = (target: object) => measuring({ type: 'Pods', pods: { metric: { name: 'rate' }, target } });
const ingress = (more: object) =>
  measuring({
    type: 'Object',
    object: {
      describedObject: { kind: 'Ingress', name: 'web', apiVersion: 'networking.k8s.io/v1' },
      metric: { name: 'hits' },
      target: { type: 'Value', value: '5' },
      ...more,
    },
  });
const policy = { type: 'Pods', value: 1, periodSeconds: 60 };
const up = (rules: object) => ({ behavior: { scaleUp: { policies: [policy], ...rules } } });
const UP = 'spec.behavior.scaleUp';

const cases: readonly [title: string, spec: object, expected: readonly string[]][] = [
  ['a deployment', {}, []],
  [
    'nothing',
    { scaleTargetRef: { kind: '', name: '' }, maxReplicas: 0 },
    [
      'spec.maxReplicas: Required value: must be set and greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      'spec.scaleTargetRef.kind: Required value',
      'spec.scaleTargetRef.name: Required value',
      'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
    ],
  ],
  [
    'fewer than no pods',
    { maxReplicas: -1, minReplicas: -2 },
    [
      'spec.maxReplicas: Invalid value: -1: must be greater than or equal to 1',
      'spec.minReplicas: Invalid value: -2: must be greater than or equal to 1',
    ],
  ],
  [
    'fewer at most than at least',
    { maxReplicas: 2, minReplicas: 3 },
    ['spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`'],
  ],
  [
    'no pods at times',
    { minReplicas: 0 },
    [
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
    ],
  ],
  [
    'a path',
    { scaleTargetRef: { apiVersion: 'apps/v1', kind: '..', name: 'a/b' } },
    [
      'spec.scaleTargetRef.kind: Invalid value: "..": may not be \'..\'',
      'spec.scaleTargetRef.name: Invalid value: "a/b": may not contain \'/\'',
    ],
  ],
  ['a replication controller', { scaleTargetRef: { kind: 'ReplicationController', name: 'web' } }, []],
  [
    'something of the core group',
    { scaleTargetRef: { ...scaleTargetRef, apiVersion: 'v1' } },
    ['spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group'],
  ],
  [
    'something of no version',
    { scaleTargetRef: { ...scaleTargetRef, apiVersion: 'a/b/c' } },
    ['spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
  ],

  [
    'a metric of no type',
    measuring({ type: '' }),
    [`${M}.type: Required value: must specify a metric source type`, `${M}.type: Unsupported value: "": ${TYPES}`],
  ],
  ['a metric of another type', measuring({ type: 'Mood' }), [`${M}.type: Unsupported value: "Mood": ${TYPES}`]],
  ...['Object', 'Pods', 'Resource', 'External', 'ContainerResource'].map((type): [string, object, string[]] => {
    const field = type.charAt(0).toLowerCase() + type.slice(1);
    return [
      `a metric of nothing that is ${type}`,
      measuring({ type }),
      [`${M}.${field}: Required value: ${NO_SOURCE}`],
    ];
  }),
  [
    'a metric of two',
    measuring({
      type: 'Resource',
      ...cpu({ type: 'Utilization', averageUtilization: 50 }).metrics[0],
      pods: { metric: { name: 'a' }, target: { type: 'Value' } },
    }),
    [
      `${M}.pods.target.averageValue: Required value: must specify a positive target averageValue`,
      `${M}.pods: Forbidden: ${ONE_SOURCE}`,
    ],
  ],

  ['use of CPU', cpu({ type: 'Utilization', averageUtilization: 1 }), []],
  [
    'use of nothing',
    measuring({ type: 'Resource', resource: { name: '', target: { type: 'AverageValue', averageValue: '1' } } }),
    [`${M}.resource.name: Required value: must specify a resource name`],
  ],
  [
    'use of CPU without a target',
    cpu({ type: '' }),
    [
      `${M}.resource.target.type: Required value: must specify a metric target type`,
      `${M}.resource.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue`,
      `${M}.resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization`,
    ],
  ],
  [
    'use of CPU with another target',
    cpu({ type: 'Mood', averageUtilization: 50 }),
    [`${M}.resource.target.type: Invalid value: "Mood": must be either Utilization, Value, or AverageValue`],
  ],
  [
    'use of CPU with two targets',
    cpu({ type: 'Utilization', averageUtilization: 50, averageValue: '1' }),
    [`${M}.resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization`],
  ],
  [
    'no use of CPU',
    cpu({ type: 'Utilization', averageUtilization: 0 }),
    [`${M}.resource.target.averageUtilization: Invalid value: 0: must be greater than 0`],
  ],

  ['use by a container', container({}), []],
  [
    'use by no container',
    container({ name: '', container: '', target: { type: 'Utilization' } }),
    [
      `${M}.containerResource.name: Required value: must specify a resource name`,
      `${M}.containerResource.container: Required value: must specify a container`,
      `${M}.containerResource.target.averageUtilization: Required value: must set either a target raw value or a target utilization`,
    ],
  ],
  [
    'use by a container of no name of what containers have none of',
    container({ name: 'pods', container: 'a_b' }),
    [
      `${M}.containerResource.name: Invalid value: "pods": must be a standard resource for containers`,
      `${M}.containerResource.container: Invalid value: "a_b": ${LABEL}`,
    ],
  ],

  ['a queue', queue({ type: 'AverageValue', averageValue: '5' }), []],
  [
    'a queue of no name',
    queue({ type: 'Value', value: '5' }, { name: '' }),
    [`${M}.external.metric.name: Required value: must specify a metric name`],
  ],
  [
    'a queue by a path',
    queue({ type: 'Value', value: '5' }, { name: 'a%b' }),
    [`${M}.external.metric.name: Invalid value: "a%b": may not contain '%'`],
  ],
  [
    'a queue without a target',
    queue({ type: 'Value' }),
    [
      `${M}.external.target.averageValue: Required value: must set either a target value for metric or a per-pod target`,
    ],
  ],
  [
    'a queue with two targets',
    queue({ type: 'Value', value: '5', averageValue: '1' }),
    [`${M}.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target`],
  ],
  [
    'a queue with targets below one',
    queue({ type: 'Value', value: '0' }),
    [`${M}.external.target.value: Invalid value: "0": must be positive`],
  ],
  ['a rate of pods', pods({ type: 'AverageValue', averageValue: '100m' }), []],
  [
    'a rate of pods below zero',
    pods({ type: 'AverageValue', averageValue: '-1' }),
    [`${M}.pods.target.averageValue: Invalid value: "-1": must be positive`],
  ],
  ['hits', ingress({}), []],
  [
    'hits of something of the core group',
    ingress({ describedObject: { kind: 'Service', name: 'web', apiVersion: 'v1' } }),
    [],
  ],
  [
    'hits of nothing',
    ingress({ describedObject: { kind: '', name: '', apiVersion: 'a/b/c' }, target: { type: 'Value' } }),
    [
      `${M}.object.describedObject.kind: Required value`,
      `${M}.object.describedObject.name: Required value`,
      `${M}.object.target.averageValue: Required value: must set either a target value or averageValue`,
      `${M}.object.describedObject.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c`,
    ],
  ],

  ['a way up', up({ stabilizationWindowSeconds: 3600, selectPolicy: 'Disabled', tolerance: '0' }), []],
  [
    'a way back in time',
    up({ stabilizationWindowSeconds: -1 }),
    [`${UP}.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero`],
  ],
  [
    'a way that takes too long',
    up({ stabilizationWindowSeconds: 3601 }),
    [`${UP}.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600`],
  ],
  [
    'another choice of ways',
    up({ selectPolicy: 'Best' }),
    [`${UP}.selectPolicy: Unsupported value: "Best": supported values: "Disabled", "Max", "Min"`],
  ],
  [
    'less than no tolerance',
    up({ tolerance: '-100m' }),
    [`${UP}.tolerance: Invalid value: "-100m": must be greater than or equal to 0`],
  ],
  [
    'a way down of no steps',
    {
      behavior: {
        scaleDown: {
          policies: [
            { type: 'Words', value: 0, periodSeconds: 0 },
            { ...policy, periodSeconds: 1801 },
          ],
        },
      },
    },
    [
      'spec.behavior.scaleDown.policies[0].type: Unsupported value: "Words": supported values: "Percent", "Pods"',
      'spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleDown.policies[1].periodSeconds: Invalid value: 1801: must be less than or equal to 1800',
    ],
  ],
];
for (const [title, spec, expected] of cases) {
  test(`HorizontalPodAutoscaler.validate of ${title}`, () => {
    assert.deepEqual(faultsOf(HorizontalPodAutoscaler, autoscalerOf(spec)), expected);
  });
}

const old = { scaleTargetRef: { kind: 'Deployment', name: 'web' } };
const oldHits = ingress({ describedObject: { kind: 'Ingress', name: 'web', apiVersion: 'a/b/c' } });
const steps: readonly [title: string, spec: object, previous: object, expected: readonly string[]][] = [
  ['how many', { maxReplicas: 9 }, {}, []],
  [
    'how many at least',
    { minReplicas: 0 },
    {},
    ['spec.minReplicas: Invalid value: 0: must be greater than or equal to 1'],
  ],
  ['something beside a least of none', { minReplicas: 0, maxReplicas: 9 }, { minReplicas: 0 }, []],
  ['something beside a target of no group', { ...old, maxReplicas: 9 }, old, []],
  [
    'the target',
    { scaleTargetRef: { kind: 'StatefulSet', name: 'web' } },
    old,
    ['spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group'],
  ],
  [
    'what it measures',
    oldHits,
    {},
    [`${M}.object.describedObject.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c`],
  ],
  ['something beside what it measures', { ...oldHits, maxReplicas: 9 }, oldHits, []],
];
for (const [title, spec, previous, expected] of steps) {
  test(`HorizontalPodAutoscaler.validateUpdate of ${title}`, () => {
    assert.deepEqual(updateFaultsOf(HorizontalPodAutoscaler, autoscalerOf(spec), autoscalerOf(previous)), expected);
  });
}

test('HorizontalPodAutoscaler.validateStatusUpdate of counts', () => {
  const of = (currentReplicas: number, desiredReplicas: number): Input => ({
    ...autoscalerOf({}),
    status: { currentReplicas, desiredReplicas },
  });
  assert.deepEqual(statusFaultsOf(HorizontalPodAutoscaler, of(0, 3), of(0, 0)), []);
  assert.deepEqual(statusFaultsOf(HorizontalPodAutoscaler, of(-1, -2), of(0, 0)), [
    'status.currentReplicas: Invalid value: -1: must be greater than or equal to 0',
    'status.desiredReplicas: Invalid value: -2: must be greater than or equal to 0',
  ]);
});
