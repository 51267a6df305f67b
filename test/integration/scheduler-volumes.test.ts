import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Node } from '../../src/api/core/node.ts';
import { PersistentVolume } from '../../src/api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../../src/api/core/persistent-volume-claim.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { StorageClass } from '../../src/api/storage/storage-class.ts';
import { FakeClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createEventRecorder } from '../../src/client/event-recorder.ts';
import { InformerFactory } from '../../src/client/informer-factory.ts';
import { startController } from '../../src/controllers/controller.ts';
import type { ControllerDeps } from '../../src/controllers/controller-deps.ts';
import { claimBinder } from '../../src/controllers/persistent-volume-binder/claim-binder.ts';
import { volumeReclaimer } from '../../src/controllers/persistent-volume-binder/volume-reclaimer.ts';
import { HOST_PATH_PROVISIONER } from '../../src/storage/host-path/host-path-class.ts';
import { startHostPathProvisioner } from '../../src/storage/host-path/host-path-provisioner.ts';
import { schedulingCluster } from '../support/scheduling-cluster.ts';
import { until } from '../support/until.ts';

const NAMESPACE = 'default';
const NODES = ['a', 'b'];

/** Two nodes, the scheduler and the binder. */
async function open() {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const cluster = stack.use(await schedulingCluster({ clock }));
  const { client } = cluster;
  const own = { client: cluster.clientFor('binder'), clock, random: seededRandom(3), log: silentLogger };
  const informers = stack.use(new InformerFactory(own));
  const events = stack.use(createEventRecorder(own, { component: 'binder' }));
  const deps = { ...own, informers, events } as unknown as ControllerDeps;
  for (const controller of [claimBinder(deps), volumeReclaimer(deps)])
    stack.use(await startController(own, controller));
  for (const name of NODES) {
    const allocatable = { cpu: '4', memory: '8Gi', pods: '110' };
    const labels = { 'kubernetes.io/hostname': name };
    await client.create(Node, { metadata: { name, labels }, status: { allocatable, capacity: allocatable } });
  }
  stack.use(cluster.startScheduler());
  const owned = stack.move();
  const podNow = (name: string) => client.get(Pod, { namespace: NAMESPACE, name });
  return {
    ...own,
    client,
    podNow,
    claimNow: (name: string) => client.get(PersistentVolumeClaim, { namespace: NAMESPACE, name }),
    addClass: (name: string, provisioner: string) =>
      client.create(StorageClass, { metadata: { name }, provisioner, volumeBindingMode: 'WaitForFirstConsumer' }),
    addVolume: (name: string, storageClassName: string, node: string, more: object = {}) =>
      client.create(PersistentVolume, {
        metadata: { name },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          hostPath: { path: `/${name}` },
          storageClassName,
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
            },
          },
          ...more,
        },
      }),
    addClaim: (name: string, storageClassName: string) =>
      client.create(PersistentVolumeClaim, {
        metadata: { namespace: NAMESPACE, name },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName },
      }),
    addPod: (name: string, claimName: string) =>
      client.create(Pod, {
        metadata: { namespace: NAMESPACE, name },
        spec: {
          containers: [{ name: 'main', image: 'busybox' }],
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
        },
      }),
    whyNot: async (name: string) =>
      (await podNow(name)).status.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? '',
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test('a pod waits until its claim is bound, and goes where the volume is', async () => {
  await using cluster = await open();
  const { addClaim, addPod, addVolume, podNow, whyNot } = cluster;
  await addClaim('data', '');
  await addPod('web', 'data');
  const WHY = '0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.';
  await until(async () => (await whyNot('web')).startsWith(WHY));
  await addVolume('disk', '', 'b');
  await until(async () => {
    await cluster.clock.advance(1_000);
    return (await podNow('web')).spec.nodeName === 'b';
  });
});

