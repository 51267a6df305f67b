// Keeps as many pods of a template as their owner asks for: the one logic of ReplicaSets and ReplicationControllers. Stale
// reads are excluded by PendingWrites; what pods are deleted first is in pod-deletion-order.ts. Upstream:
// pkg/controller/replicaset, which pkg/controller/replication wraps.

import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { Pod } from '../../api/core/pod.ts';
import type { ReplicationController } from '../../api/core/replication-controller.ts';
import type { Labels } from '../../api/label-selector.ts';
import { isStatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/message-of.ts';
import { refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import { carryOutClaims, planClaims } from '../claim-objects.ts';
import type { Controller, ReconcileContext } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { CONTROLLER_INDEX, controllerIndex, controllerOf, isControlledBy, orphansIn } from '../owner-reference.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { isNamespaceTerminating, podFromTemplate } from '../pod-from-template.ts';
import { isPodActive, isPodTerminal, nextAvailabilityMs } from '../pod-state.ts';
import { slowStart } from '../slow-start.ts';
import { watchOwners, watchSelected } from '../watch-owned.ts';
import { podsToDelete } from './pod-deletion-order.ts';
import { isSameReplicaStatus, type ReplicaFailure, type ReplicaOwner, replicaStatus } from './replica-status.ts';

/** How many pods are made or deleted in one reconcile. */
const BURST = 500;

/** What the kinds of owners differ in. */
export interface ReplicaKind {
  readonly kind: typeof ReplicaSet | typeof ReplicationController;
  readonly controllerName: string;
  /** Whether the status counts pods that are being deleted. */
  readonly countsTerminating: boolean;
  /** Whether pods of these labels are the owner's. */
  selects(owner: ReplicaOwner, labels: Labels | undefined): boolean;
}

export function replicaController(deps: ControllerDeps, replicaKind: ReplicaKind): Controller {
  const owners: Informer<ReplicaOwner> = deps.informers.informer(replicaKind.kind);
  owners.addIndex(CONTROLLER_INDEX, controllerIndex);
  const pods = deps.informers.informer(Pod, { indexes: { [CONTROLLER_INDEX]: controllerIndex } });
  const writes = new PendingWrites(deps);
  const state: State = { ...deps, replicaKind, owners, pods, writes };
  return {
    name: replicaKind.controllerName,
    reads: [owners, pods],
    watch: (enqueue) => [watchOwners(owners, enqueue), watchSelected(owners, replicaKind, pods, enqueue)],
    async reconcile(key, context) {
      const owner = owners.get(key);
      if (!owner) return writes.forget(key); // Its pods are the garbage collector's.
      if (!writes.settled(key)) return UNSETTLED;
      const related = podsOf(state, owner);
      const active = await claimPods(state, owner, related.filter(isPodActive), context);
      const failure =
        owner.metadata.deletionTimestamp === undefined ? await scale(state, owner, active, context) : undefined;
      const waitMs = await writeStatus(state, owner, { related, active }, failure, context);
      if (failure) throw failure.error;
      return waitMs === undefined ? undefined : { requeueAfterMs: waitMs };
    },
  };
}

interface State extends ControllerDeps {
  readonly replicaKind: ReplicaKind;
  readonly owners: Informer<ReplicaOwner>;
  readonly pods: Informer<Pod>;
  readonly writes: PendingWrites;
}

/** Its own pods and the orphans that it might adopt. */
function podsOf({ pods }: State, { metadata }: ReplicaOwner): readonly Pod[] {
  return [
    ...pods.byIndex(CONTROLLER_INDEX, metadata.uid),
    ...pods.byIndex(CONTROLLER_INDEX, orphansIn(metadata.namespace)),
  ];
}

function claimPods(
  { client, replicaKind, pods, writes }: State,
  owner: ReplicaOwner,
  candidates: readonly Pod[],
  { signal }: ReconcileContext,
): Promise<readonly Pod[]> {
  const plan = planClaims(owner, (pod: Pod) => replicaKind.selects(owner, pod.metadata.labels), candidates);
  const onWrite = (pod: Pod) => writes.wrote(keyOf(owner.metadata), pods, pod);
  return carryOutClaims({ client, ownerKind: replicaKind.kind, kind: Pod }, owner, plan, { signal, onWrite });
}

type ScaleFailure = ReplicaFailure & { readonly error: unknown };

async function scale(
  state: State,
  owner: ReplicaOwner,
  active: readonly Pod[],
  context: ReconcileContext,
): Promise<ScaleFailure | undefined> {
  const missing = (owner.spec.replicas ?? 1) - active.length;
  if (missing > 0) return createPods(state, owner, Math.min(missing, BURST), context);
  if (missing < 0) return deletePods(state, owner, active, Math.min(-missing, BURST), context);
  return undefined;
}

async function createPods(
  { client, replicaKind, events, pods, writes }: State,
  owner: ReplicaOwner,
  count: number,
  { signal }: ReconcileContext,
): Promise<ScaleFailure | undefined> {
  const { template } = owner.spec;
  if (!template) return undefined; // Validation lets none be without.
  const input = podFromTemplate(template, replicaKind.kind, owner);
  const key = keyOf(owner.metadata);
  const { error } = await slowStart(count, async () => {
    try {
      const pod = await client.create(Pod, input, { signal });
      writes.wrote(key, pods, pod);
      events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      if (!isNamespaceTerminating(error)) {
        events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      }
      throw error;
    }
  });
  if (error === undefined || isNamespaceTerminating(error)) return undefined;
  return { reason: 'FailedCreate', message: messageOf(error), error };
}

async function deletePods(
  state: State,
  owner: ReplicaOwner,
  active: readonly Pod[],
  count: number,
  { signal }: ReconcileContext,
): Promise<ScaleFailure | undefined> {
  const { client, clock, events, pods, writes } = state;
  const chosen = podsToDelete(active, podsOfSiblings(state, owner), count, clock.now());
  const { error } = await slowStart(chosen.length, async (index) => {
    const pod = chosen[index]!;
    const { name, uid } = pod.metadata;
    try {
      await client.delete(Pod, refOf(pod), { preconditions: { uid }, signal });
      writes.deleted(keyOf(owner.metadata), pods, pod);
      events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return;
      events.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
      throw error;
    }
  });
  return error === undefined ? undefined : { reason: 'FailedDelete', message: messageOf(error), error };
}

/** The pods of all replica sets of the same owner, itself included. */
function podsOfSiblings({ pods, owners }: State, owner: ReplicaOwner): readonly Pod[] {
  const above = controllerOf(owner);
  const siblings = above ? owners.byIndex(CONTROLLER_INDEX, above.uid) : [owner];
  return siblings.flatMap(({ metadata }) => pods.byIndex(CONTROLLER_INDEX, metadata.uid));
}

/** Answers when to look again for a pod that becomes available by the mere passing of time. */
async function writeStatus(
  { client, clock, replicaKind, owners, writes }: State,
  owner: ReplicaOwner,
  { related, active }: { readonly related: readonly Pod[]; readonly active: readonly Pod[] },
  failure: ReplicaFailure | undefined,
  { signal }: ReconcileContext,
): Promise<number | undefined> {
  const terminating = related.filter(
    (pod) =>
      pod.metadata.deletionTimestamp !== undefined &&
      !isPodTerminal(pod) &&
      isControlledBy(pod, owner) &&
      replicaKind.selects(owner, pod.metadata.labels),
  );
  const reported = failure ? { reason: failure.reason, message: failure.message } : undefined;
  const counted = { active, terminating: replicaKind.countsTerminating ? terminating.length : undefined };
  const status = replicaStatus(owner, counted, reported, clock.now());
  if (!isSameReplicaStatus(status, owner.status)) {
    const written = await client.updateStatus(replicaKind.kind, { ...owner, status }, { signal });
    writes.wrote(keyOf(owner.metadata), owners, written);
  }
  return nextAvailabilityMs(active, owner.spec.minReadySeconds ?? 0, clock.now());
}
