import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceRequirements } from './container-resources.ts';
import { qosClassOf } from './pod-qos.ts';

const exact = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1000m', memory: '1024Mi' } };

test('qosClassOf follows requests and limits of all containers', () => {
  const cases: [string, string, ResourceRequirements[], ResourceRequirements[]?][] = [
    ['nothing', 'BestEffort', [{}]],
    ['zero', 'BestEffort', [{ requests: { cpu: '0' }, limits: { memory: '0' } }]],
    ['other resources only', 'BestEffort', [{ limits: { 'example.com/a': '1' } }]],
    ['a request', 'Burstable', [{ requests: { cpu: '1m' } }]],
    ['a limit', 'Burstable', [{ limits: { cpu: '1', memory: '1' } }]],
    ['cpu alone', 'Burstable', [{ requests: { cpu: '1' }, limits: { cpu: '1' } }]],
    ['requests below limits', 'Burstable', [{ ...exact, requests: { cpu: '500m', memory: '1Gi' } }]],
    ['requests equal limits', 'Guaranteed', [exact]],
    ['one of two', 'Burstable', [exact, {}]],
    ['both', 'Guaranteed', [exact, exact]],
    ['an init container without', 'Burstable', [exact], [{}]],
    ['an init container with', 'Guaranteed', [exact], [exact]],
  ];
  for (const [name, expected, containers, initContainers] of cases) {
    const asContainers = (list: ResourceRequirements[]) => list.map((resources, i) => ({ name: `c${i}`, resources }));
    const spec = {
      containers: asContainers(containers),
      ...(initContainers ? { initContainers: asContainers(initContainers) } : {}),
    };
    assert.equal(qosClassOf(spec), expected, name);
  }
});

test('qosClassOf goes by the resources of the pod as a whole where there are some', () => {
  const containers = [{ name: 'a', resources: {} }];
  assert.equal(qosClassOf({ containers, resources: exact }), 'Guaranteed');
  assert.equal(qosClassOf({ containers, resources: { requests: { cpu: '1' } } }), 'Burstable');
  assert.equal(qosClassOf({ containers, resources: {} }), 'BestEffort');
});