test('claims that wait for their pod get volumes of the node that it goes to', async () => {
  await using cluster = await open();
  const { addClass, addClaim, addPod, addVolume, podNow, claimNow } = cluster;
  await addClass('by-hand', 'kubernetes.io/no-provisioner');
  await Promise.all(['d0', 'd1', 'd2'].map((name) => addVolume(name, 'by-hand', 'b')));
  await Promise.all(['c0', 'c1', 'c2'].map((name) => addClaim(name, 'by-hand')));
  await until(async () =>
    (await cluster.client.list(PersistentVolume)).items.every(({ status }) => status.phase === 'Available'),
  );
  for (const name of ['c0', 'c1', 'c2']) assert.equal((await claimNow(name)).status.phase, 'Pending');
  await Promise.all(['0', '1', '2'].map((each) => addPod(`p${each}`, `c${each}`)));
  for (const name of ['p0', 'p1', 'p2']) {
    await until(async () => {
      await cluster.clock.advance(1_000);
      return (await podNow(name)).spec.nodeName === 'b';
    });
  }
  const volumes = await Promise.all(['c0', 'c1', 'c2'].map(async (name) => (await claimNow(name)).spec.volumeName));
  assert.deepEqual(volumes.toSorted(), ['d0', 'd1', 'd2']);
});

test('a pod is bound when the volume that is made for its claim is', async () => {
  await using cluster = await open();
  const { addClass, addClaim, addPod, addVolume, podNow, claimNow } = cluster;
  await addClass('late', 'disks.example.com');
  const { metadata } = await addClaim('data', 'late');
  await addPod('web', 'data');
  const selected = async () => (await claimNow('data')).metadata.annotations?.['volume.kubernetes.io/selected-node'];
  await until(async () => (await selected()) !== undefined);
  const node = (await selected()) ?? '';
  assert.equal((await podNow('web')).spec.nodeName, undefined);
  await addVolume('made', 'late', node, { claimRef: { namespace: NAMESPACE, name: 'data', uid: metadata.uid } });
  await until(async () => (await podNow('web')).spec.nodeName === node);
  assert.equal((await claimNow('data')).spec.volumeName, 'made');
});

test('a pod is tried again when the provisioner gives the claim back', async () => {
  await using cluster = await open();
  const { client, addClass, addClaim, addPod, claimNow, whyNot } = cluster;
  await addClass('late', 'disks.example.com');
  await addClaim('data', 'late');
  await addPod('web', 'data');
  const mark = 'volume.kubernetes.io/selected-node';
  const isSelected = async () => (await claimNow('data')).metadata.annotations?.[mark] !== undefined;
  await until(isSelected);
  const body = { metadata: { annotations: { [mark]: null } } };
  await client.patch(PersistentVolumeClaim, { namespace: NAMESPACE, name: 'data' }, { type: 'merge', body });
  await until(async () => (await whyNot('web')).includes('provisioning failed for PVC "data"'));
  await until(async () => {
    await cluster.clock.advance(1_000);
    return isSelected();
  });
});

test('a claim of the class host-path is a directory of the node that its pod goes to, for as long as it is there', async () => {
  await using cluster = await open();
  const { client, addClass, addClaim, addPod, podNow, claimNow } = cluster;
  const root = await mkdtemp(join(tmpdir(), 't8s-volumes-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(root, { recursive: true, force: true }));
  for (const nodeName of NODES)
    stack.use(startHostPathProvisioner(cluster, { nodeName, volumesDir: join(root, nodeName) }));
  await addClass('host-path', HOST_PATH_PROVISIONER);
  const { uid } = (await addClaim('data', 'host-path')).metadata;
  await addPod('web', 'data');
  await until(async () => {
    await cluster.clock.advance(1_000);
    return Boolean((await podNow('web')).spec.nodeName);
  });
  const nodeName = (await podNow('web')).spec.nodeName ?? '';
  const directory = join(root, nodeName, `pvc-${uid}`);
  assert.equal((await stat(directory)).mode & 0o7777, 0o777);
  assert.deepEqual(await readdir(root), [nodeName]);
  assert.equal((await claimNow('data')).spec.volumeName, `pvc-${uid}`);
  await client.delete(PersistentVolumeClaim, { namespace: NAMESPACE, name: 'data' });
  await until(async () => {
    await cluster.clock.advance(1_000);
    return (await client.list(PersistentVolume)).items.length === 0;
  });
  assert.deepEqual(await readdir(join(root, nodeName)), []);
});
