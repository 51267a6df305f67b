import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatefulSet } from '../../api/apps/stateful-set.ts';
import type { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { hasConflict, mendedOwners } from './stateful-claim.ts';

const set = (whenDeleted: string, whenScaled: string) =>
  ({
    metadata: { name: 'db', uid: 'set' },
    spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } },
  }) as unknown as StatefulSet;

const SET = 'apps/v1 StatefulSet db set';
const POD = 'v1 Pod db-1 pod';
const OTHER = 'v1 Thing x other';

/** `v1 Pod db-1 pod`, with a `-` behind it if it is no controller. */
function claim(...owners: readonly string[]): PersistentVolumeClaim {
  const ownerReferences = owners.map((text) => {
    const [apiVersion, kind, name, uid, isNone] = text.split(' ');
    return { apiVersion, kind, name, uid, ...(isNone ? {} : { controller: true }) };
  });
  return { metadata: { name: 'data-db-1', ownerReferences } } as unknown as PersistentVolumeClaim;
}

test('mendedOwners follow the retention policy', () => {
  const stays = { name: 'db-1', uid: 'pod', isScaledAway: false };
  const goes = { ...stays, isScaledAway: true };
  type Case = readonly [
    what: string,
    policy: [string, string],
    typeof stays,
    had: string[],
    expected: string[] | undefined,
  ];
  const cases: readonly Case[] = [
    ['retained', ['Retain', 'Retain'], stays, [], undefined],
    ['no longer deleted', ['Retain', 'Retain'], goes, [SET, POD, OTHER], [OTHER]],
    ['goes with the set', ['Delete', 'Retain'], goes, [], [SET]],
    ['is settled', ['Delete', 'Retain'], stays, [SET], undefined],
    ['not with the pod any more', ['Delete', 'Retain'], goes, [POD], [SET]],
    ['goes with the pod', ['Retain', 'Delete'], goes, [], [POD]],
    ['which stays', ['Retain', 'Delete'], stays, [POD], []],
    ['with the set as long as the pod stays', ['Delete', 'Delete'], stays, [POD], [SET]],
    ['and then with the pod', ['Delete', 'Delete'], goes, [SET], [POD]],
    ['an owner that does not control', ['Delete', 'Retain'], stays, [`${SET} -`], [SET]],
    ['a former set decides', ['Delete', 'Retain'], stays, ['apps/v1 StatefulSet db former'], undefined],
    ['a former pod decides', ['Delete', 'Delete'], stays, ['v1 Pod db-1 former'], undefined],
    ['somebody else controls it', ['Delete', 'Delete'], stays, [OTHER], undefined],
    ['and keeps it', ['Delete', 'Delete'], stays, [OTHER, SET], [OTHER]],
  ];
  for (const [what, [whenDeleted, whenScaled], member, had, expected] of cases) {
    const owners = mendedOwners(claim(...had), set(whenDeleted, whenScaled), member);
    const texts = owners?.map(({ apiVersion, kind, name, uid }) => [apiVersion, kind, name, uid].join(' '));
    assert.deepEqual(texts, expected, what);
    assert.ok(owners?.every(({ controller }) => controller) ?? true, what);
  }
  assert.equal(hasConflict(claim(OTHER), set('Delete', 'Retain'), stays), true);
  assert.equal(hasConflict(claim(OTHER), set('Retain', 'Retain'), stays), false);
  assert.equal(hasConflict(claim(SET, `${OTHER} -`), set('Delete', 'Retain'), stays), false);
});
