import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event } from '../../../src/api/core/event.ts';
import { PersistentVolume } from '../../../src/api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../../../src/api/core/persistent-volume-claim.ts';
import { Pod } from '../../../src/api/core/pod.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import type { Kind } from '../../../src/api/kind.ts';
import { isStatusError } from '../../../src/api/status-error.ts';
import { VolumeAttributesClass } from '../../../src/api/storage/volume-attributes-class.ts';
import type { ObjectRef } from '../../../src/client/client.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

const NAMESPACE = 'default';
const CLAIM = { namespace: NAMESPACE, name: 'data' };
const CLAIM_SPEC = {
  accessModes: ['ReadWriteOnce' as const],
  resources: { requests: { storage: '1Gi' } },
  storageClassName: '',
};
const VOLUME_SPEC = {
  capacity: { storage: '1Gi' },
  accessModes: ['ReadWriteOnce' as const],
  hostPath: { path: '/tmp/data' },
};

async function open() {
  const cluster = await controlledCluster();
  const { admin, until, addNode } = cluster;
  await addNode('node-1');
  await until('the account', async () => (await admin.list(ServiceAccount, { namespace: NAMESPACE })).items.length > 0);
  const isGone = async (kind: Kind, ref: ObjectRef) => {
    try {
      await admin.get(kind, ref);
      return false;
    } catch (error) {
      return isStatusError(error, 'NotFound');
    }
  };
  const podWith = (name: string, volume: object, nodeName: string | undefined = 'node-1') =>
    admin.create(Pod, {
      metadata: { namespace: NAMESPACE, name },
      spec: {
        containers: [{ name: 'c', image: 'i' }],
        volumes: [{ name: 'data', ...volume }],
        ...(nodeName ? { nodeName } : {}),
      },
    });
  return { ...cluster, cluster, isGone, podWith };
}

test('a claim that is deleted stays while a pod with a node uses it', async () => {
  const { cluster, admin, until, pass, isGone, podWith } = await open();
  await using _ = cluster;
  await admin.create(PersistentVolumeClaim, { metadata: CLAIM, spec: CLAIM_SPEC });
  assert.deepEqual((await admin.get(PersistentVolumeClaim, CLAIM)).metadata.finalizers, [
    'kubernetes.io/pvc-protection',
  ]);
  await podWith('web', { persistentVolumeClaim: { claimName: 'data' } });
  await admin.delete(PersistentVolumeClaim, CLAIM);
  await pass(30_000);
  const kept = await admin.get(PersistentVolumeClaim, CLAIM);
  assert.ok(kept.metadata.deletionTimestamp);
  await admin.delete(Pod, { namespace: NAMESPACE, name: 'web' }, { gracePeriodSeconds: 0 });
  await until('the end of the claim', () => isGone(PersistentVolumeClaim, CLAIM));
  assert.deepEqual(cluster.complaints, []);
});

test('a claim goes that only pods without a node name, and one without protection is given it', async () => {
  const { cluster, admin, until, pass, isGone, podWith } = await open();
  await using _ = cluster;
  await admin.create(PersistentVolumeClaim, { metadata: CLAIM, spec: CLAIM_SPEC });
  const isProtected = async () =>
    (await admin.get(PersistentVolumeClaim, CLAIM)).metadata.finalizers?.includes('kubernetes.io/pvc-protection') ??
    false;
  await admin.patch(PersistentVolumeClaim, CLAIM, { type: 'merge', body: { metadata: { finalizers: null } } });
  await until('protection', isProtected);
  const { resourceVersion } = (await admin.get(PersistentVolumeClaim, CLAIM)).metadata;
  await pass(30_000);
  assert.equal((await admin.get(PersistentVolumeClaim, CLAIM)).metadata.resourceVersion, resourceVersion);
  await podWith('waiting', { persistentVolumeClaim: { claimName: 'data' } }, '');
  await admin.delete(PersistentVolumeClaim, CLAIM);
  await until('the end of the claim', () => isGone(PersistentVolumeClaim, CLAIM));
});

