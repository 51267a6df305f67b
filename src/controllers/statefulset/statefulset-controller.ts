// Keeps a stateful set's pods, each with a name, a network identity and claims of its own that outlive it. What comes next
// is decided in plan-pods.ts and carried out in pod-steps.ts; stale reads are excluded by PendingWrites. Upstream:
// pkg/controller/statefulset.

import { ControllerRevision } from '../../api/apps/controller-revision.ts';
import { StatefulSet, type StatefulSetStatus } from '../../api/apps/stateful-set.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import type { Informer } from '../../client/informer.ts';
import type { Change } from '../../client/object-cache.ts';
import { keyOf } from '../../client/object-key.ts';
import { claimOwned } from '../claim-objects.ts';
import type { Controller, Enqueue } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { deleteRevisions, type History, type HistoryDeps, keepHistory } from '../history/keep-history.ts';
import { surplusRevisions, templateOf } from '../history/plan-history.ts';
import { CONTROLLER_INDEX, controllerIndex } from '../owner-reference.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { nextAvailabilityMs } from '../pod-state.ts';
import { isSameStatus } from '../same-status.ts';
import { matchesSelector } from '../selector-match.ts';
import { watchOwned, watchOwners } from '../watch-owned.ts';
import { planPods } from './plan-pods.ts';
import { carryOutSteps, type StepDeps } from './pod-steps.ts';
import { isClaimName } from './stateful-claim.ts';
import { ordinalOf, parsePodName, revisionOf } from './stateful-pod.ts';
import { statefulSetStatus } from './statefulset-status.ts';

const HASH_LABEL = 'controller.kubernetes.io/hash';
const DEFAULT_HISTORY_LIMIT = 10;

interface State extends StepDeps, HistoryDeps {
  readonly sets: Informer<StatefulSet>;
}

export function statefulSetController(deps: ControllerDeps): Controller {
  const indexes = { [CONTROLLER_INDEX]: controllerIndex };
  const sets = deps.informers.informer(StatefulSet);
  const pods = deps.informers.informer(Pod, { indexes });
  const revisions = deps.informers.informer(ControllerRevision, { indexes });
  const claims = deps.informers.informer(PersistentVolumeClaim);
  const writes = new PendingWrites(deps);
  const state = { ...deps, sets, pods, revisions, claims, writes, ownerKind: StatefulSet, hashLabel: HASH_LABEL };
  return {
    name: 'statefulset-controller',
    reads: [sets, pods, revisions, claims],
    watch: (enqueue) => watchSets(state, enqueue),
    async reconcile(key, { signal }) {
      const set = sets.get(key);
      if (!set) return writes.forget(key); // Its pods and revisions are the garbage collector's.
      if (!writes.settled(key)) return UNSETTLED;
      const members = await claimPods(state, set, signal);
      if (set.metadata.deletionTimestamp === undefined) await keepSet(state, set, members, signal);
      else await writeStatus(state, set, statusOfDeleted(state, set, members), signal);
      const waitMs = nextAvailabilityMs(members, set.spec.minReadySeconds ?? 0, deps.clock.now());
      return waitMs === undefined ? undefined : { requeueAfterMs: waitMs };
    },
  };
}

async function keepSet(state: State, set: StatefulSet, pods: readonly Pod[], signal: AbortSignal): Promise<void> {
  const { claims, clock } = state;
  const { namespace } = set.metadata;
  const history = await keepHistory(state, set, signal);
  if (!history) return;
  const update = history.current;
  const current = revisionNamed(history, set.status.currentRevision) ?? update;
  const updateRevision = update.metadata.name;
  const groups = planPods({
    set,
    pods,
    updateRevision,
    claimOf: (name) => claims.get({ namespace, name }),
    nowMs: clock.now(),
  });
  const run = {
    set,
    signal,
    current: { revision: current.metadata.name, template: templateOf(current) },
    update: { revision: updateRevision, template: set.spec.template },
  };
  const { deleted, error } = await carryOutSteps(state, run, groups);
  const leaving = new Set([...deleted, ...pods.filter(isLeaving)]);
  const { collisionCount } = history;
  const facts = { set, pods, leaving, currentRevision: current.metadata.name, updateRevision, collisionCount };
  await writeStatus(state, set, statefulSetStatus(facts, clock.now()), signal);
  if (error !== undefined) throw error;
  await truncate(state, set, { history, current, pods }, signal);
}

