import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateFaultsOf } from '../../../test/support/faults.ts';
import { PersistentVolume } from './persistent-volume.ts';

type Spec = NonNullable<Parameters<typeof updateFaultsOf<typeof PersistentVolume>>[1]['spec']>;

const csi = { driver: 'd', volumeHandle: 'v' };
const secret = { name: 'a', namespace: 'b' };
const near = (...keys: string[]) => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [{ matchExpressions: keys.map((key) => ({ key, operator: 'In', values: ['a'] }) as const) }],
    },
  },
});
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const ZONE = 'topology.kubernetes.io/zone';
const selectorOf = (...keys: string[]) => JSON.stringify(near(...keys).nodeAffinity);
const MOVED = 'field is immutable, except for updating from beta label to GA';

const cases: readonly [title: string, before: Spec, after: Spec, expected: readonly string[]][] = [
  [
    'what may change',
    { csi, storageClassName: 'a' },
    {
      csi: { ...csi, controllerExpandSecretRef: secret },
      ...near('a'),
      storageClassName: 'b',
      capacity: { storage: '2Gi' },
      accessModes: ['ReadOnlyMany'],
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { name: 'c', namespace: 'd' },
      volumeAttributesClassName: 'gold',
      mountOptions: ['ro'],
    },
    [],
  ],
  [
    'another source',
    { csi },
    { csi: { ...csi, volumeHandle: 'w' } },
    [
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\nspec.csi.volumeHandle: "v" -> "w"',
    ],
  ],
  [
    'another sort of source',
    { csi },
    { hostPath: { path: '/a' } },
    [
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\nspec.csi: {"driver":"d","volumeHandle":"v"} -> null\nspec.hostPath: null -> {"path":"/a","type":""}',
    ],
  ],
  [
    'another secret for growing',
    { csi: { ...csi, controllerExpandSecretRef: secret } },
    { csi: { ...csi, controllerExpandSecretRef: { ...secret, name: 'c' } } },
    [
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\nspec.csi.controllerExpandSecretRef.name: "a" -> "c"',
    ],
  ],
  ['another mode', { csi }, { csi, volumeMode: 'Block' }, ['volumeMode: Invalid value: "Block": field is immutable']],
  [
    'other nodes',
    { csi, ...near('a') },
    { csi, ...near('b') },
    [`nodeAffinity: Invalid value: ${selectorOf('b')}: ${MOVED}`],
  ],
  [
    'further nodes',
    { csi, ...near('a') },
    { csi, ...near('a', 'b') },
    [`nodeAffinity: Invalid value: ${selectorOf('a', 'b')}: ${MOVED}`],
  ],
  ['no nodes any more', { csi, ...near('a') }, { csi }, [`nodeAffinity: Invalid value: null: ${MOVED}`]],
  ['the newer name of a label', { csi, ...near('a', BETA_ZONE) }, { csi, ...near('a', ZONE) }, []],
  [
    'the older name of a label',
    { csi, ...near(ZONE) },
    { csi, ...near(BETA_ZONE) },
    [`nodeAffinity: Invalid value: ${selectorOf(BETA_ZONE)}: ${MOVED}`],
  ],
  ['another class of attributes', { csi, volumeAttributesClassName: 'a' }, { csi, volumeAttributesClassName: 'b' }, []],
  [
    'no class of attributes any more',
    { csi, volumeAttributesClassName: 'a' },
    { csi },
    ['spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden'],
  ],
];

for (const [title, before, after, expected] of cases) {
  test(`PersistentVolume.validateUpdate to ${title}`, () => {
    assert.deepEqual(updateFaultsOf(PersistentVolume, { spec: after }, { spec: before }), expected);
  });
}
