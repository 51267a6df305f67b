// Carries the steps of a rollout out: makes the replica set of a new template, sizes replica sets, keeps revisions,
// deletes surplus history and writes the status. What to do is decided by rollout-plan.ts.

import { Deployment, type DeploymentCondition, type DeploymentStatus } from '../../api/apps/deployment.ts';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { InputOf } from '../../api/kind.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { messageOf } from '../../base/message-of.ts';
import { refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf, type ObjectKey } from '../../client/object-key.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { controllerReference, isControlledBy } from '../owner-reference.ts';
import type { PendingWrites } from '../pending-writes.ts';
import { isNamespaceTerminating } from '../pod-from-template.ts';
import { conditionOf, hasDeadline, progressing, rolloutStatus, withCondition } from './deployment-status.ts';
import { isSameTemplate, POD_TEMPLATE_HASH, podTemplateHash, withoutHash } from './pod-template-hash.ts';
import {
  newestAnnotations,
  nextRevision,
  REVISION,
  revisionOf,
  rolledBackAnnotations,
  scaleAnnotations,
} from './revision.ts';
import { planRollback } from './rollback-plan.ts';
import {
  desiredReplicas,
  initialSize,
  maxSurge,
  planCleanup,
  type Rollout,
  type ScaleStep,
  sizeOf,
} from './rollout-plan.ts';

export interface RolloutState extends ControllerDeps {
  readonly deployments: Informer<Deployment>;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly pods: Informer<Pod>;
  readonly writes: PendingWrites;
}

/** One reconcile of one deployment: what it knows, what it has said, and the writes it makes. */
export class RolloutRun {
  readonly #state: RolloutState;
  readonly #signal: AbortSignal;
  #rollout: Rollout | undefined;
  #conditions: readonly DeploymentCondition[] = [];
  /** The newest replica set's, of which the deployment's annotation tells. */
  #revision: string | undefined;

  constructor(state: RolloutState, signal: AbortSignal) {
    this.#state = state;
    this.#signal = signal;
  }

  begin(rollout: Rollout): void {
    this.#rollout = rollout;
    this.#conditions = rollout.deployment.status.conditions ?? [];
  }

