// How many pods there ought to be, by the controllers of those that are there: the figures of workloads are read from
// their informers, those of any other kind from its scale subresource. Upstream: getExpectedScale in
// pkg/controller/disruption.

import { Deployment } from '../../api/apps/deployment.ts';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import { StatefulSet } from '../../api/apps/stateful-set.ts';
import type { Scale } from '../../api/autoscaling/scale.ts';
import type { Pod } from '../../api/core/pod.ts';
import { ReplicationController } from '../../api/core/replication-controller.ts';
import type { Kind } from '../../api/kind.ts';
import type { OwnerReference } from '../../api/meta/object-meta.ts';
import { isStatusError, StatusError } from '../../api/status-error.ts';
import { type Client, pathOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import type { InformerFactory } from '../../client/informer-factory.ts';
import { controllerOf, refersTo } from '../owner-reference.ts';

export interface Workloads {
  readonly deployments: Informer<Deployment>;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly replicationControllers: Informer<ReplicationController>;
  readonly statefulSets: Informer<StatefulSet>;
}

export function workloadInformers(informers: InformerFactory): Workloads {
  return {
    deployments: informers.informer(Deployment),
    replicaSets: informers.informer(ReplicaSet),
    replicationControllers: informers.informer(ReplicationController),
    statefulSets: informers.informer(StatefulSet),
  };
}

export interface ExpectedScale {
  readonly count: number;
  /** Whether some of the pods have no controller. */
  readonly hasUnmanaged: boolean;
}

interface Scaled {
  readonly uid: string;
  readonly replicas: number;
}

export interface ExpectedScaleDeps {
  readonly workloads: Workloads;
  readonly kinds: () => readonly Kind[];
  readonly client: Client;
  readonly signal: AbortSignal;
}

/** Throws StatusError for a controller that has no scale, or is not there. */
export async function expectedScale(deps: ExpectedScaleDeps, pods: readonly Pod[]): Promise<ExpectedScale> {
  const scales = new Map<string, number>();
  const asked = new Set<string>();
  let hasUnmanaged = false;
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (!owner) hasUnmanaged = true;
    if (!owner || asked.has(owner.uid)) continue;
    asked.add(owner.uid);
    const { namespace, name } = pod.metadata;
    const scaled = knownScale(deps.workloads, namespace, owner) ?? (await scaleSubresource(deps, namespace, owner));
    if (!scaled) throw new StatusError('NotFound', `found no controllers for pod ${JSON.stringify(name)}`);
    scales.set(scaled.uid, scaled.replicas);
  }
  return { count: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0), hasUnmanaged };
}

/** The replica sets of a deployment count as one: the deployment. */
function knownScale(workloads: Workloads, namespace: string, owner: OwnerReference): Scaled | undefined {
  const { deployments, replicaSets, replicationControllers, statefulSets } = workloads;
  const find = <O extends Deployment | ReplicaSet | ReplicationController | StatefulSet>(
    kind: Kind,
    informer: Pick<Informer<O>, 'get'>,
    reference: OwnerReference,
  ): O | undefined => {
    const found = refersTo(reference, kind) ? informer.get({ namespace, name: reference.name }) : undefined;
    return found?.metadata.uid === reference.uid ? found : undefined;
  };
  const replicaSet = find(ReplicaSet, replicaSets, owner);
  const above = replicaSet && controllerOf(replicaSet);
  const found =
    above?.kind === Deployment.kind
      ? find(Deployment, deployments, above)
      : (replicaSet ??
        find(ReplicationController, replicationControllers, owner) ??
        find(StatefulSet, statefulSets, owner));
  return found && { uid: found.metadata.uid, replicas: found.spec.replicas ?? 1 };
}

async function scaleSubresource(
  { kinds, client, signal }: ExpectedScaleDeps,
  namespace: string,
  owner: OwnerReference,
): Promise<Scaled | undefined> {
  const kind = kinds().find((one) => one.kind === owner.kind && one.apiVersion === owner.apiVersion);
  if (!kind) {
    const message = `no matches for kind ${JSON.stringify(owner.kind)} in version ${JSON.stringify(owner.apiVersion)}`;
    throw new StatusError('NotFound', message);
  }
  if (kind.subresources['scale']?.type !== 'scale') {
    const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
    throw new StatusError('NotFound', `${resource} does not implement the scale subresource`);
  }
  try {
    const path = pathOf(kind, { namespace, name: owner.name }, 'scale');
    const { metadata, spec } = (await client.request('GET', path, { signal })) as Scale;
    return metadata.uid === owner.uid ? { uid: owner.uid, replicas: spec.replicas ?? 0 } : undefined;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}
