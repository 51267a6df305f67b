import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cycle, type CycleShape } from '../../../test/support/scheduling-cycle.ts';
import type { PodShape } from '../../../test/support/scheduling-objects.ts';
import { claim, refTo, storageClass, volume } from '../../../test/support/volume-objects.ts';

interface Case extends CycleShape {
  readonly name: string;
  readonly pod?: PodShape;
  /** The node, or the whole message. */
  readonly expected: string;
}

const nodes = [{ name: 'a' }, { name: 'b' }];
const using = (...claimNames: readonly string[]): PodShape => ({
  spec: { volumes: claimNames.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })) },
});
const reachedFrom = (node: string) => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [node] }] }],
    },
  },
});
const bound = (name: string, volumeName: string) =>
  claim(name, {
    annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
    spec: { volumeName },
    status: { phase: 'Bound' },
  });
const late = storageClass('late', { waits: true });
const byHand = storageClass('by-hand', { waits: true, provisioner: 'kubernetes.io/no-provisioner' });
const waiting = (name: string, storageClassName = 'late', annotations = {}) =>
  claim(name, { annotations, spec: { storageClassName } });
const free = (name: string, node: string, spec = {}) =>
  volume(name, { spec: { storageClassName: 'by-hand', ...reachedFrom(node), ...spec } });

const none = (why: string) => `0/2 nodes are available: ${why}.`;

const cases: readonly Case[] = [
  { name: 'a claim that is not there', nodes, expected: none('persistentvolumeclaim "data" not found') },
  {
    name: 'a claim that is going',
    nodes,
    objects: [claim('data', { deletionTimestamp: '2026-01-01T00:00:00Z' })],
    expected: none('persistentvolumeclaim "data" is being deleted'),
  },
  {
    name: 'a claim that has lost its volume',
    nodes,
    objects: [claim('data', { spec: { volumeName: 'pv' }, status: { phase: 'Lost' } })],
    expected: none('persistentvolumeclaim "data" bound to non-existent persistentvolume "pv"'),
  },
  {
    name: 'a claim without a volume',
    nodes,
    objects: [claim('data')],
    expected: none('pod has unbound immediate PersistentVolumeClaims'),
  },
  {
    name: 'a claim of an ephemeral volume that is to come',
    nodes,
    pod: { spec: { volumes: [{ name: 'v', ephemeral: {} }] } as unknown as NonNullable<PodShape['spec']> },
    expected: none('waiting for ephemeral volume controller to create the persistentvolumeclaim "pod-v"'),
  },
  {
    name: 'a volume that one node reaches',
    nodes,
    objects: [bound('data', 'pv'), volume('pv', { spec: { claimRef: refTo('data'), ...reachedFrom('b') } })],
    expected: 'b',
  },
  {
    name: 'volumes that no node reaches both of',
    nodes,
    pod: using('data', 'more'),
    objects: [
      ...[bound('data', 'pv'), volume('pv', { spec: { claimRef: refTo('data'), ...reachedFrom('b') } })],
      ...[bound('more', 'pw'), volume('pw', { spec: { claimRef: refTo('more'), ...reachedFrom('a') } })],
    ],
    expected: none("2 node(s) didn't match PersistentVolume's node affinity"),
  },
  {
    name: 'a volume that has gone',
    nodes,
    objects: [bound('data', 'pv')],
    expected: none('2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'),
  },
  {
    name: 'a claim that waits for the pod, with a volume on one node',
    nodes,
    objects: [byHand, waiting('data', 'by-hand'), free('pv', 'b')],
    expected: 'b',
  },
  {
    name: 'claims that wait for the pod, with volumes for both on one node',
    nodes,
    pod: using('data', 'more'),
    objects: [
      byHand,
      ...[waiting('data', 'by-hand'), waiting('more', 'by-hand')],
      ...[free('pv', 'b'), free('pw', 'a'), free('px', 'a')],
    ],
    expected: 'a',
  },
  {
    name: 'a claim that waits for the pod, without a volume',
    nodes,
    objects: [byHand, waiting('data', 'by-hand')],
    expected: none("2 node(s) didn't find available persistent volumes to bind"),
  },
  {
    name: 'a claim that a volume is made for',
    nodes: [{ name: 'a' }],
    objects: [late, waiting('data')],
    expected: 'a',
  },
  {
    name: 'a claim for which a node was selected',
    nodes,
    objects: [late, waiting('data', 'late', { 'volume.kubernetes.io/selected-node': 'b' })],
    expected: 'b',
  },
  {
    name: 'a class that is for some nodes',
    nodes: [{ name: 'a' }, { name: 'b', labels: { zone: 'east' } }],
    objects: [
      { ...late, allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['east'] }] }] } as typeof late,
      waiting('data'),
    ],
    expected: 'b',
  },
];
for (const { name, pod = using('data'), expected, ...shape } of cases) {
  test(`VolumeBinding: ${name}`, () => assert.equal(new Cycle(shape).outcome(pod), expected));
}
