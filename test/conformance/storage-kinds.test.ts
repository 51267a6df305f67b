// What the conformance suite asks of the kinds of storage.k8s.io, which needs no node. Upstream: storageclass.go,
// volumeattributesclass.go, csi_node.go, csi_inline.go, csistoragecapacity.go and volume_attachment.go in test/e2e/storage.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '../../src/api/core/pod.ts';
import type { InputOf, Kind, ObjectOf } from '../../src/api/kind.ts';
import { isStatusError } from '../../src/api/status-error.ts';
import { CSIDriver } from '../../src/api/storage/csi-driver.ts';
import { CSINode } from '../../src/api/storage/csi-node.ts';
import { CSIStorageCapacity } from '../../src/api/storage/csi-storage-capacity.ts';
import { StorageClass } from '../../src/api/storage/storage-class.ts';
import { VolumeAttachment } from '../../src/api/storage/volume-attachment.ts';
import { VolumeAttributesClass } from '../../src/api/storage/volume-attributes-class.ts';
import { pathOf, refOf } from '../../src/client/client.ts';
import { controlledCluster } from '../support/controlled-cluster.ts';
import { hasGone, NAMESPACE, record, workloadCluster } from '../support/workload-cluster.ts';

const NODE = 'node-1';
const ATTACHER = 'e2e-test.storage.k8s.io';

/** The whole of what any object of the kind beside its name needs, and what becomes of it from POST to DELETE. */
function lifecycle<K extends Kind>(name: string, kind: K, contents: Omit<InputOf<K>, 'metadata'>): void {
  test(name, async () => {
    await using cluster = await controlledCluster();
    const { admin, until } = cluster;
    await cluster.addNode(NODE);
    const add = (suffix: string) =>
      admin.create(kind, { ...contents, metadata: { name: `e2e-${suffix}` } } as InputOf<K>) as Promise<ObjectOf<Kind>>;
    const found = async (labelSelector: string) => (await admin.list(kind, { labelSelector })).items.length;
    const gone = (labelSelector: string) => until('it is gone', async () => (await found(labelSelector)) === 0);

    const created = await add('first');
    await assert.rejects(add('first'), (error) => isStatusError(error, 'AlreadyExists'));
    const read = (await admin.get(kind, refOf(created))) as ObjectOf<Kind>;
    assert.deepEqual([read.metadata.name, read.metadata.uid], ['e2e-first', created.metadata.uid]);
    const label = (value: string) => ({ body: { metadata: { labels: { 'e2e-first': value } } } });
    const merged = await admin.patch(kind, refOf(created), { type: 'merge', ...label('merged') });
    assert.equal((merged as ObjectOf<Kind>).metadata.labels?.['e2e-first'], 'merged');
    const patched = (await admin.patch(kind, refOf(created), {
      type: 'strategic',
      ...label('patched'),
    })) as ObjectOf<Kind>;
    assert.equal(patched.metadata.labels?.['e2e-first'], 'patched');
    assert.ok(BigInt(patched.metadata.resourceVersion) > BigInt(read.metadata.resourceVersion));
    assert.equal(await found('e2e-first=patched'), 1);
    await admin.delete(kind, refOf(created));
    await gone('e2e-first=patched');

    for (const suffix of ['second', 'third']) {
      const other = await add(suffix);
      const labels = { 'e2e-test': 'updated' };
      const object = { ...other, metadata: { ...other.metadata, labels } } as unknown as InputOf<K>;
      const updated = (await admin.update(kind, object)) as ObjectOf<Kind>;
      assert.deepEqual(updated.metadata.labels, labels);
    }
    assert.equal(await found('e2e-test=updated'), 2);
    await admin.deleteCollection(kind, { labelSelector: 'e2e-test=updated' });
    await gone('e2e-test=updated');
    assert.deepEqual(cluster.complaints, []);
  });
}

lifecycle(
  '[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass',
  StorageClass,
  { provisioner: 'e2e-fake-provisioner' },
);
lifecycle(
  '[sig-storage] VolumeAttributesClass [FeatureGate:VolumeAttributesClass] should run through the lifecycle of a VolumeAttributesClass',
  VolumeAttributesClass,
  { driverName: 'e2e-fake-csi-driver', parameters: { foo: 'bar' } },
);
lifecycle('[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode', CSINode, {
  spec: { drivers: [] },
});
lifecycle('[sig-storage] CSIInlineVolumes should run through the lifecycle of a CSIDriver', CSIDriver, {
  spec: { volumeLifecycleModes: ['Persistent', 'Ephemeral'], fsGroupPolicy: 'ReadWriteOnceWithFSType' },
});
lifecycle(
  '[sig-storage] VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment',
  VolumeAttachment,
  {
    spec: { attacher: ATTACHER, nodeName: NODE, source: { persistentVolumeName: 'pv-e2e' } },
    status: { attached: false },
  },
);