/** Names of members are fixed: another pod that the selector matches is none. */
function claimPods(state: State, set: StatefulSet, signal: AbortSignal): Promise<readonly Pod[]> {
  const { client, pods, writes } = state;
  const matches = (pod: Pod) =>
    ordinalOf(set, pod) !== undefined && matchesSelector(set.spec.selector, pod.metadata.labels);
  return claimOwned({ client, writes, ownerKind: StatefulSet, kind: Pod, informer: pods }, set, matches, signal);
}

/** Its history may be gone already, and nothing is made any more: only the pods that are left are counted. */
function statusOfDeleted({ clock }: State, set: StatefulSet, pods: readonly Pod[]): StatefulSetStatus {
  const { currentRevision = '', updateRevision = '', collisionCount = 0 } = set.status;
  const leaving = new Set(pods.filter(isLeaving));
  return statefulSetStatus({ set, pods, leaving, currentRevision, updateRevision, collisionCount }, clock.now());
}

async function writeStatus(
  { client, sets, writes }: State,
  set: StatefulSet,
  status: StatefulSetStatus,
  signal: AbortSignal,
): Promise<void> {
  if (isSameStatus(status, set.status)) return;
  const written = await client.updateStatus(StatefulSet, { ...set, status }, { signal });
  writes.wrote(keyOf(set.metadata), sets, written);
}

async function truncate(
  state: State,
  set: StatefulSet,
  { history, current, pods }: { history: History; current: ControllerRevision; pods: readonly Pod[] },
  signal: AbortSignal,
): Promise<void> {
  const live = new Set([current.metadata.name, ...pods.map(revisionOf)]);
  const unused = [...history.old, ...history.duplicates].filter(({ metadata }) => !live.has(metadata.name));
  const surplus = surplusRevisions(unused, set.spec.revisionHistoryLimit ?? DEFAULT_HISTORY_LIMIT);
  await deleteRevisions(state, set, surplus, signal);
}

function revisionNamed(history: History, name: string | undefined): ControllerRevision | undefined {
  return [history.current, ...history.duplicates, ...history.old].find(({ metadata }) => metadata.name === name);
}

function isLeaving({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function watchSets({ sets, pods, revisions, claims }: State, enqueue: Enqueue): readonly Disposable[] {
  return [
    watchOwners(sets, enqueue),
    watchOwned(sets, StatefulSet, pods, enqueue),
    watchOwned(sets, StatefulSet, revisions, enqueue),
    // A pod that has the name of a member keeps the member from being made until it has gone.
    pods.subscribe((changes) => {
      for (const { type, object } of changes) {
        const setName = type === 'deleted' ? parsePodName(object.metadata.name)?.setName : undefined;
        const key = setName && keyOf({ namespace: object.metadata.namespace, name: setName });
        if (key && sets.get(key)) enqueue(key);
      }
    }),
    claims.subscribe((changes) => {
      for (const change of changes.filter(matters)) {
        const { namespace, name } = change.object.metadata;
        for (const set of sets.list(namespace)) if (isClaimName(set, name)) enqueue(keyOf(set.metadata));
      }
    }),
  ];
}

/** Whether the change is about who owns the claim or whether it is there, not about how it is bound. */
function matters(change: Change<PersistentVolumeClaim>): boolean {
  if (change.type !== 'updated') return true;
  const { metadata } = change.object;
  const before = change.previous.metadata;
  return (
    metadata.deletionTimestamp !== before.deletionTimestamp ||
    !deepEqual(metadata.ownerReferences, before.ownerReferences)
  );
}
