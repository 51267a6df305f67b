// What the conformance suite asks of persistent volumes and claims, which needs no node. Upstream:
// test/e2e/storage/persistent_volumes.go.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PersistentVolume } from '../../src/api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../../src/api/core/persistent-volume-claim.ts';
import { type Client, pathOf, refOf } from '../../src/client/client.ts';
import { NAMESPACE, workloadCluster } from '../support/workload-cluster.ts';

const STORAGE = '2Gi';
const ACCESS_MODES = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany'] as const;
const LABELS = { 'e2e-pv-pool': NAMESPACE };
const labelSelector = `e2e-pv-pool=${NAMESPACE}`;

/** A volume of a driver that nobody runs, and a claim that fits it. */
async function addPair(admin: Client, suffix: string) {
  const volume = await admin.create(PersistentVolume, {
    metadata: { name: `pv-${suffix}`, labels: LABELS },
    spec: {
      storageClassName: NAMESPACE,
      persistentVolumeReclaimPolicy: 'Retain',
      capacity: { storage: STORAGE },
      accessModes: [...ACCESS_MODES],
      csi: { driver: 'e2e-driver', volumeHandle: 'e2e-conformance' },
    },
  });
  const claim = await admin.create(PersistentVolumeClaim, {
    metadata: { namespace: NAMESPACE, name: `pvc-${suffix}` },
    spec: {
      storageClassName: NAMESPACE,
      accessModes: [...ACCESS_MODES],
      resources: { requests: { storage: STORAGE } },
    },
  });
  return { volume, claim };
}

test('[sig-storage] PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC', async () => {
  await using cluster = await workloadCluster();
  const { admin, until } = cluster;
  const volumes = async (selector: string) => (await admin.list(PersistentVolume, { labelSelector: selector })).items;
  const claims = async (selector = '') =>
    (await admin.list(PersistentVolumeClaim, { namespace: NAMESPACE, labelSelector: selector })).items;

  await addPair(admin, 'first');
  const [volume, ...otherVolumes] = await volumes(labelSelector);
  const [claim, ...otherClaims] = await claims();
  assert.ok(volume && claim);
  assert.deepEqual([otherVolumes, otherClaims], [[], []]);
  const patch = (value: string) => ({ type: 'strategic' as const, body: { metadata: { labels: { patched: value } } } });
  const patchedVolume = await admin.patch(PersistentVolume, refOf(volume), patch('volume'));
  const patchedClaim = await admin.patch(PersistentVolumeClaim, refOf(claim), patch('claim'));
  assert.equal(patchedVolume.metadata.labels?.['patched'], 'volume');
  assert.equal(patchedClaim.metadata.labels?.['patched'], 'claim');
  assert.ok(BigInt(patchedVolume.metadata.resourceVersion) > BigInt(volume.metadata.resourceVersion));
  assert.ok(BigInt(patchedClaim.metadata.resourceVersion) > BigInt(claim.metadata.resourceVersion));
  assert.equal((await admin.get(PersistentVolume, refOf(volume))).metadata.uid, volume.metadata.uid);
  assert.equal((await admin.get(PersistentVolumeClaim, refOf(claim))).metadata.uid, claim.metadata.uid);
  await admin.delete(PersistentVolumeClaim, refOf(claim));
  await until('the claim is gone', async () => (await claims()).length === 0);
  await admin.delete(PersistentVolume, refOf(volume));
  await until('the volume is gone', async () => (await volumes(labelSelector)).length === 0);

  const second = await addPair(admin, 'second');
  await admin.update(PersistentVolume, {
    ...second.volume,
    metadata: { ...second.volume.metadata, resourceVersion: '', labels: { ...LABELS, 'pv-second': 'updated' } },
  });
  await admin.update(PersistentVolumeClaim, {
    ...second.claim,
    metadata: { ...second.claim.metadata, resourceVersion: '', labels: { 'pvc-second': 'updated' } },
  });
  assert.equal((await volumes('pv-second=updated')).length, 1);
  const everywhere = await admin.list(PersistentVolumeClaim, { labelSelector: 'pvc-second=updated' });
  assert.equal(everywhere.items.length, 1);
  await admin.deleteCollection(PersistentVolumeClaim, {
    namespace: NAMESPACE,
    labelSelector: 'pvc-second=updated',
  });
  await until('the claims are gone', async () => (await claims('pvc-second=updated')).length === 0);
  await admin.deleteCollection(PersistentVolume, { labelSelector: 'pv-second=updated' });
  await until('the volumes are gone', async () => (await volumes('pv-second=updated')).length === 0);
});

test('[sig-storage] PersistentVolumes CSI Conformance should apply changes to a pv/pvc status', async () => {
  await using cluster = await workloadCluster();
  const { admin, until } = cluster;
  const pair = await addPair(admin, 'first');
  const [volume, claim] = [refOf(pair.volume), refOf(pair.claim)];
  const statusOf = async (path: string) => ((await admin.request('GET', path)) as { status: { phase: string } }).status;
  assert.match((await statusOf(pathOf(PersistentVolumeClaim, claim, 'status'))).phase, /^(Pending|Bound)$/);
  assert.match((await statusOf(pathOf(PersistentVolume, volume, 'status'))).phase, /^(Available|Bound|Pending)$/);
  await until('they are bound', async () => (await admin.get(PersistentVolumeClaim, claim)).status.phase === 'Bound');

  const condition = (type: string, reason: string) => ({ type, status: 'True', reason, message: 'Set from e2e test' });
  const said = ({ status: { conditions = [] } }: PersistentVolumeClaim) =>
    conditions.map(({ type, status, reason, message }) => ({ type, status, reason, message }));
  const onStatus = { subresource: 'status' };
  const conditions = [condition('StatusPatched', 'E2E patchedStatus')];
  const patchedClaim = await admin.patch(
    PersistentVolumeClaim,
    claim,
    { type: 'merge', body: { status: { conditions } } },
    onStatus,
  );
  assert.deepEqual(said(patchedClaim), conditions);
  const reason = { message: 'StatusPatched', reason: 'E2E patchStatus' };
  const patchedVolume = await admin.patch(
    PersistentVolume,
    volume,
    { type: 'merge', body: { status: reason } },
    onStatus,
  );
  assert.deepEqual(patchedVolume.status, { ...patchedVolume.status, ...reason });

  const more = [...conditions, condition('StatusUpdated', 'E2E updateStatus')];
  const updatedClaim = await admin.updateStatus(PersistentVolumeClaim, {
    ...(await admin.get(PersistentVolumeClaim, claim)),
    status: { ...patchedClaim.status, conditions: more },
  });
  assert.deepEqual(said(updatedClaim), more);
  const current = await admin.get(PersistentVolume, volume);
  const other = { message: 'StatusUpdated', reason: 'E2E updateStatus' };
  const updatedVolume = await admin.updateStatus(PersistentVolume, {
    ...current,
    status: { ...current.status, ...other },
  });
  assert.deepEqual(updatedVolume.status, { ...current.status, ...other });
});
