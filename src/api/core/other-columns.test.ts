import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { Event as EventsEvent } from '../events/event.ts';
import { readInput } from '../read-input.ts';
import { ComponentStatus } from './component-status.ts';
import { Endpoints } from './endpoints.ts';
import { Event } from './event.ts';
import { LimitRange } from './limit-range.ts';
import { PersistentVolume } from './persistent-volume.ts';
import { PersistentVolumeClaim } from './persistent-volume-claim.ts';
import { PodTemplate } from './pod-template.ts';
import { ReplicationController } from './replication-controller.ts';
import { ResourceQuota } from './resource-quota.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } };
const eventTime = '2026-01-01T00:30:00.000000Z';
const event = {
  metadata: {},
  involvedObject: { kind: 'Pod', name: 'web', fieldPath: 'spec' },
  reason: 'Started',
  message: ' Started it \n',
  type: 'Normal',
} as const;

const cases: readonly [title: string, row: string, expected: string][] = [
  [
    'an Event of old',
    rowOf(Event, {
      ...event,
      source: { component: 'kubelet', host: 'node' },
      firstTimestamp: '2026-01-01T00:10:00Z',
      lastTimestamp: '2026-01-01T00:59:30Z',
      count: 3,
      reportingComponent: '',
      reportingInstance: '',
    }),
    '30s | Normal | Started | pod/web | spec | kubelet, node | Started it | 50m | 3 | x',
  ],
  [
    'an Event',
    rowOf(Event, {
      ...event,
      involvedObject: { kind: 'Node' },
      eventTime,
      reportingComponent: 'scheduler',
      reportingInstance: 'scheduler-0',
    }),
    '30m | Normal | Started | node |  | scheduler, scheduler-0 | Started it | 30m | 1 | x',
  ],
  [
    'an Event that goes on',
    rowOf(Event, {
      ...event,
      eventTime,
      series: { count: 7, lastObservedTime: '2026-01-01T00:50:00.000000Z' },
      reportingComponent: 'scheduler',
      reportingInstance: '',
    }),
    '10m | Normal | Started | pod/web | spec | scheduler | Started it | 30m | 7 | x',
  ],
  [
    'an Event of events.k8s.io',
    rowOf(EventsEvent, {
      eventTime,
      regarding: { kind: 'Pod', name: 'web' },
      note: 'Started it',
      reason: 'Started',
      type: 'Normal',
      reportingController: 'kubelet',
      reportingInstance: 'node',
    }),
    '30m | Normal | Started | pod/web |  | kubelet, node | Started it | 30m | 1 | x',
  ],
  [
    'Endpoints',
    rowOf(Endpoints, {
      subsets: [{ addresses: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }], ports: [{ port: 80 }, { port: 81 }] }],
    }),
    'x | 10.0.0.1:80,[fd00::1]:80,10.0.0.1:81 + 1 more... | 60m',
  ],
  [
    'Endpoints without ports',
    rowOf(Endpoints, { subsets: [{ addresses: [{ ip: '10.0.0.1' }] }] }),
    'x | 10.0.0.1 | 60m',
  ],
  ['Endpoints of nothing', rowOf(Endpoints, {}), 'x | <none> | 60m'],
  [
    'PersistentVolume',
    rowOf(PersistentVolume, {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany', 'ReadWriteOnce'],
        claimRef: { namespace: 'default', name: 'data' },
        storageClassName: 'fast',
      },
      status: { phase: 'Bound', reason: 'because' },
    }),
    'x | 1Gi | RWO,RWX | Retain | Bound | default/data | fast | <unset> | because | 60m | Filesystem',
  ],
  [
    'a PersistentVolume that is being deleted',
    rowOf(PersistentVolume, {
      metadata: { deletionTimestamp: '2026-01-01T00:59:00Z' },
      spec: { volumeAttributesClassName: 'gold', volumeMode: 'Block' },
    }),
    'x | 0 |  | Retain | Terminating |  |  | gold |  | 60m | Block',
  ],
  [
    'PersistentVolumeClaim',
    rowOf(PersistentVolumeClaim, {
      metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'old' } },
      spec: { volumeName: 'pv', storageClassName: 'new' },
      status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadOnlyMany', 'ReadWriteOncePod'] },
    }),
    'x | Bound | pv | 1Gi | ROX,RWOP | old | <unset> | 60m | Filesystem',
  ],
  [
    'a PersistentVolumeClaim that waits',
    rowOf(PersistentVolumeClaim, { spec: { storageClassName: 'fast' }, status: { capacity: { storage: '1Gi' } } }),
    'x | Pending |  |  |  | fast | <unset> | 60m | Filesystem',
  ],
  [
    'ResourceQuota',
    rowOf(ResourceQuota, {
      status: { hard: { pods: '10', 'limits.cpu': '4', 'requests.cpu': '2' }, used: { pods: '3', 'limits.cpu': '1' } },
    }),
    'x | pods: 3/10, requests.cpu: 0/2 | limits.cpu: 1/4 | 60m',
  ],
  ['LimitRange', rowOf(LimitRange, { spec: { limits: [] } }), 'x | 2026-01-01T00:00:00Z'],
  ['PodTemplate', rowOf(PodTemplate, { template }), 'x | main | nginx | app=web'],
  [
    'ReplicationController',
    rowOf(ReplicationController, { spec: { template, replicas: 2 }, status: { replicas: 1, readyReplicas: 1 } }),
    'x | 2 | 1 | 1 | 60m | main | nginx | app=web',
  ],
  [
    'ComponentStatus',
    rowOf(ComponentStatus, { conditions: [{ type: 'Healthy', status: 'True', message: 'ok', error: '' }] }),
    'x | Healthy | ok | ',
  ],
  [
    'a ComponentStatus that fails',
    rowOf(ComponentStatus, { conditions: [{ type: 'Healthy', status: 'False', error: 'down' }] }),
    'x | Unhealthy |  | down',
  ],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test("LimitRange: limits of containers are each other's defaults", () => {
  const limitsOf = (item: object) =>
    readInput(LimitRange, { spec: { limits: [{ type: 'Container', ...item }] } }).spec.limits?.[0];
  assert.deepEqual(limitsOf({ max: { cpu: '2' } }), {
    type: 'Container',
    max: { cpu: '2' },
    default: { cpu: '2' },
    defaultRequest: { cpu: '2' },
  });
  assert.deepEqual(limitsOf({ max: { cpu: '2' }, default: { cpu: '1' }, min: { cpu: '1m', memory: '1Mi' } }), {
    type: 'Container',
    max: { cpu: '2' },
    min: { cpu: '1m', memory: '1Mi' },
    default: { cpu: '1' },
    defaultRequest: { cpu: '1', memory: '1Mi' },
  });
  assert.deepEqual(limitsOf({ type: 'Pod', max: { cpu: '2' } }), { type: 'Pod', max: { cpu: '2' } });
});

test('ReplicationController takes labels and selector of its template', () => {
  const { metadata, spec } = readInput(ReplicationController, { spec: { template } });
  assert.deepEqual([metadata.labels, spec.selector, spec.replicas], [{ app: 'web' }, { app: 'web' }, 1]);
  const given = readInput(ReplicationController, {
    metadata: { labels: { a: 'b' } },
    spec: { template, selector: { c: 'd' } },
  });
  assert.deepEqual([given.metadata.labels, given.spec.selector], [{ a: 'b' }, { c: 'd' }]);
});

test('volumes and claims get what minimal ones leave open', () => {
  const volume = readInput(PersistentVolume, { spec: {} });
  assert.deepEqual(
    [volume.spec, volume.status.phase],
    [{ persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }, 'Pending'],
  );
  const claim = readInput(PersistentVolumeClaim, { spec: {} });
  assert.deepEqual([claim.spec.volumeMode, claim.status.phase], ['Filesystem', 'Pending']);
});

test('Endpoints: ports are of TCP', () => {
  const { subsets } = readInput(Endpoints, { subsets: [{ ports: [{ port: 80 }] }] });
  assert.equal(subsets?.[0]?.ports?.[0]?.protocol, 'TCP');
});
