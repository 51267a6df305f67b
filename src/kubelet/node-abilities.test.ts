import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod, type PodSpecInput } from '../../test/support/kubelet-objects.ts';
import { abilityRefusal, isRecursivelyReadOnly, type NodeAbilities, sandboxRefusal } from './node-abilities.ts';

const NONE: NodeAbilities = {
  appArmor: false,
  supplementalGroupsPolicy: false,
  userNamespaces: false,
  recursiveReadOnlyMounts: false,
};
const ALL: NodeAbilities = {
  appArmor: true,
  supplementalGroupsPolicy: true,
  userNamespaces: true,
  recursiveReadOnlyMounts: true,
};
const DEFAULT = { type: 'RuntimeDefault' } as const;
const UNCONFINED = { type: 'Unconfined' } as const;

describe('abilityRefusal', () => {
  const refused: readonly (readonly [string, Partial<PodSpecInput>, string | undefined])[] = [
    ['nothing', {}, undefined],
    ['AppArmor for the pod', { securityContext: { appArmorProfile: DEFAULT } }, 'AppArmor'],
    [
      'AppArmor for a container',
      { containers: [{ name: 'main', securityContext: { appArmorProfile: DEFAULT } }] },
      'AppArmor',
    ],
    ['no AppArmor', { securityContext: { appArmorProfile: UNCONFINED } }, undefined],
    [
      'AppArmor for none of the containers',
      {
        securityContext: { appArmorProfile: DEFAULT },
        containers: [{ name: 'main', securityContext: { appArmorProfile: UNCONFINED } }],
      },
      undefined,
    ],
    ['merged groups', { securityContext: { supplementalGroupsPolicy: 'Merge' } }, undefined],
    [
      'strict groups',
      { securityContext: { supplementalGroupsPolicy: 'Strict' } },
      'SupplementalGroupsPolicyNotSupported',
    ],
  ];
  for (const [what, spec, reason] of refused) {
    test(`of a pod that asks for ${what}`, () => {
      assert.equal(abilityRefusal(kubeletPod({ spec }), NONE)?.reason, reason);
      assert.equal(abilityRefusal(kubeletPod({ spec }), ALL), undefined);
    });
  }
});

test('sandboxRefusal is for pods with users of their own where the runtime has none', () => {
  const refusalOf = (hostUsers: boolean | undefined, abilities: NodeAbilities) =>
    sandboxRefusal(kubeletPod({ spec: hostUsers === undefined ? {} : { hostUsers } }), abilities);
  assert.match(refusalOf(false, NONE) ?? '', /runtime does not support user namespaces$/);
  assert.deepEqual(
    [refusalOf(false, ALL), refusalOf(true, NONE), refusalOf(undefined, NONE)],
    [undefined, undefined, undefined],
  );
});

test('isRecursivelyReadOnly is as the mount asks for and the runtime can', () => {
  const of = (recursiveReadOnly: string | undefined, abilities: NodeAbilities) =>
    isRecursivelyReadOnly(
      { name: 'v', mountPath: '/v', ...(recursiveReadOnly === undefined ? {} : { recursiveReadOnly }) },
      abilities,
    );
  assert.deepEqual([of(undefined, ALL), of('Disabled', ALL), of('IfPossible', ALL)], [false, false, true]);
  assert.deepEqual([of('Enabled', ALL), of('IfPossible', NONE)], [true, false]);
  assert.throws(() => of('Enabled', NONE), /requested recursive read-only mode/);
});
