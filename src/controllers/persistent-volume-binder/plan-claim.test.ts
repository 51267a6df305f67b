import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, refTo, storageClass, volume } from '../../../test/support/volume-objects.ts';
import type { StorageClass } from '../../api/storage/storage-class.ts';
import { type ClaimPlan, planClaim } from './plan-claim.ts';

type Claim = Parameters<typeof planClaim>[0];
type Volume = ReturnType<typeof volume>;
interface Around {
  readonly volumes?: readonly Volume[];
  readonly classes?: readonly StorageClass[];
  readonly defaultClass?: StorageClass;
  readonly waitingPods?: readonly string[];
}

/** In words: what is done, and what is said. */
function planned(asked: Claim, { volumes = [], classes = [], defaultClass, waitingPods = [] }: Around): string {
  const plan = planClaim(asked, {
    volumes,
    volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
    storageClass: (name) => classes.find(({ metadata }) => metadata.name === name),
    defaultClass,
    waitingPods,
  });
  return wordsOf(plan);
}

function wordsOf(plan: ClaimPlan): string {
  switch (plan.step) {
    case 'bind':
      return `bind ${plan.volume.metadata.name}`;
    case 'give-class':
      return `class ${plan.name}`;
    case 'await-volume':
      return `await ${plan.provisioner}: ${plan.event.reason}`;
    default:
      return [plan.phase, ...(plan.event ? [plan.event.type, plan.event.reason, plan.event.message] : [])].join('; ');
  }
}

const BOUND = { 'pv.kubernetes.io/bind-completed': 'yes' };
const named = (volumeName: string, annotations = {}) => claim('data', { annotations, spec: { volumeName } });
const of = (storageClassName: string, annotations = {}) => claim('data', { annotations, spec: { storageClassName } });
const late = storageClass('late', { waits: true });

const cases: readonly [title: string, asked: Claim, around: Around, expected: string][] = [
  ['with a volume that suits it', claim('data'), { volumes: [volume('a')] }, 'bind a'],
  [
    'with nothing',
    of(''),
    { defaultClass: storageClass('usual') },
    'Pending; Normal; FailedBinding; no persistent volumes available for this claim and no storage class is set',
  ],
  ['made before there was a default class', claim('data'), { defaultClass: storageClass('usual') }, 'class usual'],
  [
    'of a class that is not there',
    of('fast'),
    {},
    'Pending; Warning; ProvisioningFailed; storageclass.storage.k8s.io "fast" not found',
  ],
  ['of a class', of('fast'), { classes: [storageClass('fast')] }, 'await disks.example.com: ExternalProvisioning'],
  [
    'of a class whose volumes are made by hand',
    of('fast'),
    { classes: [storageClass('fast', { provisioner: 'kubernetes.io/no-provisioner' })] },
    'Pending; Warning; ProvisioningFailed; no volume plugin matched name: kubernetes.io/no-provisioner',
  ],
  [
    'that nobody uses yet',
    of('late'),
    { classes: [late], volumes: [volume('a', { spec: { storageClassName: 'late' } })] },
    'Pending; Normal; WaitForFirstConsumer; waiting for first consumer to be created before binding',
  ],
  [
    'whose pod has no node yet',
    of('late'),
    { classes: [late], waitingPods: ['web-0'] },
    'Pending; Normal; WaitForPodScheduled; waiting for pod web-0 to be scheduled',
  ],
  [
    'whose pods have no node yet',
    of('late'),
    { classes: [late], waitingPods: ['a', 'b'] },
    'Pending; Normal; WaitForPodScheduled; waiting for pods a,b to be scheduled',
  ],
  [
    'for which a node was selected',
    of('late', { 'volume.kubernetes.io/selected-node': 'node-1' }),
    { classes: [late] },
    'await disks.example.com: ExternalProvisioning',
  ],
  [
    'for which the scheduler keeps a volume',
    of('late'),
    { classes: [late], volumes: [volume('a', { spec: { storageClassName: 'late', claimRef: refTo('data') } })] },
    'bind a',
  ],
  ['that names a volume', named('a'), { volumes: [volume('b'), volume('a')] }, 'bind a'],
  [
    'that names a volume of no use',
    named('a'),
    { volumes: [volume('a', { spec: { capacity: { storage: '1' } } })] },
    'Pending; Warning; VolumeMismatch; Cannot bind to requested volume "a": requested PV is too small',
  ],
  ['that names a volume that is to come', named('a'), {}, 'Pending'],
  [
    'that names the volume of another claim',
    named('a'),
    { volumes: [volume('a', { spec: { claimRef: refTo('other') } })] },
    'Pending; Warning; FailedBinding; volume "a" already bound to a different claim.',
  ],
  ['that is bound', named('a', BOUND), { volumes: [volume('a', { spec: { claimRef: refTo('data') } })] }, 'bind a'],
  ['whose volume has forgotten it', named('a', BOUND), { volumes: [volume('a')] }, 'bind a'],
  [
    'that has forgotten its volume',
    claim('data', { annotations: BOUND }),
    {},
    'Lost; Warning; ClaimLost; Bound claim has lost reference to PersistentVolume. Data on the volume is lost!',
  ],
  [
    'whose volume has gone',
    named('a', BOUND),
    {},
    'Lost; Warning; ClaimLost; Bound claim has lost its PersistentVolume. Data on the volume is lost!',
  ],
  [
    'whose volume is bound to another claim',
    named('a', BOUND),
    { volumes: [volume('a', { spec: { claimRef: refTo('other') } })] },
    'Lost; Warning; ClaimMisbound; Two claims are bound to the same volume, this one is bound incorrectly',
  ],
];
for (const [title, asked, around, expected] of cases) {
  test(`planClaim: a claim ${title}`, () => assert.equal(planned(asked, around), expected));
}