test('a volume that is deleted stays while it is bound', async () => {
  const { cluster, admin, until, pass, isGone } = await open();
  await using _ = cluster;
  const ref = { name: 'disk' };
  await admin.create(PersistentVolume, { metadata: ref, spec: VOLUME_SPEC });
  await admin.create(PersistentVolumeClaim, { metadata: CLAIM, spec: CLAIM_SPEC });
  await until('the binding', async () => (await admin.get(PersistentVolume, ref)).status.phase === 'Bound');
  await admin.delete(PersistentVolume, ref);
  await pass(10_000);
  assert.deepEqual((await admin.get(PersistentVolume, ref)).metadata.finalizers, ['kubernetes.io/pv-protection']);
  await admin.delete(PersistentVolumeClaim, CLAIM);
  await until('the end of the volume', () => isGone(PersistentVolume, ref));
});

test('a class of volume attributes that is deleted stays while claims and volumes are of it', async () => {
  const { cluster, admin, until, pass, isGone } = await open();
  await using _ = cluster;
  const ref = { name: 'gold' };
  const ofClass = { volumeAttributesClassName: 'gold' };
  await admin.create(VolumeAttributesClass, { metadata: ref, driverName: 'disks.example.com', parameters: { a: 'b' } });
  await admin.create(PersistentVolumeClaim, { metadata: CLAIM, spec: { ...CLAIM_SPEC, ...ofClass } });
  await admin.delete(VolumeAttributesClass, ref);
  await pass(10_000);
  const { finalizers } = (await admin.get(VolumeAttributesClass, ref)).metadata;
  assert.deepEqual(finalizers, ['kubernetes.io/vac-protection']);
  await admin.delete(PersistentVolumeClaim, CLAIM);
  await until('the end of the class', () => isGone(VolumeAttributesClass, ref));
});

const TEMPLATE = { metadata: { labels: { of: 'web' } }, spec: { ...CLAIM_SPEC, storageClassName: 'fast' } };
const EPHEMERAL = { ephemeral: { volumeClaimTemplate: TEMPLATE } };
const EPHEMERAL_CLAIM = { namespace: NAMESPACE, name: 'web-data' };

test('an ephemeral volume has a claim that goes with its pod and is made again without', async () => {
  const { cluster, admin, until, isGone, podWith } = await open();
  await using _ = cluster;
  const pod = await podWith('web', EPHEMERAL, '');
  const exists = async () => !(await isGone(PersistentVolumeClaim, EPHEMERAL_CLAIM));
  await until('the claim', exists);
  const claim = await admin.get(PersistentVolumeClaim, EPHEMERAL_CLAIM);
  assert.deepEqual(claim.metadata.labels, { of: 'web' });
  assert.equal(claim.spec.storageClassName, 'fast');
  const { uid } = pod.metadata;
  assert.deepEqual(claim.metadata.ownerReferences, [
    { apiVersion: 'v1', kind: 'Pod', name: 'web', uid, controller: true, blockOwnerDeletion: true },
  ]);
  await admin.delete(PersistentVolumeClaim, EPHEMERAL_CLAIM);
  await until('another claim', async () => {
    return (
      (await exists()) && (await admin.get(PersistentVolumeClaim, EPHEMERAL_CLAIM)).metadata.uid !== claim.metadata.uid
    );
  });
  await admin.delete(Pod, { namespace: NAMESPACE, name: 'web' }, { gracePeriodSeconds: 0 });
  await until('the end of the claim', () => isGone(PersistentVolumeClaim, EPHEMERAL_CLAIM));
});

test('an ephemeral volume takes no claim that is not its own, and says so', async () => {
  const { cluster, admin, until, podWith } = await open();
  await using _ = cluster;
  await admin.create(PersistentVolumeClaim, { metadata: EPHEMERAL_CLAIM, spec: CLAIM_SPEC });
  await podWith('web', EPHEMERAL, '');
  await until('the event', async () => {
    const { items } = await admin.list(Event, { namespace: NAMESPACE });
    // The binder says of the claim that it waits, by the same reason.
    const event = items.find(({ involvedObject }) => involvedObject.kind === 'Pod');
    if (!event) return false;
    assert.deepEqual(
      [event.type, event.message, event.source?.component],
      [
        'Warning',
        'ephemeral volume data: PVC default/web-data was not created for pod default/web (pod is not owner)',
        'ephemeral_volume',
      ],
    );
    return true;
  });
  await admin.delete(PersistentVolumeClaim, EPHEMERAL_CLAIM);
  await until('a claim of its own', async () => {
    const { items } = await admin.list(PersistentVolumeClaim, { namespace: NAMESPACE });
    return items.some(({ metadata }) => metadata.ownerReferences?.[0]?.kind === 'Pod');
  });
});