test('[sig-storage] VolumeAttachment Conformance should apply changes to a volumeattachment status', async () => {
  await using cluster = await controlledCluster();
  const { admin } = cluster;
  await cluster.addNode(NODE);
  const ref = { name: 'va-e2e' };
  const spec = { attacher: ATTACHER, nodeName: NODE, source: { persistentVolumeName: 'pv-e2e' } };
  await admin.create(VolumeAttachment, { metadata: ref, spec, status: { attached: false } });
  const patched = await admin.patch(VolumeAttachment, ref, {
    type: 'merge',
    body: { metadata: { labels: { 'va-e2e': 'patched' } } },
  });
  assert.equal(patched.metadata.labels?.['va-e2e'], 'patched');
  const read = (await admin.request('GET', pathOf(VolumeAttachment, ref, 'status'))) as VolumeAttachment;
  assert.equal(read.status.attached, false);
  const body = { status: { attached: true } };
  const attached = await admin.patch(VolumeAttachment, ref, { type: 'merge', body }, { subresource: 'status' });
  assert.equal(attached.status.attached, true);
  const detached = await admin.updateStatus(VolumeAttachment, { ...attached, status: { attached: false } });
  assert.equal(detached.status.attached, false);
  await admin.delete(VolumeAttachment, ref);
  assert.deepEqual((await admin.list(VolumeAttachment, { labelSelector: 'va-e2e=patched' })).items, []);
});

test('[sig-storage] CSIInlineVolumes should support CSIVolumeSource in Pod API', async () => {
  await using cluster = await workloadCluster();
  const { admin } = cluster;
  const namespace = NAMESPACE;
  const ref = { namespace, name: 'pod-csi-inline-volumes' };
  const driver = 'e2e.example.com';
  const volumes = [
    { name: 'first', csi: { driver } },
    { name: 'second', csi: { driver, fsType: 'ext4', readOnly: true } },
  ];
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/mnt/${name}` }));
  const pod = { metadata: ref, spec: { volumes, containers: [{ name: 'main', image: 'busybox', volumeMounts }] } };
  const created = await admin.create(Pod, pod);
  await assert.rejects(admin.create(Pod, pod), (error) => isStatusError(error, 'AlreadyExists'));
  const read = await admin.get(Pod, ref);
  assert.equal(read.metadata.uid, created.metadata.uid);
  assert.deepEqual(read.spec.volumes?.slice(0, 2), volumes);
  assert.equal((await admin.list(Pod, { namespace })).items.length, 1);
  const annotations = { patched: 'true' };
  const patched = await admin.patch(Pod, ref, { type: 'merge', body: { metadata: { annotations } } });
  assert.equal(patched.metadata.annotations?.['patched'], 'true');
  await admin.delete(Pod, ref);
  assert.ok(await hasGone(admin, Pod, ref));
});

test('[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations', async () => {
  await using cluster = await controlledCluster({}, { controllers: false });
  const { admin, until } = cluster;
  await checkDiscovery((path) => admin.request('GET', path));
  const namespace = NAMESPACE;
  await admin.request('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
  const labelSelector = 'test=e2e';
  const add = (name: string) =>
    admin.create(CSIStorageCapacity, {
      metadata: { namespace, name, labels: { test: 'e2e' } },
      storageClassName: 'e2e.example.com',
    });
  const first = await add('first');
  await assert.rejects(add('first'), (error) => isStatusError(error, 'AlreadyExists'));
  const { metadata } = await add('second');
  const from = { labelSelector, resourceVersion: metadata.resourceVersion };
  await using inNamespace = record(admin, CSIStorageCapacity, { namespace, ...from });
  await using everywhere = record(admin, CSIStorageCapacity, from);
  await add('third');
  assert.equal((await admin.get(CSIStorageCapacity, refOf(first))).metadata.uid, first.metadata.uid);
  for (const where of [{ namespace }, {}]) {
    assert.equal((await admin.list(CSIStorageCapacity, { ...where, labelSelector })).items.length, 3);
  }
  const body = { metadata: { annotations: { patched: 'true' } } };
  const patched = await admin.patch(CSIStorageCapacity, refOf(first), { type: 'merge', body });
  assert.equal(patched.metadata.annotations?.['patched'], 'true');
  const annotations = { patched: 'true', updated: 'true' };
  const updated = await admin.update(CSIStorageCapacity, {
    ...patched,
    metadata: { ...patched.metadata, annotations },
  });
  assert.deepEqual(updated.metadata.annotations, annotations);
  for (const watched of [inNamespace, everywhere]) {
    await until('three events', async () => watched.events.length >= 3);
    assert.deepEqual(
      watched.events.map(({ type, object }) => [type, object.metadata.name, object.metadata.annotations ?? {}]),
      [
        ['ADDED', 'third', {}],
        ['MODIFIED', 'first', { patched: 'true' }],
        ['MODIFIED', 'first', annotations],
      ],
    );
  }
  await admin.delete(CSIStorageCapacity, refOf(first));
  assert.ok(await hasGone(admin, CSIStorageCapacity, refOf(first)));
  assert.equal((await admin.list(CSIStorageCapacity, { namespace, labelSelector })).items.length, 2);
  await admin.deleteCollection(CSIStorageCapacity, { namespace, labelSelector });
  assert.deepEqual((await admin.list(CSIStorageCapacity, { namespace, labelSelector })).items, []);
});

/** The group is in the list of groups, its version in the group, the resource in the version. */
async function checkDiscovery(get: (path: string) => Promise<unknown>): Promise<void> {
  const groups = (await get('/apis')) as { groups: { name: string; versions: { version: string }[] }[] };
  const group = (await get('/apis/storage.k8s.io')) as { versions: { version: string }[] };
  const version = (await get('/apis/storage.k8s.io/v1')) as { resources: { name: string }[] };
  const storage = groups.groups.find(({ name }) => name === 'storage.k8s.io');
  for (const { versions } of [storage ?? { versions: [] }, group]) {
    assert.ok(versions.some((one) => one.version === 'v1'));
  }
  assert.ok(version.resources.some(({ name }) => name === 'csistoragecapacities'));
}
