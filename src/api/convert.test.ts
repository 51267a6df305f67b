import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HorizontalPodAutoscaler } from './autoscaling/horizontal-pod-autoscaler.ts';
import { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from './autoscaling/horizontal-pod-autoscaler-v1.ts';
import { convertObject } from './convert.ts';
import { Event } from './core/event.ts';
import { Pod } from './core/pod.ts';
import { decodeObject } from './decode-object.ts';
import { Event as EventsEvent } from './events/event.ts';

const CORE = decodeObject(Event, {
  metadata: { name: 'e', namespace: 'ns' },
  involvedObject: { kind: 'Pod', name: 'p' },
  reason: 'Started',
  message: 'started it',
  source: { component: 'kubelet' },
  firstTimestamp: '2024-01-01T00:00:00Z',
  count: 3,
  type: 'Normal',
  reportingComponent: 'kubelet',
});

test('convertObject renames what events have under other names, both ways', () => {
  const event = convertObject(EventsEvent, CORE);
  assert.deepEqual(event, {
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: { name: 'e', namespace: 'ns' },
    eventTime: null,
    reportingController: 'kubelet',
    reason: 'Started',
    regarding: { kind: 'Pod', name: 'p' },
    note: 'started it',
    type: 'Normal',
    deprecatedSource: { component: 'kubelet' },
    deprecatedFirstTimestamp: '2024-01-01T00:00:00Z',
    deprecatedLastTimestamp: null,
    deprecatedCount: 3,
  });
  assert.deepEqual(convertObject(Event, event), CORE);
});

const CPU = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } };
const PODS = {
  type: 'Pods',
  pods: {
    metric: { name: 'rps', selector: { matchLabels: { a: 'b' } } },
    target: { type: 'AverageValue', averageValue: '5' },
  },
};
const OBJECT = {
  type: 'Object',
  object: {
    describedObject: { kind: 'Ingress', name: 'i' },
    target: { type: 'Value', value: '10k' },
    metric: { name: 'hits' },
  },
};
const MEMORY = {
  type: 'ContainerResource',
  containerResource: { name: 'memory', container: 'app', target: { type: 'Utilization', averageUtilization: 50 } },
};
const EXTERNAL = {
  type: 'External',
  external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '30' } },
};

const AUTOSCALER = decodeObject(HorizontalPodAutoscaler, {
  metadata: { name: 'h', annotations: { mine: 'kept' } },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' },
    minReplicas: 2,
    maxReplicas: 9,
    metrics: [PODS, OBJECT, MEMORY, EXTERNAL, CPU],
    behavior: {
      scaleDown: { stabilizationWindowSeconds: 60, policies: [{ type: 'Pods', value: 1, periodSeconds: 15 }] },
    },
  },
  status: {
    currentReplicas: 3,
    desiredReplicas: 4,
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageValue: '300m', averageUtilization: 60 } } },
    ],
    conditions: [{ type: 'AbleToScale', status: 'True', lastTransitionTime: '2024-01-01T00:00:00Z' }],
  },
});

test('convertObject gives v1 of an autoscaler what it knows and carries the rest in annotations', () => {
  const v1 = convertObject(HorizontalPodAutoscalerV1, AUTOSCALER);
  assert.deepEqual(v1['spec'], {
    scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' },
    minReplicas: 2,
    maxReplicas: 9,
    targetCPUUtilizationPercentage: 70,
  });
  assert.deepEqual(v1['status'], { currentReplicas: 3, desiredReplicas: 4, currentCPUUtilizationPercentage: 60 });
  const annotations = v1.metadata.annotations ?? {};
  const carried = (name: string) => JSON.parse(annotations[`autoscaling.alpha.kubernetes.io/${name}`] ?? 'null');
  assert.deepEqual(carried('metrics')[0], {
    type: 'Pods',
    pods: { metricName: 'rps', selector: { matchLabels: { a: 'b' } }, targetAverageValue: '5' },
  });
  assert.deepEqual(carried('metrics')[1].object, {
    target: { kind: 'Ingress', name: 'i' },
    metricName: 'hits',
    targetValue: '10k',
  });
  assert.deepEqual(carried('current-metrics')[0].resource, {
    name: 'cpu',
    currentAverageValue: '300m',
    currentAverageUtilization: 60,
  });
  assert.equal(carried('behavior').ScaleDown.Policies[0].PeriodSeconds, 15);
  assert.equal(carried('conditions')[0].type, 'AbleToScale');
  assert.equal(annotations['mine'], 'kept');
});

test('convertObject gives back the autoscaler that v1 was made of', () => {
  assert.deepEqual(
    convertObject(HorizontalPodAutoscaler, convertObject(HorizontalPodAutoscalerV1, AUTOSCALER)),
    AUTOSCALER,
  );
});

test('convertObject drops annotations that cannot be read', () => {
  const annotations = {
    'autoscaling.alpha.kubernetes.io/metrics': '{',
    'autoscaling.alpha.kubernetes.io/behavior': 'x',
  };
  const v1 = decodeObject(HorizontalPodAutoscalerV1, {
    metadata: { name: 'h', annotations },
    spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 80 },
  });
  const { metadata, spec } = convertObject(HorizontalPodAutoscaler, v1) as unknown as {
    metadata: object;
    spec: { metrics: unknown };
  };
  assert.deepEqual(metadata, { name: 'h' });
  assert.deepEqual(spec.metrics, [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
  ]);
});

test('convertObject refuses kinds that have nothing to do with each other', () => {
  assert.throws(() => convertObject(Pod, CORE), TypeError);
  assert.deepEqual(convertObject(Event, CORE), CORE);
});
