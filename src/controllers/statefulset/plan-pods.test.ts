import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatefulSet } from '../../api/apps/stateful-set.ts';
import type { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import type { Pod } from '../../api/core/pod.ts';
import { formatTime } from '../../api/time.ts';
import { planPods } from './plan-pods.ts';

const NOW = Date.UTC(2026, 0, 2);

function statefulSet(replicas: number, spec: object = {}): StatefulSet {
  return {
    metadata: { name: 'db', namespace: 'default', uid: 'db' },
    spec: { replicas, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }, ...spec },
    status: { currentReplicas: 0 },
  } as unknown as StatefulSet;
}

/** `2 old going` is db-2 of the old revision that is being deleted; pods run and are ready unless they are told not to. */
function pod(text: string): Pod {
  const [ordinal, ...traits] = text.split(' ');
  const is = (trait: string) => traits.includes(trait);
  const phase = ['Pending', 'Failed', 'Succeeded'].find(is) ?? 'Running';
  const ready = phase === 'Running' && !is('unready') ? 'True' : 'False';
  const name = `db-${ordinal}`;
  return {
    metadata: {
      name,
      uid: name,
      labels: {
        'controller-revision-hash': is('old') ? 'old' : 'new',
        ...(is('foreign') ? {} : { 'statefulset.kubernetes.io/pod-name': name }),
      },
      ...(is('going') ? { deletionTimestamp: formatTime(NOW) } : {}),
    },
    spec: {},
    status: { phase, conditions: [{ type: 'Ready', status: ready, lastTransitionTime: formatTime(NOW - 10_000) }] },
  } as unknown as Pod;
}

function plan(set: StatefulSet, pods: readonly string[], claims: readonly PersistentVolumeClaim[] = []): string {
  const groups = planPods({
    set,
    pods: pods.map(pod),
    updateRevision: 'new',
    claimOf: (name) => claims.find(({ metadata }) => metadata.name === name),
    nowMs: NOW,
  });
  const texts = groups.map((steps) =>
    steps.map((step) => {
      if (step.type === 'create') return `create ${step.ordinal} ${step.revision}`;
      return `${step.type} ${step.pod.metadata.name.slice(3)}`;
    }),
  );
  return texts.flat().join(', ');
}

test('planPods: an ordered set goes one pod at a time and stops at what is unhealthy', () => {
  const partition = (value: number) => ({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: value } },
  });
  const onDelete = { updateStrategy: { type: 'OnDelete' } };
  const cases: readonly (readonly [what: string, StatefulSet, pods: string[], expected: string])[] = [
    ['the first pod', statefulSet(3), [], 'create 0 update'],
    ['the next, when those before are ready', statefulSet(3), ['0', '1'], 'create 2 update'],
    ['not when one is not ready', statefulSet(3), ['0 unready'], ''],
    ['nor while one goes', statefulSet(3), ['0 going', '1'], ''],
    ['nor before it is available', statefulSet(3, { minReadySeconds: 11 }), ['0'], ''],
    ['a gap is filled first', statefulSet(3), ['0', '2'], 'create 1 update'],
    ['a failed pod goes', statefulSet(2), ['0', '1 Failed'], 'delete 1'],
    ['and one that succeeded', statefulSet(2), ['0 Succeeded', '1'], 'delete 0'],
    ['once', statefulSet(2), ['0 Failed going', '1'], ''],
    ['shrinking, the highest first', statefulSet(1), ['0', '1', '2'], 'delete 2'],
    ['waits for it', statefulSet(1), ['0', '1', '2 going'], ''],
    ['and for replicas that are unhealthy', statefulSet(1), ['0 unready', '1'], ''],
    ['and for lower ones that are unhealthy', statefulSet(1), ['0', '1 unready', '2 unready'], ''],
    ['but the lowest of them may go', statefulSet(1), ['0', '1', '2 unready'], 'delete 2'],
    ['a start ordinal moves the range', statefulSet(2, { ordinals: { start: 1 } }), ['0', '1'], 'create 2 update'],
    ['and what is below it goes', statefulSet(1, { ordinals: { start: 1 } }), ['0', '1'], 'delete 0'],
    ['a name that is none is left alone', statefulSet(1), ['0', '01', 'x'], ''],
    ['an update, the highest first', statefulSet(2), ['0 old', '1 old'], 'delete 1'],
    ['waits for it', statefulSet(2), ['0 old', '1 going'], ''],
    ['down to the partition', statefulSet(3, partition(1)), ['0 old', '1 old', '2'], 'delete 1'],
    ['and no further', statefulSet(3, partition(1)), ['0 old', '1', '2'], ''],
    ['below the partition pods come back as they were', statefulSet(3, partition(1)), ['1', '2'], 'create 0 current'],
    ['shrinking comes before an update', statefulSet(1), ['0 old', '1 old'], 'delete 1'],
    ['OnDelete waits for others', statefulSet(1, onDelete), ['0 old'], ''],
    ['and makes new ones of the update', statefulSet(2, onDelete), ['0 old'], 'create 1 update'],
    ['an adopted pod is mended', statefulSet(1), ['0 foreign'], 'mend 0'],
    ['but not before it is healthy', statefulSet(1), ['0 foreign unready'], ''],
  ];
  for (const [what, set, pods, expected] of cases) assert.equal(plan(set, pods), expected, what);
});

