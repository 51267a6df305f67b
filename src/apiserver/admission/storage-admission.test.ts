import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import type { AnyDraft, AnyObject, InputOf, Kind } from '../../api/kind.ts';
import { Ingress } from '../../api/networking/ingress.ts';
import { IngressClass } from '../../api/networking/ingress-class.ts';
import { readInput } from '../../api/read-input.ts';
import { StorageClass } from '../../api/storage/storage-class.ts';
import { MapObjectReader } from '../registry/map-object-reader.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { defaultIngressClass } from './default-ingress-class.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';

const user = { name: 'jane', uid: undefined, groups: [], extra: {} };

async function admit<K extends Kind>(
  plugin: AdmissionPlugin,
  kind: K,
  input: InputOf<K>,
  more: Partial<AdmissionRequest> = {},
) {
  const object = readInput(kind, input) as unknown as AnyDraft;
  const request: AdmissionRequest = {
    operation: 'CREATE',
    kind,
    subresource: '',
    namespace: 'a',
    name: 'data',
    object,
    oldObject: undefined,
    user,
    dryRun: false,
    warn() {},
    ...more,
  };
  await plugin.mutate?.(request);
  await plugin.validate?.(request);
  return object as unknown as { spec: Record<string, unknown> } & AnyDraft;
}

const claimOf = (spec: object = {}, more: object = {}): InputOf<typeof PersistentVolumeClaim> => ({
  metadata: { name: 'data', namespace: 'a' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  ...more,
});

describe('defaultStorageClass', () => {
  const setUp = () => {
    const objects = new MapObjectReader();
    const add = (name: string, creationTimestamp: string, annotations: object = {}) =>
      objects.put(StorageClass, { metadata: { name, creationTimestamp, annotations }, provisioner: 'p' });
    add('plain', '2026-01-04T00:00:00Z');
    add('old', '2026-01-01T00:00:00Z', { 'storageclass.kubernetes.io/is-default-class': 'true' });
    add('b-new', '2026-01-02T00:00:00Z', { 'storageclass.kubernetes.io/is-default-class': 'true' });
    add('a-new', '2026-01-02T00:00:00Z', { 'storageclass.beta.kubernetes.io/is-default-class': 'true' });
    add('no', '2026-01-03T00:00:00Z', { 'storageclass.kubernetes.io/is-default-class': 'false' });
    return defaultStorageClass({ objects });
  };
  const classOf = async (claim: InputOf<typeof PersistentVolumeClaim>, plugin = setUp()) =>
    (await admit(plugin, PersistentVolumeClaim, claim)).spec['storageClassName'];

  test('gives the newest default to a claim that names none', async () =>
    assert.equal(await classOf(claimOf()), 'a-new'));
  test('leaves one that names one', async () => assert.equal(await classOf(claimOf({ storageClassName: 'x' })), 'x'));
  test('leaves one that wants none', async () => assert.equal(await classOf(claimOf({ storageClassName: '' })), ''));
  test('leaves one that names it the older way', async () => {
    const annotations = { 'volume.beta.kubernetes.io/storage-class': 'x' };
    assert.equal(await classOf(claimOf({}, { metadata: { name: 'data', annotations } })), undefined);
  });
  test('gives nothing where there is no default', async () => {
    const none = defaultStorageClass({ objects: new MapObjectReader() });
    assert.equal(await classOf(claimOf(), none), undefined);
  });
});

describe('defaultIngressClass', () => {
  const objects = new MapObjectReader();
  const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
  objects.put(IngressClass, { metadata: { name: 'web', annotations }, spec: { controller: 'example.com/web' } });
  const classOf = async (ingress: InputOf<typeof Ingress>) =>
    (await admit(defaultIngressClass({ objects }), Ingress, ingress)).spec['ingressClassName'];
  const metadata = { name: 'data' };

  test('gives the default', async () => assert.equal(await classOf({ metadata, spec: {} }), 'web'));
  test('leaves a class that is named', async () =>
    assert.equal(await classOf({ metadata, spec: { ingressClassName: 'x' } }), 'x'));
  test('leaves one that is named the older way', async () => {
    const older = { ...metadata, annotations: { 'kubernetes.io/ingress.class': 'x' } };
    assert.equal(await classOf({ metadata: older, spec: {} }), undefined);
  });
});

describe('storageObjectInUseProtection', () => {
  const plugin = storageObjectInUseProtection();
  test('gives claims and volumes their finalizer, once', async () => {
    const { metadata } = await admit(
      plugin,
      PersistentVolumeClaim,
      claimOf({}, { metadata: { name: 'a', finalizers: ['x'] } }),
    );
    assert.deepEqual(metadata.finalizers, ['x', 'kubernetes.io/pvc-protection']);
    const volume = { metadata: { name: 'disk', finalizers: ['kubernetes.io/pv-protection'] }, spec: {} };
    assert.deepEqual((await admit(plugin, PersistentVolume, volume)).metadata.finalizers, [
      'kubernetes.io/pv-protection',
    ]);
  });
  test('leaves updates alone', async () => {
    const { metadata } = await admit(plugin, PersistentVolumeClaim, claimOf(), { operation: 'UPDATE' });
    assert.equal(metadata.finalizers, undefined);
  });
});

describe('persistentVolumeClaimResize', () => {
  const objects = new MapObjectReader();
  objects.put(StorageClass, { metadata: { name: 'grows' }, provisioner: 'p', allowVolumeExpansion: true });
  objects.put(StorageClass, { metadata: { name: 'stays' }, provisioner: 'p' });
  const grow = (storageClassName: string, phase: 'Bound' | 'Pending', storage = '2Gi') => {
    const previous = readInput(PersistentVolumeClaim, claimOf({ storageClassName }, { status: { phase } }));
    const claim = claimOf({ storageClassName, resources: { requests: { storage } } });
    const oldObject = previous as unknown as AnyObject;
    return admit(persistentVolumeClaimResize({ objects }), PersistentVolumeClaim, claim, {
      operation: 'UPDATE',
      oldObject,
    });
  };
  const REFUSED =
    'persistentvolumeclaims "data" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';

  test('allows a bound claim of a class that lets it', async () => void (await grow('grows', 'Bound')));
  test('allows what does not grow', async () => void (await grow('stays', 'Pending', '1024Mi')));
  test('refuses a class that does not let it', () => assert.rejects(grow('stays', 'Bound'), { message: REFUSED }));
  test('refuses a claim without a class', () => assert.rejects(grow('', 'Bound'), { message: REFUSED }));
  test('refuses a claim that is not bound', () =>
    assert.rejects(grow('grows', 'Pending'), {
      message: 'persistentvolumeclaims "data" is forbidden: Only bound persistent volume claims can be expanded',
    }));
});
