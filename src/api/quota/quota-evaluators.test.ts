import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Event } from '../core/event.ts';
import { Node } from '../core/node.ts';
import { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts';
import { Pod } from '../core/pod.ts';
import type { ScopedResourceSelectorRequirement } from '../core/resource-quota.ts';
import { Secret } from '../core/secret.ts';
import { Service } from '../core/service.ts';
import type { AnyObject, InputOf, Kind } from '../kind.ts';
import { readInput } from '../read-input.ts';
import { ResourceClaim } from '../resource/resource-claim.ts';
import { quotaEvaluatorOf } from './quota-evaluators.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const objectOf = <K extends Kind>(kind: K, input: InputOf<K>) => readInput(kind, input) as unknown as AnyObject;
const usageOf = <K extends Kind>(kind: K, input: InputOf<K>) =>
  quotaEvaluatorOf(kind)?.usage(objectOf(kind, input), NOW_MS);

type Resources = Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>>>>;
const metadata = { namespace: 'a', name: 'a' };
const podOf = (resources: Partial<Resources>, spec: object = {}, more: object = {}): InputOf<typeof Pod> => ({
  metadata,
  spec: { containers: [{ name: 'c', image: 'i', resources }], ...spec },
  ...more,
});
const CPU = { requests: { cpu: '1' } };
const USES_CPU = { 'count/pods': '1', pods: '1', cpu: '1', 'requests.cpu': '1' };
const deleted = (deletionTimestamp: string) => ({
  metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: 30 },
});

describe('the usage of pods', () => {
  const cases: readonly [string, InputOf<typeof Pod>, Readonly<Record<string, string>>][] = [
    ['nothing but that they are there', podOf({}), { 'count/pods': '1', pods: '1' }],
    [
      'what is asked for',
      podOf({
        requests: {
          cpu: '100m',
          memory: '1Gi',
          'ephemeral-storage': '2Gi',
          'example.com/gpu': '2',
          'hugepages-2Mi': '4Mi',
        },
        limits: { cpu: '1', memory: '2Gi', 'example.com/gpu': '2', 'hugepages-2Mi': '4Mi' },
      }),
      {
        'count/pods': '1',
        pods: '1',
        cpu: '100m',
        'requests.cpu': '100m',
        'limits.cpu': '1',
        memory: '1Gi',
        'requests.memory': '1Gi',
        'limits.memory': '2Gi',
        'ephemeral-storage': '2Gi',
        'requests.ephemeral-storage': '2Gi',
        'requests.example.com/gpu': '2',
        'hugepages-2Mi': '4Mi',
        'requests.hugepages-2Mi': '4Mi',
      },
    ],
    ['their number when they have ended', podOf(CPU, {}, { status: { phase: 'Succeeded' } }), { 'count/pods': '1' }],
    ['all while they end', podOf(CPU, {}, deleted('2025-12-31T23:59:40Z')), USES_CPU],
    ['their number when nobody ends them', podOf(CPU, {}, deleted('2025-12-31T23:59:00Z')), { 'count/pods': '1' }],
    [
      'the overhead of their class',
      podOf(CPU, { overhead: { cpu: '250m' } }),
      { ...USES_CPU, cpu: '1250m', 'requests.cpu': '1250m' },
    ],
    [
      'what they have while they are being made smaller',
      podOf(CPU, {}, { status: { containerStatuses: [{ name: 'c', resources: { requests: { cpu: '3' } } }] } }),
      { ...USES_CPU, cpu: '3', 'requests.cpu': '3' },
    ],
    [
      'initialization at its peak, sidecars included',
      podOf(CPU, {
        initContainers: [
          { name: 's', image: 'i', restartPolicy: 'Always', resources: CPU },
          { name: 'i', image: 'i', resources: { requests: { cpu: '4' } } },
        ],
      }),
      { ...USES_CPU, cpu: '5', 'requests.cpu': '5' },
    ],
  ];
  for (const [title, pod, used] of cases) test(title, () => assert.deepEqual(usageOf(Pod, pod), used));
});

