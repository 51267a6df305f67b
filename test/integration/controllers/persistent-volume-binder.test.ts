import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event } from '../../../src/api/core/event.ts';
import { Namespace } from '../../../src/api/core/namespace.ts';
import { PersistentVolume } from '../../../src/api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../../../src/api/core/persistent-volume-claim.ts';
import { StorageClass } from '../../../src/api/storage/storage-class.ts';
import { controlledCluster } from '../../support/controlled-cluster.ts';

const NAMESPACE = 'default';
const SOURCE = 'persistentvolume-controller';
type VolumeSpec = NonNullable<Parameters<typeof volumeSpec>[0]>;

function volumeSpec(spec: { readonly storage?: string; readonly storageClassName?: string } = {}) {
  const { storage = '1Gi', ...rest } = spec;
  return {
    capacity: { storage },
    accessModes: ['ReadWriteOnce' as const],
    hostPath: { path: '/tmp/data' },
    ...rest,
  };
}

async function open() {
  const cluster = await controlledCluster();
  const { admin, until } = cluster;
  await until('the namespace', async () =>
    (await admin.list(Namespace)).items.some(({ metadata }) => metadata.name === NAMESPACE),
  );
  const refOf = (name: string) => ({ namespace: NAMESPACE, name });
  const claimNow = (name: string) => admin.get(PersistentVolumeClaim, refOf(name));
  const volumeNow = (name: string) => admin.get(PersistentVolume, { name });
  return {
    ...cluster,
    cluster,
    claimNow,
    volumeNow,
    addVolume: (name: string, spec: VolumeSpec = {}) =>
      admin.create(PersistentVolume, { metadata: { name }, spec: volumeSpec(spec) }),
    addClaim: (name: string, storageClassName: string | undefined = '', storage = '1Gi') =>
      admin.create(PersistentVolumeClaim, {
        metadata: refOf(name),
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage } },
          ...(storageClassName === undefined ? {} : { storageClassName }),
        },
      }),
    deleteClaim: (name: string) => admin.delete(PersistentVolumeClaim, refOf(name)),
    claimIs: (name: string, phase: string) =>
      until(`claim ${name} to be ${phase}`, async () => (await claimNow(name)).status.phase === phase),
    volumeIs: (name: string, phase: string) =>
      until(`volume ${name} to be ${phase}`, async () => (await volumeNow(name)).status.phase === phase),
    isSaid: (reason: string, message: string) =>
      until(`event ${reason}`, async () => {
        const { items } = await admin.list(Event);
        return items.some(
          (event) => event.reason === reason && event.message === message && event.source?.component === SOURCE,
        );
      }),
  };
}

test('claims get the smallest volumes that suit them, and a volume that is retained is released after its claim', async () => {
  const { cluster, admin, addVolume, addClaim, deleteClaim, claimIs, volumeIs, claimNow, volumeNow, pass } =
    await open();
  await using _ = cluster;
  await Promise.all([
    addVolume('large', { storage: '5Gi' }),
    addVolume('small', { storage: '2Gi' }),
    addVolume('tiny', { storage: '1Mi' }),
  ]);
  await volumeIs('small', 'Available');
  await addClaim('data');
  await claimIs('data', 'Bound');
  const { spec, status, metadata } = await claimNow('data');
  assert.equal(spec.volumeName, 'small');
  assert.deepEqual([status.capacity, status.accessModes], [{ storage: '2Gi' }, ['ReadWriteOnce']]);
  assert.deepEqual(metadata.annotations, {
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
  });
  const bound = await volumeNow('small');
  assert.equal(bound.status.phase, 'Bound');
  assert.equal(bound.spec.claimRef?.uid, metadata.uid);
  await deleteClaim('data');
  await volumeIs('small', 'Released');
  await addClaim('data');
  await claimIs('data', 'Bound');
  assert.equal((await claimNow('data')).spec.volumeName, 'large');
  // Whoever has looked after what is on it gives it free.
  await admin.patch(PersistentVolume, { name: 'small' }, { type: 'merge', body: { spec: { claimRef: null } } });
  await volumeIs('small', 'Available');
  const { resourceVersion } = (await volumeNow('small')).metadata;
  await pass(60_000);
  assert.equal((await volumeNow('small')).metadata.resourceVersion, resourceVersion);
  assert.deepEqual(cluster.complaints, []);
});

test('claims that come at once get volumes of their own', async () => {
  const { cluster, addVolume, addClaim, claimIs, claimNow, clock } = await open();
  await using _ = cluster;
  const names = Array.from({ length: 10 }, (_each, index) => `n${index}`);
  await Promise.all(names.map((name) => addClaim(name)));
  await clock.advance(1_000);
  await Promise.all(names.map((name) => addVolume(`v-${name}`)));
  for (const name of names) await claimIs(name, 'Bound');
  const volumes = await Promise.all(names.map(async (name) => (await claimNow(name)).spec.volumeName));
  assert.equal(new Set(volumes).size, names.length);
});

test('a claim of a class waits for its provisioner, and is bound to what that makes', async () => {
  const { cluster, admin, addClaim, claimIs, claimNow, isSaid, until } = await open();
  await using _ = cluster;
  const claim = await addClaim('data', 'fast');
  await isSaid('ProvisioningFailed', 'storageclass.storage.k8s.io "fast" not found');
  await admin.create(StorageClass, { metadata: { name: 'fast' }, provisioner: 'disks.example.com' });
  const provisioner = async () =>
    (await claimNow('data')).metadata.annotations?.['volume.kubernetes.io/storage-provisioner'];
  await until('the provisioner to be asked', async () => (await provisioner()) === 'disks.example.com');
  const { namespace, name, uid } = claim.metadata;
  await admin.create(PersistentVolume, {
    metadata: { name: `pvc-${uid}`, annotations: { 'pv.kubernetes.io/provisioned-by': 'disks.example.com' } },
    spec: {
      ...volumeSpec({ storageClassName: 'fast' }),
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
    },
  });
  await claimIs('data', 'Bound');
  assert.equal((await claimNow('data')).spec.volumeName, `pvc-${uid}`);
});

test('a claim that was made before there was a default class gets it', async () => {
  const { cluster, admin, addClaim, claimNow, until } = await open();
  await using _ = cluster;
  await admin.create(PersistentVolumeClaim, {
    metadata: { namespace: NAMESPACE, name: 'early' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  await addClaim('without');
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  const usual = { metadata: { name: 'usual', annotations }, provisioner: 'disks.example.com' };
  await admin.create(StorageClass, { ...usual, volumeBindingMode: 'WaitForFirstConsumer' });
  await until('the class', async () => (await claimNow('early')).spec.storageClassName === 'usual');
  assert.equal((await claimNow('without')).spec.storageClassName, '');
});

test('a claim whose volume is taken away by force is lost, and says so', async () => {
  const { cluster, admin, addVolume, addClaim, claimIs, isSaid } = await open();
  await using _ = cluster;
  await addVolume('disk');
  await addClaim('data');
  await claimIs('data', 'Bound');
  await admin.delete(PersistentVolume, { name: 'disk' });
  await admin.patch(PersistentVolume, { name: 'disk' }, { type: 'merge', body: { metadata: { finalizers: null } } });
  await claimIs('data', 'Lost');
  await isSaid('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
});
