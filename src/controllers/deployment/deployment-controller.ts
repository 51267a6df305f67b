// Rolls out a deployment's template: one replica set per template, the newest growing while the old ones shrink. What the
// next steps are is decided in rollout-plan.ts, what the status says in deployment-status.ts. Upstream:
// pkg/controller/deployment.

import { Deployment } from '../../api/apps/deployment.ts';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import { Pod } from '../../api/core/pod.ts';
import { claimOwned } from '../claim-objects.ts';
import type { Controller, Enqueue, ReconcileContext } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { CONTROLLER_INDEX, controllerIndex, controllerOf, refersTo } from '../owner-reference.ts';
import { PendingWrites, UNSETTLED } from '../pending-writes.ts';
import { isPodTerminal } from '../pod-state.ts';
import { matchesSelector, selectsEverything } from '../selector-match.ts';
import { enqueueOwner, watchOwned, watchOwners } from '../watch-owned.ts';
import {
  conditionOf,
  deadlineMs,
  deploymentStatus,
  hasDeadline,
  isComplete,
  progressing,
} from './deployment-status.ts';
import { isSameTemplate } from './pod-template-hash.ts';
import { wantedRollback } from './revision.ts';
import { RolloutRun, type RolloutState } from './rollout.ts';
import { byAge, isScaled, planRecreate, planRollingUpdate, planScaling } from './rollout-plan.ts';

export function deploymentController(deps: ControllerDeps): Controller {
  const deployments = deps.informers.informer(Deployment);
  const replicaSets = deps.informers.informer(ReplicaSet, { indexes: { [CONTROLLER_INDEX]: controllerIndex } });
  const pods = deps.informers.informer(Pod, { indexes: { [CONTROLLER_INDEX]: controllerIndex } });
  const writes = new PendingWrites(deps);
  const state: State = { ...deps, deployments, replicaSets, pods, writes };
  return {
    name: 'deployment-controller',
    reads: [deployments, replicaSets, pods],
    watch: (enqueue) => watchDeployments(state, enqueue),
    async reconcile(key, context) {
      const deployment = deployments.get(key);
      if (!deployment) return writes.forget(key); // Its replica sets are the garbage collector's.
      if (!writes.settled(key)) return UNSETTLED;
      const run = new RolloutRun(state, context.signal);
      if (selectsEverything(deployment.spec.selector)) {
        const text = 'This deployment is selecting all pods. A non-empty selector is required.';
        deps.events.event(deployment, 'Warning', 'SelectingAll', text);
        const observedGeneration = deployment.metadata.generation ?? 0;
        return run.writeStatus(deployment, { ...deployment.status, observedGeneration });
      }
      const owned = await claimReplicaSets(state, deployment, context);
      return rollOut(state, run, deployment, owned);
    },
  };
}

type State = RolloutState;

async function rollOut(state: State, run: RolloutRun, deployment: Deployment, owned: readonly ReplicaSet[]) {
  const { clock } = state;
  const newest = [...owned].sort(byAge).find(({ spec }) => isSameTemplate(spec.template, deployment.spec.template));
  const old = owned.filter((replicaSet) => replicaSet !== newest);
  run.begin({ deployment, newest, old });

  if (deployment.metadata.deletionTimestamp !== undefined) {
    return run.writeStatus(deployment, deploymentStatus(run.rollout, run.conditions, clock.now()));
  }
  sayPaused(run, deployment);
  await run.syncNewest();
  const rollback = deployment.spec.paused ? undefined : wantedRollback(deployment);
  if (rollback !== undefined) return run.rollBack(rollback);
  if (deployment.spec.paused || isScaled(run.rollout)) {
    await run.scale(planScaling(run.rollout));
    if (deployment.spec.paused && wantedRollback(deployment) === undefined) await run.cleanUp();
    return run.writeStatus(deployment, deploymentStatus(run.rollout, run.conditions, clock.now()));
  }
  if (deployment.spec.strategy.type === 'Recreate') await recreate(state, run);
  else await run.scale(planRollingUpdate(await run.withNewest()));

  const status = run.status();
  if (isComplete(deployment, status)) await run.cleanUp();
  await run.writeStatus(deployment, status);
  const waitMs = deadlineMs(deployment, status, clock.now());
  return waitMs === undefined ? undefined : { requeueAfterMs: waitMs };
}

/** A pause stops the clock of the progress deadline; having been paused is said until the rollout goes on. */
function sayPaused(run: RolloutRun, deployment: Deployment): void {
  if (!hasDeadline(deployment)) return;
  const current = conditionOf(deployment.status.conditions, 'Progressing');
  if (current?.reason === 'ProgressDeadlineExceeded') return;
  const wasPaused = current?.reason === 'DeploymentPaused';
  if (deployment.spec.paused && !wasPaused) {
    run.say(progressing('Unknown', 'DeploymentPaused', 'Deployment is paused'));
  } else if (!deployment.spec.paused && wasPaused) {
    run.say(progressing('Unknown', 'DeploymentResumed', 'Deployment is resumed'));
  }
}

async function recreate(state: State, run: RolloutRun): Promise<void> {
  const steps = planRecreate(run.rollout);
  const { old } = run.rollout;
  const isShrinking = steps.some(({ replicaSet }) => old.includes(replicaSet));
  if (!isShrinking && old.some((replicaSet) => hasPods(state, replicaSet))) return;
  if (isShrinking) return run.scale(steps);
  await run.withNewest();
  await run.scale(planRecreate(run.rollout));
}

/** Whether the pods of an old replica set still run: those being deleted count until they have gone. */
function hasPods({ pods }: State, replicaSet: ReplicaSet): boolean {
  if (replicaSet.status.replicas > 0) return true;
  return pods.byIndex(CONTROLLER_INDEX, replicaSet.metadata.uid).some((pod) => !isPodTerminal(pod));
}

function claimReplicaSets(
  { client, replicaSets, writes }: State,
  deployment: Deployment,
  { signal }: ReconcileContext,
): Promise<readonly ReplicaSet[]> {
  const matches = ({ metadata }: ReplicaSet) => matchesSelector(deployment.spec.selector, metadata.labels);
  return claimOwned(
    { client, writes, ownerKind: Deployment, kind: ReplicaSet, informer: replicaSets },
    deployment,
    matches,
    signal,
  );
}

function watchDeployments({ deployments, replicaSets, pods }: State, enqueue: Enqueue): readonly Disposable[] {
  return [
    watchOwners(deployments, enqueue),
    watchOwned(deployments, Deployment, replicaSets, enqueue),
    // Only a Recreate rollout waits for pods to be gone; all else shows in the replica sets.
    pods.subscribe((changes) => {
      for (const { type, object } of changes) {
        if (type === 'added' || (type === 'updated' && !isPodTerminal(object))) continue;
        const owner = controllerOf(object);
        if (!owner || !refersTo(owner, ReplicaSet)) continue;
        const replicaSet = replicaSets.get({ namespace: object.metadata.namespace, name: owner.name });
        if (replicaSet) enqueueOwner(Deployment, replicaSet, enqueue);
      }
    }),
  ];
}