describe('the scopes of pods', () => {
  const elsewhere = { topologyKey: 'zone', namespaces: ['b'] };
  const inScope = (pod: InputOf<typeof Pod>, requirement: ScopedResourceSelectorRequirement) =>
    quotaEvaluatorOf(Pod)?.isInScope(requirement, objectOf(Pod, pod));
  const exists = (scopeName: ScopedResourceSelectorRequirement['scopeName']) => ({
    scopeName,
    operator: 'Exists' as const,
  });
  const classIs = (operator: 'In' | 'NotIn', ...values: string[]) => ({
    scopeName: 'PriorityClass' as const,
    operator,
    values,
  });
  const high = podOf({}, { priorityClassName: 'high' });
  const cases: readonly [string, InputOf<typeof Pod>, ScopedResourceSelectorRequirement, boolean][] = [
    ['a deadline', podOf({}, { activeDeadlineSeconds: 5 }), exists('Terminating'), true],
    ['no deadline', podOf({}), exists('Terminating'), false],
    ['no deadline, not terminating', podOf({}), exists('NotTerminating'), true],
    ['no requests', podOf({}), exists('BestEffort'), true],
    ['some requests', podOf(CPU), exists('BestEffort'), false],
    ['some requests, not best effort', podOf(CPU), exists('NotBestEffort'), true],
    ['a class of priority', high, exists('PriorityClass'), true],
    ['no class of priority', podOf({}), exists('PriorityClass'), false],
    ['the class', high, classIs('In', 'low', 'high'), true],
    ['another class', high, classIs('In', 'low'), false],
    ['not the class', high, classIs('NotIn', 'low'), true],
    ['none, which is not the class either', podOf({}), classIs('NotIn', 'low'), true],
    [
      'affinity across namespaces',
      podOf({}, { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [elsewhere] } } }),
      exists('CrossNamespacePodAffinity'),
      true,
    ],
    [
      'affinity by a selector of namespaces',
      podOf(
        {},
        {
          affinity: {
            podAntiAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 1, podAffinityTerm: { topologyKey: 'zone', namespaceSelector: {} } },
              ],
            },
          },
        },
      ),
      exists('CrossNamespacePodAffinity'),
      true,
    ],
    ['no affinity', podOf({}), exists('CrossNamespacePodAffinity'), false],
    ['what is of claims', podOf({}), exists('VolumeAttributesClass'), false],
  ];
  for (const [title, pod, requirement, expected] of cases) {
    test(title, () => assert.equal(inScope(pod, requirement), expected));
  }
});

describe('the usage of other kinds', () => {
  const service = (spec: object) =>
    usageOf(Service, { metadata, spec: { ports: [{ port: 1 }, { port: 2 }], ...spec } });
  const counted = { 'count/services': '1', services: '1' };

  test('services by their ports and load balancers', () => {
    const ports = (nodePorts: string, balancers: string) => ({
      ...counted,
      'services.nodeports': nodePorts,
      'services.loadbalancers': balancers,
    });
    assert.deepEqual(service({}), ports('0', '0'));
    assert.deepEqual(service({ type: 'NodePort' }), ports('2', '0'));
    assert.deepEqual(service({ type: 'LoadBalancer' }), ports('2', '1'));
    const own = { ports: [{ port: 1, nodePort: 30000 }, { port: 2 }], allocateLoadBalancerNodePorts: false };
    assert.deepEqual(service({ type: 'LoadBalancer', ...own }), ports('1', '1'));
  });

  test('claims by their size, of their class too, in whole bytes', () => {
    const spec = { accessModes: ['ReadWriteOnce' as const], storageClassName: 'gold' };
    const claim = { metadata, spec: { ...spec, resources: { requests: { storage: '1500m' } } } };
    assert.deepEqual(usageOf(PersistentVolumeClaim, claim), {
      'count/persistentvolumeclaims': '1',
      persistentvolumeclaims: '1',
      'requests.storage': '2',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
      'gold.storageclass.storage.k8s.io/requests.storage': '2',
    });
    const grown = { ...claim, status: { allocatedResources: { storage: '3Gi' } } };
    assert.equal(usageOf(PersistentVolumeClaim, grown)?.['requests.storage'], '3Gi');
  });

  test('claims in the scopes of every class that they may have', () => {
    const claim = (spec: object, status: object = {}) =>
      objectOf(PersistentVolumeClaim, { metadata, spec: { accessModes: ['ReadWriteOnce'], ...spec }, status });
    const isOf = (name: string, object: AnyObject) =>
      quotaEvaluatorOf(PersistentVolumeClaim)?.isInScope(
        { scopeName: 'VolumeAttributesClass', operator: 'In', values: [name] },
        object,
      );
    const changing = claim({ volumeAttributesClassName: 'new' }, { currentVolumeAttributesClassName: 'old' });
    assert.deepEqual([isOf('new', changing), isOf('old', changing), isOf('other', changing)], [true, true, false]);
    assert.equal(isOf('new', claim({})), false);
  });

  test('claims for devices by the worst case of each class', () => {
    const count = (deviceClassName: string, more: object = {}) => ({ deviceClassName, ...more });
    const requests = [
      { name: 'one', exactly: count('gpu') },
      {
        name: 'any',
        firstAvailable: [
          { name: 'x', ...count('gpu', { count: 3 }) },
          { name: 'y', ...count('nic') },
        ],
      },
      { name: 'all', exactly: count('tpu', { allocationMode: 'All' as const }) },
    ];
    assert.deepEqual(usageOf(ResourceClaim, { metadata, spec: { devices: { requests } } }), {
      'count/resourceclaims.resource.k8s.io': '1',
      'gpu.deviceclass.resource.k8s.io/devices': '4',
      'nic.deviceclass.resource.k8s.io/devices': '1',
      'tpu.deviceclass.resource.k8s.io/devices': '32',
    });
  });

  test('the others by their number, some under an older name too; events and what has no namespace not at all', () => {
    assert.deepEqual(usageOf(Secret, { metadata }), { 'count/secrets': '1', secrets: '1' });
    assert.deepEqual([quotaEvaluatorOf(Event), quotaEvaluatorOf(Node)], [undefined, undefined]);
  });
});
