// Keeps one pod of a daemon set on every node that it is for. What is missing and what is too many is decided in
// plan-daemons.ts, how a new template is rolled out in plan-update.ts; stale reads are excluded by PendingWrites. Upstream:
// pkg/controller/daemon.

import { ControllerRevision } from '../../api/apps/controller-revision.ts';
import { DaemonSet } from '../../api/apps/daemon-set.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { messageOf } from '../../base/message-of.ts';
import { refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import type { Change } from '../../client/object-cache.ts';
import { keyOf } from '../../client/object-key.ts';
import { claimOwned } from '../claim-objects.ts';
import type { Controller, Enqueue } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { deleteRevisions, type History, type HistoryDeps, keepHistory } from '../history/keep-history.ts';
import { POD_REVISION, surplusRevisions } from '../history/plan-history.ts';
import { CONTROLLER_INDEX, controllerIndex } from '../owner-reference.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { isNamespaceTerminating } from '../pod-from-template.ts';
import { nextAvailabilityMs } from '../pod-state.ts';
import { isSameStatus } from '../same-status.ts';
import { matchesSelector, selectsEverything } from '../selector-match.ts';
import { slowStart } from '../slow-start.ts';
import { watchOwned, watchOwners } from '../watch-owned.ts';
import { type DaemonFacts, type DaemonPlan, daemonFacts } from './daemon-facts.ts';
import { hashOf, newDaemonPod } from './daemon-pod.ts';
import { daemonSetStatus } from './daemonset-status.ts';
import { FailedPodBackoff } from './failed-pod-backoff.ts';
import { nodeFitOf } from './node-fit.ts';
import { planUpkeep, type UpkeepPlan } from './plan-daemons.ts';
import { planUpdate } from './plan-update.ts';

/** How many pods are made or deleted in one reconcile. */
const BURST = 250;
const DEFAULT_HISTORY_LIMIT = 10;

interface State extends ControllerDeps, HistoryDeps {
  readonly daemonSets: Informer<DaemonSet>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly failures: FailedPodBackoff;
}

export function daemonSetController(deps: ControllerDeps): Controller {
  const indexes = { [CONTROLLER_INDEX]: controllerIndex };
  const daemonSets = deps.informers.informer(DaemonSet);
  const pods = deps.informers.informer(Pod, { indexes });
  const nodes = deps.informers.informer(Node);
  const revisions = deps.informers.informer(ControllerRevision, { indexes });
  const writes = new PendingWrites(deps);
  const failures = new FailedPodBackoff(deps);
  const own = { daemonSets, pods, nodes, revisions, writes, failures };
  const state: State = { ...deps, ...own, ownerKind: DaemonSet, hashLabel: POD_REVISION };
  return {
    name: 'daemonset-controller',
    concurrency: 2,
    reads: [daemonSets, pods, nodes, revisions],
    watch: (enqueue) => watchDaemonSets(state, enqueue),
    async reconcile(key, { signal }) {
      const daemonSet = daemonSets.get(key);
      if (!daemonSet) {
        failures.forget(key);
        return writes.forget(key); // Its pods and revisions are the garbage collector's.
      }
      if (selectsEverything(daemonSet.spec.selector)) {
        const text = 'This daemon set is selecting all pods. A non-empty selector is required.';
        return deps.events.event(daemonSet, 'Warning', 'SelectingAll', text);
      }
      // While it is being deleted its history may be gone already, so that nothing can be said of its pods.
      if (daemonSet.metadata.deletionTimestamp !== undefined) return;
      if (!writes.settled(key)) return UNSETTLED;
      return keepDaemons(state, daemonSet, signal);
    },
  };
}

async function keepDaemons(state: State, daemonSet: DaemonSet, signal: AbortSignal) {
  const { nodes, clock } = state;
  const pods = await claimPods(state, daemonSet, signal);
  const history = await keepHistory(state, daemonSet, signal);
  if (!history) return;
  const hash = hashOf(history.current);
  // Pods of a revision that says the same are taken over; when all of them are, it can go.
  if (await relabel(state, daemonSet, { history, pods }, signal)) return UNSETTLED;
  const facts = daemonFacts(daemonSet, { hash, nodes: nodes.list(), pods, nowMs: clock.now() });
  const upkeep = planUpkeep(facts);
  const { ready, waitMs } = admitEnded(state, daemonSet, upkeep);
  const error = await exchange(state, facts, { create: upkeep.create, delete: [...ready, ...upkeep.delete] }, signal);
  const { collisionCount } = history;
  await writeStatus(state, facts, collisionCount, signal);
  if (error !== undefined) throw error;
  await cleanUp(state, daemonSet, { history, pods }, signal);
  const waits = [waitMs, nextAvailabilityMs(pods, daemonSet.spec.minReadySeconds ?? 0, clock.now())];
  const soonest = waits.filter((wait) => wait !== undefined);
  return soonest.length === 0 ? undefined : { requeueAfterMs: Math.min(...soonest) };
}

function claimPods(state: State, daemonSet: DaemonSet, signal: AbortSignal): Promise<readonly Pod[]> {
  const { client, pods, writes } = state;
  const matches = ({ metadata }: Pod) => matchesSelector(daemonSet.spec.selector, metadata.labels);
  return claimOwned({ client, writes, ownerKind: DaemonSet, kind: Pod, informer: pods }, daemonSet, matches, signal);
}

interface Kept {
  readonly history: History;
  readonly pods: readonly Pod[];
}

/** Answers whether any pod was of a duplicate of the current revision. */
async function relabel(
  { client, pods: informer, writes }: State,
  daemonSet: DaemonSet,
  { history, pods }: Kept,
  signal: AbortSignal,
): Promise<boolean> {
  const duplicates = new Set(history.duplicates.map(hashOf));
  const outdated = pods.filter(({ metadata }) => duplicates.has(metadata.labels?.[POD_REVISION] ?? ''));
  for (const pod of outdated) {
    const { uid } = pod.metadata;
    const body = { metadata: { uid, labels: { [POD_REVISION]: hashOf(history.current) } } };
    const patched = await client.patch(Pod, refOf(pod), { type: 'merge', body }, { signal });
    writes.wrote(keyOf(daemonSet.metadata), informer, patched);
  }
  return outdated.length > 0;
}

/** Which pods that have ended may go now, and how long until the next one may. */
function admitEnded(
  { failures, events }: State,
  daemonSet: DaemonSet,
  { ended }: UpkeepPlan,
): { readonly ready: readonly Pod[]; readonly waitMs: number | undefined } {
  const ready: Pod[] = [];
  let waitMs: number | undefined;
  for (const { node, pod } of ended) {
    const { namespace, name } = pod.metadata;
    const where = `daemon pod ${namespace}/${name} on node ${node}`;
    if (pod.status.phase === 'Succeeded') {
      events.event(daemonSet, 'Normal', 'SucceededDaemonPod', `Found succeeded ${where}, will try to delete it`);
      ready.push(pod);
      continue;
    }
    const delayMs = failures.delayMs(daemonSet, node);
    if (delayMs > 0) {
      waitMs = Math.min(waitMs ?? delayMs, delayMs);
      continue;
    }
    events.event(daemonSet, 'Warning', 'FailedDaemonPod', `Found failed ${where}, will try to kill it`);
    ready.push(pod);
  }
  return { ready, waitMs };
}

/** Carries upkeep out, or, when there is nothing to it, the next steps of an update. Answers with the first failure. */
async function exchange(state: State, facts: DaemonFacts, upkeep: DaemonPlan, signal: AbortSignal): Promise<unknown> {
  const isKept = upkeep.create.length === 0 && upkeep.delete.length === 0;
  const plan = isKept ? planUpdate(facts) : upkeep;
  const created = await createPods(state, facts, plan.create.slice(0, BURST), signal);
  const deleted = await deletePods(state, facts.daemonSet, plan.delete.slice(0, BURST), signal);
  return created ?? deleted;
}

async function createPods(
  { client, events, pods, writes }: State,
  { daemonSet, hash }: DaemonFacts,
  nodeNames: readonly string[],
  signal: AbortSignal,
): Promise<unknown> {
  const { error } = await slowStart(nodeNames.length, async (index) => {
    try {
      const pod = await client.create(Pod, newDaemonPod(daemonSet, nodeNames[index]!, hash), { signal });
      writes.wrote(keyOf(daemonSet.metadata), pods, pod);
      events.event(daemonSet, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    } catch (error) {
      if (!isNamespaceTerminating(error)) {
        events.event(daemonSet, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      }
      throw error;
    }
  });
  return isNamespaceTerminating(error) ? undefined : error;
}

async function deletePods(
  { client, events, pods, writes }: State,
  daemonSet: DaemonSet,
  doomed: readonly Pod[],
  signal: AbortSignal,
): Promise<unknown> {
  const { error } = await slowStart(doomed.length, async (index) => {
    const pod = doomed[index]!;
    const { name, uid } = pod.metadata;
    try {
      await client.delete(Pod, refOf(pod), { preconditions: { uid }, signal });
      writes.deleted(keyOf(daemonSet.metadata), pods, pod);
      events.event(daemonSet, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return;
      events.event(daemonSet, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
      throw error;
    }
  });
  return error;
}

async function writeStatus(
  { client, daemonSets, writes }: State,
  facts: DaemonFacts,
  collisionCount: number,
  signal: AbortSignal,
): Promise<void> {
  const { daemonSet } = facts;
  const status = daemonSetStatus(facts, { collisionCount });
  if (isSameStatus(status, daemonSet.status)) return;
  const written = await client.updateStatus(DaemonSet, { ...daemonSet, status }, { signal });
  writes.wrote(keyOf(daemonSet.metadata), daemonSets, written);
}

/** Deletes duplicates of the current revision, and the old ones beyond the history limit that no pod is made of. */
async function cleanUp(
  state: State,
  daemonSet: DaemonSet,
  { history, pods }: Kept,
  signal: AbortSignal,
): Promise<void> {
  const live = new Set(pods.map(({ metadata }) => metadata.labels?.[POD_REVISION]));
  const limit = daemonSet.spec.revisionHistoryLimit ?? DEFAULT_HISTORY_LIMIT;
  const surplus = surplusRevisions(history.old, limit, (revision) => live.has(hashOf(revision)));
  await deleteRevisions(state, daemonSet, [...history.duplicates, ...surplus], signal);
}

function watchDaemonSets(state: State, enqueue: Enqueue): readonly Disposable[] {
  const { daemonSets, pods, revisions, nodes } = state;
  return [
    watchOwners(daemonSets, enqueue),
    watchOwned(daemonSets, DaemonSet, pods, enqueue),
    watchOwned(daemonSets, DaemonSet, revisions, enqueue),
    nodes.subscribe((changes) => {
      const relevant = changes.filter(mayChangeFit);
      if (relevant.length === 0) return;
      for (const daemonSet of daemonSets.list()) {
        if (changesFit(daemonSet, relevant)) enqueue(keyOf(daemonSet.metadata));
      }
    }),
  ];
}

/** Nodes change all the time; only labels and taints decide which daemons they run. */
function mayChangeFit(change: Change<Node>): boolean {
  if (change.type !== 'updated') return true;
  const { object, previous } = change;
  return !(
    deepEqual(object.metadata.labels, previous.metadata.labels) && deepEqual(object.spec.taints, previous.spec.taints)
  );
}

function changesFit(daemonSet: DaemonSet, changes: readonly Change<Node>[]): boolean {
  const fitOf = nodeFitOf(daemonSet);
  return changes.some((change) => {
    if (change.type === 'updated') return fitOf(change.object) !== fitOf(change.previous);
    return fitOf(change.object) !== 'leave';
  });
}
