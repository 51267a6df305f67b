// Keeps as many pods of a template as a replica set asks for. Stale reads are excluded by PendingWrites; what pods are
// deleted first is in pod-deletion-order.ts. Upstream: pkg/controller/replicaset.

import { ReplicaSet } from '../../api/apps/replica-set.ts';
import { Pod } from '../../api/core/pod.ts';

import { isStatusError } from '../../api/status-error.ts';
import { refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { carryOutClaims, planClaims } from '../claim-objects.ts';
import type { Controller, Enqueue, ReconcileContext } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { CONTROLLER_INDEX, controllerIndex, controllerOf, orphansIn, refersTo } from '../owner-reference.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { isNamespaceTerminating, podFromTemplate } from '../pod-from-template.ts';
import { isPodActive } from '../pod-state.ts';
import { matchesSelector } from '../selector-match.ts';
import { slowStart } from '../slow-start.ts';
import { podsToDelete } from './pod-deletion-order.ts';
import {
  isSameReplicaSetStatus,
  nextAvailabilityMs,
  type ReplicaFailure,
  replicaSetStatus,
} from './replicaset-status.ts';

/** How many pods are made or deleted in one reconcile. */
const BURST = 500;

export function replicaSetController(deps: ControllerDeps): Controller {
  const replicaSets = deps.informers.informer(ReplicaSet, { indexes: { [CONTROLLER_INDEX]: controllerIndex } });
  const pods = deps.informers.informer(Pod, { indexes: { [CONTROLLER_INDEX]: controllerIndex } });
  const writes = new PendingWrites(deps);
  const state: State = { ...deps, replicaSets, pods, writes };
  return {
    name: 'replicaset-controller',
    reads: [replicaSets, pods],
    watch: (enqueue) => watchReplicaSets(state, enqueue),
    async reconcile(key, context) {
      const replicaSet = replicaSets.get(key);
      if (!replicaSet) return writes.forget(key); // Its pods are the garbage collector's.
      if (!writes.settled(key)) return UNSETTLED;
      const related = podsOf(state, replicaSet);
      const active = await claimPods(state, replicaSet, related.filter(isPodActive), context);
      const failure =
        replicaSet.metadata.deletionTimestamp === undefined
          ? await scale(state, replicaSet, active, context)
          : undefined;
      const waitMs = await writeStatus(state, replicaSet, related, active, failure, context);
      if (failure) throw failure.error;
      return waitMs === undefined ? undefined : { requeueAfterMs: waitMs };
    },
  };
}

interface State extends ControllerDeps {
  readonly replicaSets: Informer<ReplicaSet>;
  readonly pods: Informer<Pod>;
  readonly writes: PendingWrites;
}

/** Its own pods and the orphans that it might adopt. */
function podsOf({ pods }: State, { metadata }: ReplicaSet): readonly Pod[] {
  return [
    ...pods.byIndex(CONTROLLER_INDEX, metadata.uid),
    ...pods.byIndex(CONTROLLER_INDEX, orphansIn(metadata.namespace)),
  ];
}

function claimPods(
  { client, pods, writes }: State,
  replicaSet: ReplicaSet,
  candidates: readonly Pod[],
  { signal }: ReconcileContext,
): Promise<readonly Pod[]> {
  const { selector } = replicaSet.spec;
  const plan = planClaims(replicaSet, (pod: Pod) => matchesSelector(selector, pod.metadata.labels), candidates);
  const onWrite = (pod: Pod) => writes.wrote(keyOf(replicaSet.metadata), pods, pod);
  return carryOutClaims({ client, ownerKind: ReplicaSet, kind: Pod }, replicaSet, plan, { signal, onWrite });
}

type ScaleFailure = ReplicaFailure & { readonly error: unknown };

async function scale(
  state: State,
  replicaSet: ReplicaSet,
  active: readonly Pod[],
  context: ReconcileContext,
): Promise<ScaleFailure | undefined> {
  const missing = (replicaSet.spec.replicas ?? 1) - active.length;
  if (missing > 0) return createPods(state, replicaSet, Math.min(missing, BURST), context);
  if (missing < 0) return deletePods(state, replicaSet, active, Math.min(-missing, BURST), context);
  return undefined;
}

async function createPods(
  { client, events, pods, writes }: State,
  replicaSet: ReplicaSet,
  count: number,
  { signal }: ReconcileContext,
): Promise<ScaleFailure | undefined> {
  const input = podFromTemplate(replicaSet.spec.template, ReplicaSet, replicaSet);
  const key = keyOf(replicaSet.metadata);
  const { error } = await slowStart(count, async () => {
    try {
      const pod = await client.create(Pod, input, { signal });
      writes.wrote(key, pods, pod);
      events.event(replicaSet, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      if (!isNamespaceTerminating(error)) {
        events.event(replicaSet, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      }
      throw error;
    }
  });
  if (error === undefined || isNamespaceTerminating(error)) return undefined;
  return { reason: 'FailedCreate', message: messageOf(error), error };
}

async function deletePods(
  state: State,
  replicaSet: ReplicaSet,
  active: readonly Pod[],
  count: number,
  { signal }: ReconcileContext,
): Promise<ScaleFailure | undefined> {
  const { client, clock, events, pods, writes } = state;
  const chosen = podsToDelete(active, podsOfSiblings(state, replicaSet), count, clock.now());
  const { error } = await slowStart(chosen.length, async (index) => {
    const pod = chosen[index]!;
    const { name, uid } = pod.metadata;
    try {
      await client.delete(Pod, refOf(pod), { preconditions: { uid }, signal });
      writes.deleted(keyOf(replicaSet.metadata), pods, pod);
      events.event(replicaSet, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return;
      events.event(replicaSet, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
      throw error;
    }
  });
  return error === undefined ? undefined : { reason: 'FailedDelete', message: messageOf(error), error };
}

/** The pods of all replica sets of the same owner, itself included. */
function podsOfSiblings({ pods, replicaSets }: State, replicaSet: ReplicaSet): readonly Pod[] {
  const owner = controllerOf(replicaSet);
  const siblings = owner ? replicaSets.byIndex(CONTROLLER_INDEX, owner.uid) : [replicaSet];
  return siblings.flatMap(({ metadata }) => pods.byIndex(CONTROLLER_INDEX, metadata.uid));
}

/** Answers when to look again for a pod that becomes available by the mere passing of time. */
async function writeStatus(
  { client, clock, replicaSets, writes }: State,
  replicaSet: ReplicaSet,
  related: readonly Pod[],
  active: readonly Pod[],
  failure: ReplicaFailure | undefined,
  { signal }: ReconcileContext,
): Promise<number | undefined> {
  const { uid } = replicaSet.metadata;
  const terminating = related.filter(
    (pod) => pod.metadata.deletionTimestamp !== undefined && controllerOf(pod)?.uid === uid && !isTerminal(pod),
  );
  const reported = failure ? { reason: failure.reason, message: failure.message } : undefined;
  const status = replicaSetStatus(replicaSet, { active, terminating }, reported, clock.now());
  if (!isSameReplicaSetStatus(status, replicaSet.status)) {
    const written = await client.updateStatus(ReplicaSet, { ...replicaSet, status }, { signal });
    writes.wrote(keyOf(replicaSet.metadata), replicaSets, written);
  }
  return nextAvailabilityMs(replicaSet, active, clock.now());
}

function watchReplicaSets({ replicaSets, pods }: State, enqueue: Enqueue): readonly Disposable[] {
  const enqueueOwner = (pod: Pod) => {
    const owner = controllerOf(pod);
    if (owner && refersTo(owner, ReplicaSet)) enqueue(keyOf({ namespace: pod.metadata.namespace, name: owner.name }));
  };
  const enqueueMatching = (pod: Pod) => {
    for (const replicaSet of replicaSets.list(pod.metadata.namespace)) {
      if (matchesSelector(replicaSet.spec.selector, pod.metadata.labels)) enqueue(keyOf(replicaSet.metadata));
    }
  };
  return [
    replicaSets.subscribe((changes) => {
      for (const { object } of changes) enqueue(keyOf(object.metadata));
    }),
    pods.subscribe((changes) => {
      for (const change of changes) {
        const { object } = change;
        if (change.type === 'updated' && controllerOf(change.previous)?.uid !== controllerOf(object)?.uid) {
          enqueueOwner(change.previous);
        }
        if (controllerOf(object)) enqueueOwner(object);
        else if (change.type !== 'deleted') enqueueMatching(object);
      }
    }),
  ];
}

function isTerminal({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