test('planPods: a parallel set does not wait', () => {
  const parallel = (replicas: number, maxUnavailable: number | string = 1) =>
    statefulSet(replicas, {
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } },
    });
  const cases: readonly (readonly [what: string, StatefulSet, pods: string[], expected: string])[] = [
    ['all at once', parallel(3), [], 'create 0 update, create 1 update, create 2 update'],
    ['whatever is unhealthy', parallel(2), ['0 unready'], 'create 1 update'],
    ['shrinks at once', parallel(0), ['0', '1 unready', '2 going'], 'delete 1, delete 0'],
    ['an update takes one', parallel(3), ['0 old', '1 old', '2 old'], 'delete 2'],
    ['or as many as may be unavailable', parallel(3, 2), ['0 old', '1 old', '2 old'], 'delete 2, delete 1'],
    ['those that are so already count', parallel(3, 2), ['0 old unready', '1 old', '2 old'], 'delete 2'],
    ['and those that are missing', parallel(3, 2), ['0 old', '1 old'], 'create 2 update, delete 1'],
    ['a percentage rounds down', parallel(4, '70%'), ['0 old', '1 old', '2 old', '3 old'], 'delete 3, delete 2'],
    ['but not to none', parallel(2, '10%'), ['0 old', '1 old'], 'delete 1'],
    ['a failed pod is deleted once', parallel(2, 2), ['0', '1 old Failed'], 'delete 1'],
  ];
  for (const [what, set, pods, expected] of cases) assert.equal(plan(set, pods), expected, what);
});

test('planPods: claims are provided, entrusted, and waited for', () => {
  const set = (replicas: number, whenDeleted: string, whenScaled: string) =>
    statefulSet(replicas, {
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
      persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
    });
  const owner = (kind: string, name: string, uid = name) => {
    return { apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1', kind, name, uid, controller: true };
  };
  const claim = (ordinal: number, ...ownerReferences: readonly object[]) =>
    ({ metadata: { name: `data-db-${ordinal}`, ownerReferences } }) as unknown as PersistentVolumeClaim;
  const pods = ['0 Pending'];
  const retain = set(1, 'Retain', 'Retain');
  assert.equal(plan(retain, pods), 'provide 0', 'a pending pod that lacks its claim');
  assert.equal(plan(retain, pods, [claim(0)]), '');
  assert.equal(plan(set(1, 'Delete', 'Retain'), pods, [claim(0)]), 'provide 0', 'or whose claim lacks its owner');
  assert.equal(plan(set(1, 'Delete', 'Retain'), pods, [claim(0, owner('StatefulSet', 'db'))]), '');
  const scaled = set(0, 'Retain', 'Delete');
  assert.equal(plan(scaled, ['0'], [claim(0)]), 'entrust 0, delete 0', 'a claim goes with its pod');
  assert.equal(plan(scaled, ['0'], [claim(0, owner('Pod', 'db-0'))]), 'delete 0');
  const grown = set(1, 'Retain', 'Delete');
  assert.equal(
    plan(grown, [], [claim(0, owner('Pod', 'db-0', 'former'))]),
    '',
    'the claim of a former pod must go first',
  );
  assert.equal(plan(grown, [], [claim(0)]), 'create 0 update');
});
