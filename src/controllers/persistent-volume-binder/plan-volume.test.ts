import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, refTo, volume } from '../../../test/support/volume-objects.ts';
import { planVolume, unbound } from './plan-volume.ts';

type Volume = Parameters<typeof planVolume>[0];
type Claim = Parameters<typeof planVolume>[1];

const OURS = { 'pv.kubernetes.io/bound-by-controller': 'yes' };
const MADE = { 'pv.kubernetes.io/provisioned-by': 'disks.example.com' };
const bound = (
  policy: 'Retain' | 'Delete' | 'Recycle',
  annotations = {},
  phase: 'Bound' | 'Released' | 'Failed' = 'Bound',
) =>
  volume('a', {
    annotations,
    spec: { claimRef: refTo('data'), persistentVolumeReclaimPolicy: policy },
    status: { phase },
  });
const elsewhere = claim('data', { spec: { volumeName: 'b' } });

const cases: readonly [title: string, of: Volume, claim: Claim, expected: string][] = [
  ['without a claim', volume('a'), undefined, 'Available'],
  ['kept for a claim that is to come', volume('a', { spec: { claimRef: refTo('data', '') } }), undefined, 'Available'],
  ['whose claim is not bound yet', bound('Retain'), claim('data'), 'leave'],
  ['whose claim is bound to it', bound('Retain'), claim('data', { spec: { volumeName: 'a' } }), 'Bound'],
  ['whose claim is bound elsewhere', bound('Retain', OURS), elsewhere, 'unbind'],
  ['made for a claim that is bound elsewhere', bound('Delete', MADE), elsewhere, 'Released'],
  ['whose claim has gone', bound('Retain'), undefined, 'Released'],
  ['whose claim was replaced', volume('a', { spec: { claimRef: refTo('data', 'old') } }), claim('data'), 'Released'],
  ['that is to stay', bound('Retain', {}, 'Released'), undefined, 'leave'],
  ['that its maker takes away', bound('Delete', MADE, 'Released'), undefined, 'leave'],
  [
    'that nobody can take away',
    bound('Delete', {}, 'Released'),
    undefined,
    'Failed VolumeFailedDelete error getting deleter volume plugin for volume "a": no deletable volume plugin matched',
  ],
  [
    'that nobody can wipe',
    bound('Recycle', {}, 'Released'),
    undefined,
    'Failed VolumeFailedRecycle No recycler plugin found for the volume!',
  ],
  ['that has failed', bound('Recycle', {}, 'Failed'), undefined, 'leave'],
];
for (const [title, of, ofClaim, expected] of cases) {
  test(`planVolume: a volume ${title}`, () => {
    const plan = planVolume(of, ofClaim);
    const words = plan.step === 'set-phase' ? [plan.phase, plan.failure?.reason, plan.failure?.message] : [plan.step];
    assert.equal(words.filter((word) => word !== undefined).join(' '), expected);
  });
}

test('unbound: a volume that a user has kept for a claim stays kept for its name, another one is free', () => {
  const ours = unbound(bound('Retain', OURS));
  assert.deepEqual([ours.spec.claimRef, ours.metadata.annotations], [undefined, {}]);
  assert.deepEqual(unbound(bound('Retain')).spec.claimRef, { namespace: 'default', name: 'data' });
});
