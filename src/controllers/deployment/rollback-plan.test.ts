import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { nextRevision, rolledBackAnnotations, wantedRollback } from './revision.ts';
import { planRollback } from './rollback-plan.ts';

const template = (image: string, labels = {}) => ({ metadata: { labels }, spec: { containers: [{ image }] } });

function deployment(image: string, annotations: Record<string, string> = {}): Deployment {
  return { metadata: { name: 'web', annotations }, spec: { template: template(image) } } as unknown as Deployment;
}

function replicaSet(image: string, revision: string, annotations = {}): ReplicaSet {
  const metadata = { name: image, annotations: { 'deployment.kubernetes.io/revision': revision, ...annotations } };
  return { metadata, spec: { template: template(image, { 'pod-template-hash': image }) } } as unknown as ReplicaSet;
}

test('planRollback finds the revision, by default the one before the newest', () => {
  const all = [replicaSet('a', '1'), replicaSet('b', '2'), replicaSet('c', '9007199254740993')];
  const cases: readonly [
    what: string,
    wanted: bigint,
    replicaSets: readonly ReplicaSet[],
    reason: string,
    to?: string,
  ][] = [
    ['the last', 0n, all, 'DeploymentRollback', 'b'],
    ['an older one', 1n, all, 'DeploymentRollback', 'a'],
    ['none before', 0n, all.slice(0, 1), 'DeploymentRollbackRevisionNotFound'],
    ['one that is not there', 9007199254740992n, all, 'DeploymentRollbackRevisionNotFound'],
    ['the newest', 9007199254740993n, all, 'DeploymentRollbackTemplateUnchanged'],
  ];
  for (const [what, wanted, replicaSets, reason, to] of cases) {
    const plan = planRollback(deployment('c'), replicaSets, wanted);
    assert.deepEqual([plan.reason, plan.target?.metadata.name], [reason, to], what);
  }
});

test('revisions are 64-bit numbers', () => {
  assert.equal(nextRevision([replicaSet('a', '3546343826724305832'), replicaSet('b', 'x')]), 3546343826724305833n);
  assert.equal(nextRevision([]), 1n);
});

test('rolledBackAnnotations are those of the replica set, and what the deployment keeps to itself', () => {
  const one = deployment('b', {
    'deprecated.deployment.rollback.to': '1',
    'deployment.kubernetes.io/revision': '2',
    'kubernetes.io/change-cause': 'edit',
  });
  assert.equal(wantedRollback(one), 1n);
  assert.equal(wantedRollback(deployment('b', { 'deprecated.deployment.rollback.to': 'first' })), undefined);
  assert.deepEqual(rolledBackAnnotations(one, replicaSet('a', '1', { 'kubernetes.io/change-cause': 'create' })), {
    'deployment.kubernetes.io/revision': '2',
    'kubernetes.io/change-cause': 'create',
  });
  assert.deepEqual(rolledBackAnnotations(one), {
    'deployment.kubernetes.io/revision': '2',
    'kubernetes.io/change-cause': 'edit',
  });
});
