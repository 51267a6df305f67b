import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod } from '../../test/support/kubelet-objects.ts';
import { type PodFieldContext, podField, resourceField, UnknownFieldError } from './pod-fields.ts';

const context: PodFieldContext = {
  status: () => ({ podIP: '10.244.0.5', podIPs: [{ ip: '10.244.0.5' }, { ip: 'fd00::5' }] }),
  hostIp: () => '192.0.2.1',
  allocatable: () => ({ cpu: '3900m', memory: '8Gi', 'ephemeral-storage': '100Gi' }),
};

describe('podField', () => {
  const pod = kubeletPod({
    metadata: { labels: { b: 'two', a: 'one "quoted"\nline' }, annotations: { "it's": 'odd' } },
    spec: { serviceAccountName: 'builder' },
  });
  const cases: readonly (readonly [path: string, expected: string])[] = [
    ['metadata.name', 'pod'],
    ['metadata.namespace', 'default'],
    ['metadata.uid', 'uid-pod'],
    ['metadata.labels', 'a="one \\"quoted\\"\\nline"\nb="two"'],
    ["metadata.labels['b']", 'two'],
    ["metadata.labels['c']", ''],
    ["metadata.annotations['it's']", 'odd'],
    ['spec.nodeName', 'node'],
    ['spec.serviceAccountName', 'builder'],
    ['status.hostIP', '192.0.2.1'],
    ['status.hostIPs', '192.0.2.1'],
    ['status.podIP', '10.244.0.5'],
    ['status.podIPs', '10.244.0.5,fd00::5'],
  ];
  for (const [path, expected] of cases) test(path, () => assert.equal(podField(pod, path, context), expected));

  test('throws for what a pod may not be told', () => {
    assert.throws(() => podField(pod, 'spec.hostname', context), UnknownFieldError);
  });
});

describe('resourceField', () => {
  const resources = { requests: { cpu: '250m', memory: '100Mi' }, limits: { memory: '150000000' } };
  const pod = kubeletPod({
    spec: {
      containers: [{ name: 'main', resources }, { name: 'free' }],
      initContainers: [{ name: 'init', resources }],
    },
  });
  const cases: readonly (readonly [resource: string, divisor: string, expected: string, container?: string])[] = [
    ['requests.cpu', '0', '1'],
    ['requests.cpu', '1m', '250'],
    ['requests.cpu', '1', '1'],
    ['requests.memory', '0', '104857600'],
    ['requests.memory', '1Mi', '100'],
    ['limits.memory', '1Mi', '144'],
    ['limits.cpu', '1m', '3900'],
    ['limits.cpu', '1', '4', 'free'],
    ['limits.memory', '1Gi', '8', 'free'],
    ['limits.ephemeral-storage', '1Gi', '100', 'free'],
    ['requests.memory', '1Mi', '0', 'free'],
    ['requests.memory', '1Mi', '100', 'init'],
  ];
  for (const [resource, divisor, expected, containerName] of cases) {
    test(`${containerName ?? 'main'} ${resource} by ${divisor}`, () => {
      const selector = { resource, divisor, ...(containerName ? { containerName } : {}) };
      assert.equal(resourceField(pod, selector, 'main', context), expected);
    });
  }

  test('throws for a container or a resource that there is not', () => {
    assert.throws(() => resourceField(pod, { resource: 'limits.cpu', divisor: '1' }, 'x', context), UnknownFieldError);
    assert.throws(
      () => resourceField(pod, { resource: 'sizes.cpu', divisor: '1' }, 'main', context),
      UnknownFieldError,
    );
  });
});
