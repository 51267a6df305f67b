import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, refTo, storageClass, volume } from '../../../test/support/volume-objects.ts';
import { HOST_PATH_PROVISIONER } from './host-path-class.ts';
import { planClaim, planVolume } from './plan-volumes.ts';

const HERE = { nodeName: 'a', volumesDir: '/volumes' };
const ours = storageClass('host-path', { provisioner: HOST_PATH_PROVISIONER, waits: true });
const anyTime = storageClass('host-path', { provisioner: HOST_PATH_PROVISIONER });
const asked = { 'volume.kubernetes.io/storage-provisioner': HOST_PATH_PROVISIONER };
const on = (node: string) => ({ ...asked, 'volume.kubernetes.io/selected-node': node });
type Shape = Parameters<typeof claim>[1];

const claims: readonly [title: string, shape: Shape, of: typeof ours | undefined, expected: string][] = [
  ['for which this node was selected', { annotations: on('a') }, ours, 'make /volumes/pvc-data-uid'],
  ['for which another node was selected', { annotations: on('b') }, ours, 'leave'],
  ['for which no node was selected yet', { annotations: asked }, ours, 'leave'],
  ['that any node will do for', { annotations: asked }, anyTime, 'take'],
  ['that another provisioner is asked for', {}, ours, 'leave'],
  ['whose class has gone', { annotations: on('a') }, undefined, 'leave'],
  ['that has a volume', { annotations: on('a'), spec: { volumeName: 'pv' } }, ours, 'leave'],
  ['that is going', { annotations: on('a'), deletionTimestamp: '2026-01-01T00:00:00Z' }, ours, 'leave'],
  ['for a block device', { annotations: on('a'), spec: { volumeMode: 'Block' } }, ours, 'refuse'],
  [
    'for a copy',
    { annotations: on('a'), spec: { dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'other' } } },
    ours,
    'refuse',
  ],
];
for (const [title, shape, of, expected] of claims) {
  test(`planClaim: a claim ${title}`, () => {
    const plan = planClaim(claim('data', shape), of, HERE);
    assert.equal(plan.step === 'make' ? `make ${plan.directory}` : plan.step, expected);
  });
}

test('planClaim: the volume is of the size, class and modes that the claim asks for, and is on this node', () => {
  const spec = { storageClassName: 'host-path', accessModes: ['ReadWriteMany' as const] };
  const plan = planClaim(claim('data', { annotations: on('a'), spec }), ours, HERE);
  assert.ok(plan.step === 'make');
  const { claimRef, nodeAffinity, ...rest } = plan.volume.spec ?? {};
  assert.equal(claimRef?.uid, 'data-uid');
  assert.match(JSON.stringify(nodeAffinity), /"kubernetes.io\/hostname","operator":"In","values":\["a"\]/);
  assert.deepEqual(rest, {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteMany'],
    persistentVolumeReclaimPolicy: 'Delete',
    storageClassName: 'host-path',
    volumeMode: 'Filesystem',
    hostPath: { path: '/volumes/pvc-data-uid', type: 'Directory' },
  });
});

const made = { 'pv.kubernetes.io/provisioned-by': HOST_PATH_PROVISIONER };
const volumeThat = (
  phase: 'Bound' | 'Released' | 'Available',
  policy: 'Delete' | 'Retain',
  { path = '/volumes/pv', annotations = made, isGoing = false } = {},
) =>
  volume('pv', {
    annotations,
    ...(isGoing ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    spec: { claimRef: refTo('data'), persistentVolumeReclaimPolicy: policy, hostPath: { path } },
    status: { phase },
  });
const volumes: readonly [title: string, of: ReturnType<typeof volume>, expected: string][] = [
  ['that is bound', volumeThat('Bound', 'Delete'), 'leave'],
  ['that is released', volumeThat('Released', 'Delete'), 'remove'],
  ['that is released and to be kept', volumeThat('Released', 'Retain'), 'leave'],
  ['that is deleted while it is bound', volumeThat('Bound', 'Delete', { isGoing: true }), 'leave'],
  ['that is deleted', volumeThat('Available', 'Delete', { isGoing: true }), 'remove'],
  ['that is deleted, and its directory kept', volumeThat('Released', 'Retain', { isGoing: true }), 'let-go'],
  ['of another node', volumeThat('Released', 'Delete', { path: '/elsewhere/pv' }), 'leave'],
  ['that somebody else has made', volumeThat('Released', 'Delete', { annotations: {} as typeof made }), 'leave'],
];
for (const [title, of, expected] of volumes) {
  test(`planVolume: a volume ${title}`, () => assert.equal(planVolume(of, HERE).step, expected));
}
