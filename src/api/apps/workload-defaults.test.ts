import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../../test/support/columns.ts';
import { readInput } from '../read-input.ts';
import { ControllerRevision } from './controller-revision.ts';
import { DaemonSet } from './daemon-set.ts';
import { Deployment } from './deployment.ts';
import { ReplicaSet } from './replica-set.ts';
import { StatefulSet } from './stateful-set.ts';
import { beginTemplateGeneration, countTemplateGeneration } from './template-generation.ts';

const selector = { matchLabels: { app: 'web' } };
const template = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      { name: 'main', image: 'nginx' },
      { name: 'side', image: 'busybox' },
    ],
  },
};

const cases: readonly [title: string, row: string, expected: string][] = [
  [
    'Deployment',
    rowOf(Deployment, {
      spec: { selector, template, replicas: 3 },
      status: { readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1 },
    }),
    'x | 1/3 | 2 | 1 | 60m | main,side | nginx,busybox | app=web',
  ],
  [
    'a Deployment that begins',
    rowOf(Deployment, { spec: { selector, template } }),
    'x | 0/1 | 0 | 0 | 60m | main,side | nginx,busybox | app=web',
  ],
  [
    'ReplicaSet',
    rowOf(ReplicaSet, { spec: { selector, template, replicas: 3 }, status: { replicas: 2, readyReplicas: 1 } }),
    'x | 3 | 2 | 1 | 60m | main,side | nginx,busybox | app=web',
  ],
  [
    'StatefulSet',
    rowOf(StatefulSet, {
      spec: { selector, template, replicas: 3, serviceName: 'web' },
      status: { replicas: 3, readyReplicas: 2 },
    }),
    'x | 2/3 | 60m | main,side | nginx,busybox',
  ],
  [
    'DaemonSet',
    rowOf(DaemonSet, {
      spec: { selector, template: { ...template, spec: { ...template.spec, nodeSelector: { disk: 'ssd' } } } },
      status: {
        desiredNumberScheduled: 5,
        currentNumberScheduled: 4,
        numberReady: 3,
        updatedNumberScheduled: 2,
        numberAvailable: 1,
        numberMisscheduled: 0,
      },
    }),
    'x | 5 | 4 | 3 | 2 | 1 | disk=ssd | 60m | main,side | nginx,busybox | app=web',
  ],
  [
    'ControllerRevision',
    rowOf(ControllerRevision, {
      metadata: {
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true }],
      },
      revision: 2,
    }),
    'x | statefulset.apps/web | 2 | 60m',
  ],
  ['a ControllerRevision of nobody', rowOf(ControllerRevision, { revision: 1 }), 'x | <none> | 1 | 60m'],
];

for (const [title, row, expected] of cases) {
  test(`columns of ${title}`, () => {
    assert.equal(row, expected);
  });
}

test('workloads get what a minimal one leaves open', () => {
  const { template: _, ...deployment } = readInput(Deployment, { spec: { selector, template } }).spec;
  assert.deepEqual(deployment, {
    selector,
    replicas: 1,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  });
  assert.deepEqual(
    readInput(Deployment, { spec: { selector, template, strategy: { type: 'Recreate' } } }).spec.strategy,
    { type: 'Recreate' },
  );
  const set = readInput(ReplicaSet, { spec: { selector, template } }).spec;
  assert.equal(set.replicas, 1);
  assert.equal(set.template.spec.containers[0]?.imagePullPolicy, 'Always');
  assert.equal(set.template.spec.enableServiceLinks, undefined, 'only pods say whether they want links');
  const { template: __, ...stateful } = readInput(StatefulSet, {
    spec: { selector, template, serviceName: 'web' },
  }).spec;
  assert.deepEqual(stateful, {
    selector,
    serviceName: 'web',
    replicas: 1,
    podManagementPolicy: 'OrderedReady',
    revisionHistoryLimit: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1 } },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  });
  const { template: ___, ...daemon } = readInput(DaemonSet, { spec: { selector, template } }).spec;
  assert.deepEqual(daemon, {
    selector,
    revisionHistoryLimit: 10,
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
  });
});

test("the generation of a daemon set's template counts its changes", () => {
  const KEY = 'deprecated.daemonset.template.generation';
  const setOf = (image: string, generation?: string) =>
    readInput(DaemonSet, {
      metadata: { annotations: generation === undefined ? {} : { [KEY]: generation } },
      spec: { selector, template: { ...template, spec: { containers: [{ name: 'main', image }] } } },
    });
  const generationAfter = (set: ReturnType<typeof setOf>, previous?: ReturnType<typeof setOf>) => {
    if (previous) countTemplateGeneration(set, previous as DaemonSet);
    else beginTemplateGeneration(set);
    return set.metadata.annotations?.[KEY];
  };
  assert.equal(generationAfter(setOf('a')), '1');
  assert.equal(generationAfter(setOf('a', '7')), '7', 'a creator may go on from another set');
  assert.equal(generationAfter(setOf('a', 'x')), '1');
  assert.equal(generationAfter(setOf('a', '9'), setOf('a', '3')), '3', 'an updater does not decide it');
  assert.equal(generationAfter(setOf('b'), setOf('a', '3')), '4');
});
