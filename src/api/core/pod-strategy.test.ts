import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInput } from '../read-input.ts';
import type { Draft } from '../schema.ts';
import { Pod } from './pod.ts';
import {
  podGracePeriodSeconds,
  prepareEphemeralContainers,
  preparePodForCreate,
  preparePodForStatusUpdate,
  prepareResize,
} from './pod-strategy.ts';

type Input = Parameters<typeof readInput<typeof Pod>>[1];

const main = { name: 'main', image: 'nginx' };

function podOf(input: Input): Draft<Pod> {
  return readInput(Pod, { ...input, spec: { containers: [main], ...input.spec } });
}

test('preparePodForCreate sets the status that a pod starts with', () => {
  const pod = podOf({ status: { phase: 'Running' } });
  preparePodForCreate(pod);
  assert.deepEqual(pod.status, { phase: 'Pending', qosClass: 'BestEffort' });
});

test('preparePodForCreate says that a gated pod is not scheduled', () => {
  const creationTimestamp = '2026-01-01T00:00:00Z';
  const pod = podOf({
    metadata: { creationTimestamp },
    spec: { containers: [main], schedulingGates: [{ name: 'wait' }] },
  });
  preparePodForCreate(pod);
  const [condition] = pod.status.conditions ?? [];
  assert.equal(`${condition?.type} ${condition?.status} ${condition?.reason}`, 'PodScheduled False SchedulingGated');
  assert.equal(condition?.lastTransitionTime, creationTimestamp);
});

test('preparePodForCreate writes matchLabelKeys out as requirements', () => {
  const term = {
    labelSelector: {},
    topologyKey: 'zone',
    matchLabelKeys: ['app', 'absent'],
    mismatchLabelKeys: ['tenant'],
  };
  const spread = {
    maxSkew: 1,
    topologyKey: 'zone',
    whenUnsatisfiable: 'DoNotSchedule',
    matchLabelKeys: ['app'],
  } as const;
  const pod = podOf({
    metadata: { labels: { app: 'a', tenant: 't' } },
    spec: {
      containers: [main],
      affinity: {
        podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] },
        podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] },
      },
      topologySpreadConstraints: [{ ...spread, labelSelector: { matchLabels: { x: 'y' } } }, spread],
    },
  });
  preparePodForCreate(pod);
  const own = { key: 'app', operator: 'In', values: ['a'] };
  const both = [own, { key: 'tenant', operator: 'NotIn', values: ['t'] }];
  const { affinity, topologySpreadConstraints } = pod.spec;
  const [required] = affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const [preferred] = affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  assert.deepEqual(required?.labelSelector, { matchExpressions: both });
  assert.deepEqual(preferred?.podAffinityTerm.labelSelector, { matchExpressions: both });
  assert.deepEqual(
    topologySpreadConstraints?.map(({ labelSelector }) => labelSelector),
    [{ matchLabels: { x: 'y' }, matchExpressions: [own] }, undefined],
  );
});

test('preparePodForStatusUpdate keeps what the new status leaves out', () => {
  const previous = podOf({
    metadata: {
      deletionTimestamp: '2026-01-01T00:00:00Z',
      ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'a', uid: 'u' }],
    },
    status: {
      qosClass: 'Burstable',
      observedGeneration: 2,
      conditions: [
        { type: 'Ready', status: 'False', observedGeneration: 2 },
        { type: 'Other', status: 'False', observedGeneration: 2 },
      ],
    },
  });
  const pod = podOf({
    metadata: { ownerReferences: [], labels: { new: 'label' } },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Other', status: 'True', observedGeneration: 3 },
      ],
    },
  });
  preparePodForStatusUpdate(pod, previous as Pod);
  assert.deepEqual(pod.metadata, { ...previous.metadata, labels: { new: 'label' } });
  assert.equal(pod.status.qosClass, 'Burstable');
  assert.equal(pod.status.observedGeneration, 2);
  assert.deepEqual(
    pod.status.conditions?.map(({ type, status, observedGeneration }) => [type, status, observedGeneration]),
    [
      ['Ready', 'True', 2],
      ['Other', 'True', 3],
    ],
  );
});

test('prepareEphemeralContainers lets only ephemeral containers through', () => {
  const previous = podOf({ metadata: { labels: { a: '1' } }, status: { phase: 'Running' } });
  const pod = podOf({
    metadata: { labels: { a: '2' } },
    spec: { containers: [{ ...main, image: 'other' }], ephemeralContainers: [{ name: 'debug', image: 'busybox' }] },
    status: { phase: 'Failed' },
  });
  prepareEphemeralContainers(pod, previous as Pod);
  assert.deepEqual(pod.metadata, previous.metadata);
  assert.deepEqual(pod.status, previous.status);
  assert.deepEqual(
    pod.spec.ephemeralContainers?.map(({ name }) => name),
    ['debug'],
  );
  const { ephemeralContainers: _, ...rest } = pod.spec;
  assert.deepEqual(rest, previous.spec);
  assert.equal(previous.spec.ephemeralContainers, undefined);
});

test('prepareResize lets only resources and resize policies through', () => {
  const resized = {
    resources: { requests: { cpu: '2' } },
    resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
  };
  const previous = podOf({ spec: { containers: [main], initContainers: [main] } });
  const changed = { ...main, image: 'other', ...resized };
  const pod = podOf({
    spec: { containers: [changed], initContainers: [changed], nodeName: 'n', resources: { limits: { cpu: '3' } } },
  });
  prepareResize(pod, previous as Pod);
  const [before] = previous.spec.containers;
  assert.deepEqual(pod.spec, {
    ...previous.spec,
    containers: [{ ...before, ...resized }],
    initContainers: [{ ...previous.spec.initContainers?.[0], ...resized }],
    resources: pod.spec.resources,
  });
  assert.equal(pod.spec.resources?.limits?.['cpu'], '3');
});

test('prepareResize leaves a changed list of containers for validation', () => {
  const previous = podOf({});
  for (const containers of [[{ ...main, name: 'other' }], [main, { ...main, name: 'second' }]]) {
    const pod = podOf({ spec: { containers } });
    const before = structuredClone(pod);
    prepareResize(pod, previous as Pod);
    assert.deepEqual(pod, before);
  }
});

test('podGracePeriodSeconds', () => {
  const cases: [string, Input, number | undefined, number][] = [
    ['not scheduled', {}, undefined, 0],
    ['not scheduled, asked for', {}, 60, 0],
    ['its own period', { spec: { containers: [main], nodeName: 'n' } }, undefined, 30],
    ['asked for', { spec: { containers: [main], nodeName: 'n' } }, 5, 5],
    ['asked to go at once', { spec: { containers: [main], nodeName: 'n' } }, 0, 0],
    ['negative', { spec: { containers: [main], nodeName: 'n', terminationGracePeriodSeconds: -1 } }, undefined, 1],
    ['succeeded', { spec: { containers: [main], nodeName: 'n' }, status: { phase: 'Succeeded' } }, 5, 0],
    ['failed', { spec: { containers: [main], nodeName: 'n' }, status: { phase: 'Failed' } }, undefined, 0],
  ];
  for (const [name, input, requested, expected] of cases) {
    assert.equal(podGracePeriodSeconds(podOf(input) as Pod, requested), expected, name);
  }
});