  get rollout(): Rollout {
    if (!this.#rollout) throw new TypeError('the rollout has not begun');
    return this.#rollout;
  }

  /** The conditions of the status, with what was said since. */
  get conditions(): readonly DeploymentCondition[] {
    return this.#conditions;
  }

  say(condition: Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>): void {
    this.#conditions = withCondition(this.#conditions, condition, this.#state.clock.now());
  }

  status(): DeploymentStatus {
    return rolloutStatus(this.rollout, this.#conditions, this.#state.clock.now());
  }

  /** Brings the newest replica set's annotations and the deployment's revision up to date. */
  async syncNewest(): Promise<void> {
    const { deployment, newest, old } = this.rollout;
    if (!newest) return;
    const current = newest.metadata.annotations ?? {};
    const annotations = newestAnnotations(deployment, current, nextRevision(old));
    const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
    const isSynced = deepEqual(annotations, current) && (newest.spec.minReadySeconds ?? 0) === minReadySeconds;
    const synced = isSynced
      ? newest
      : await this.#updateReplicaSet({
          ...newest,
          metadata: { ...newest.metadata, annotations },
          spec: { ...newest.spec, minReadySeconds },
        });
    this.#rollout = { deployment, newest: synced, old };
    this.#revision = synced.metadata.annotations?.[REVISION];
    if (hasDeadline(deployment) && !conditionOf(this.#conditions, 'Progressing')) {
      this.say(
        progressing('True', 'FoundNewReplicaSet', `Found new replica set ${JSON.stringify(newest.metadata.name)}`),
      );
    }
  }

  /** The rollout with a replica set of the deployment's template, made if there was none. */
  async withNewest(): Promise<Rollout & { readonly newest: ReplicaSet }> {
    const { deployment, newest, old } = this.rollout;
    if (newest) return { deployment, newest, old };
    const input = this.#newReplicaSet();
    const name = input.metadata?.name ?? '';
    const made = await this.#create(input);
    this.#rollout = { ...this.rollout, newest: made };
    this.#revision = made.metadata.annotations?.[REVISION];
    if (hasDeadline(deployment)) {
      this.say(progressing('True', 'NewReplicaSetCreated', `Created new replica set ${JSON.stringify(name)}`));
    }
    return { ...this.rollout, newest: made };
  }

  async scale(steps: readonly ScaleStep[]): Promise<void> {
    const { deployment } = this.rollout;
    const desired = desiredReplicas(deployment);
    for (const { replicaSet, replicas } of steps) {
      const annotations = {
        ...replicaSet.metadata.annotations,
        ...scaleAnnotations(desired, desired + maxSurge(deployment)),
      };
      const before = sizeOf(replicaSet);
      if (before === replicas && deepEqual(annotations, replicaSet.metadata.annotations)) continue;
      const scaled = await this.#updateReplicaSet({
        ...replicaSet,
        metadata: { ...replicaSet.metadata, annotations },
        spec: { ...replicaSet.spec, replicas },
      });
      this.#replace(replicaSet, scaled);
      if (before !== replicas) this.#sayScaled(scaled, before, replicas);
    }
  }

  /** Deletes the old replica sets that are beyond the history limit. */
  async cleanUp(): Promise<void> {
    const { client, writes, replicaSets } = this.#state;
    const { deployment, old } = this.rollout;
    for (const surplus of planCleanup(deployment, old, revisionOf)) {
      try {
        await client.delete(ReplicaSet, refOf(surplus), { signal: this.#signal });
        writes.deleted(this.#key(), replicaSets, surplus);
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
    }
  }

  /** Puts the template of a revision back; the request for it goes in any case. */
  async rollBack(wanted: bigint): Promise<void> {
    const { client, deployments, events, writes } = this.#state;
    const { deployment, newest, old } = await this.withNewest();
    const { type, reason, message, target } = planRollback(deployment, [...old, newest], wanted);
    const written = await client.update(
      Deployment,
      {
        ...deployment,
        metadata: { ...deployment.metadata, annotations: rolledBackAnnotations(deployment, target) },
        spec: { ...deployment.spec, template: target ? withoutHash(target.spec.template) : deployment.spec.template },
      },
      { signal: this.#signal },
    );
    writes.wrote(this.#key(), deployments, written);
    events.event(deployment, type, reason, message);
  }

  /** The revision goes with the status, whose writes are no new generation. */
  async writeStatus(deployment: Deployment, status: DeploymentStatus): Promise<void> {
    const { annotations } = deployment.metadata;
    const revision = this.#revision ?? annotations?.[REVISION];
    if (annotations?.[REVISION] === revision && deepEqual(normal(status), normal(deployment.status))) return;
    const { client, deployments, writes } = this.#state;
    const metadata =
      revision === undefined
        ? deployment.metadata
        : { ...deployment.metadata, annotations: { ...annotations, [REVISION]: revision } };
    const written = await client.updateStatus(
      Deployment,
      { ...deployment, metadata, status },
      { signal: this.#signal },
    );
    writes.wrote(keyOf(deployment.metadata), deployments, written);
  }

  #newReplicaSet(): InputOf<typeof ReplicaSet> {
    const { deployment, old } = this.rollout;
    const { template, selector, minReadySeconds } = deployment.spec;
    const hash = podTemplateHash(template, deployment.status.collisionCount ?? 0);
    const labels = { ...template.metadata.labels, [POD_TEMPLATE_HASH]: hash };
    const desired = desiredReplicas(deployment);
    return {
      metadata: {
        name: `${deployment.metadata.name}-${hash}`,
        namespace: deployment.metadata.namespace,
        labels,
        annotations: {
          ...newestAnnotations(deployment, {}, nextRevision(old)),
          ...scaleAnnotations(desired, desired + maxSurge(deployment)),
        },
        ownerReferences: [controllerReference(Deployment, deployment)],
      },
      spec: {
        replicas: initialSize(this.rollout),
        ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
        selector: { ...selector, matchLabels: { ...selector?.matchLabels, [POD_TEMPLATE_HASH]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    };
  }

  async #create(input: InputOf<typeof ReplicaSet>): Promise<ReplicaSet> {
    const { client, writes, replicaSets, events } = this.#state;
    const { deployment } = this.rollout;
    try {
      const made = await client.create(ReplicaSet, input, { signal: this.#signal });
      writes.wrote(this.#key(), replicaSets, made);
      if (sizeOf(made) > 0) this.#sayScaled(made, 0, sizeOf(made));
      return made;
    } catch (error) {
      if (isStatusError(error, 'AlreadyExists')) return this.#resolveCollision(input, error);
      if (isNamespaceTerminating(error)) throw error;
      const why = messageOf(error);
      const text = `Failed to create new replica set ${JSON.stringify(input.metadata?.name)}: ${why}`;
      if (hasDeadline(deployment)) {
        this.say(progressing('False', 'ReplicaSetCreateError', text));
        await this.writeStatus(deployment, this.status());
      }
      events.event(deployment, 'Warning', 'ReplicaSetCreateError', text);
      throw error;
    }
  }

  /** Another object has the name: ours if it was made by an earlier try, else the next try takes another hash. */
  async #resolveCollision(input: InputOf<typeof ReplicaSet>, error: unknown): Promise<ReplicaSet> {
    const { client, writes, replicaSets } = this.#state;
    const { deployment } = this.rollout;
    const { name = '', namespace } = input.metadata ?? {};
    const there = await client.get(ReplicaSet, { name, namespace }, { signal: this.#signal });
    if (isControlledBy(there, deployment) && isSameTemplate(there.spec.template, deployment.spec.template)) {
      writes.wrote(this.#key(), replicaSets, there);
      return there;
    }
    const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
    await this.writeStatus(deployment, { ...deployment.status, collisionCount });
    throw error;
  }

  async #updateReplicaSet(replicaSet: InputOf<typeof ReplicaSet>): Promise<ReplicaSet> {
    const { client, writes, replicaSets } = this.#state;
    const updated = await client.update(ReplicaSet, replicaSet, { signal: this.#signal });
    writes.wrote(this.#key(), replicaSets, updated);
    return updated;
  }

  #replace(before: ReplicaSet, after: ReplicaSet): void {
    const { deployment, newest, old } = this.rollout;
    this.#rollout = {
      deployment,
      newest: newest === before ? after : newest,
      old: old.map((replicaSet) => (replicaSet === before ? after : replicaSet)),
    };
  }

  #sayScaled({ metadata }: ReplicaSet, from: number, to: number): void {
    const direction = to > from ? 'up' : 'down';
    const text = `Scaled ${direction} replica set ${metadata.name} from ${from} to ${to}`;
    this.#state.events.event(this.rollout.deployment, 'Normal', 'ScalingReplicaSet', text);
  }

  #key(): ObjectKey {
    return keyOf(this.rollout.deployment.metadata);
  }
}

/** JSON leaves zeros and empty lists out. */
function normal(status: DeploymentStatus): object {
  const kept = Object.entries(status).filter(([name, value]) => {
    if (name === 'collisionCount' || name === 'terminatingReplicas') return value !== undefined;
    return value !== 0 && !(Array.isArray(value) && value.length === 0);
  });
  return Object.fromEntries(kept);
}
