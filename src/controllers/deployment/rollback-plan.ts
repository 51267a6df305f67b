// Which replica set a deployment goes back to when its annotation asks for it, and what is said of it. Pure. kubectl
// writes the old template itself; this serves what extensions/v1beta1 had as a field. Upstream:
// pkg/controller/deployment/rollback.go.

import type { Deployment } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import { isSameTemplate } from './pod-template-hash.ts';
import { byRevision, revisionOf } from './revision.ts';

export interface RollbackPlan {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Absent: the deployment stays as it is. */
  readonly target?: ReplicaSet;
}

const NOT_FOUND = { type: 'Warning', reason: 'DeploymentRollbackRevisionNotFound' } as const;

/** `wanted` 0 is the revision before the newest. */
export function planRollback(deployment: Deployment, all: readonly ReplicaSet[], wanted: bigint): RollbackPlan {
  const revision = wanted === 0n ? lastRevision(all) : wanted;
  if (revision === 0n) return { ...NOT_FOUND, message: 'Unable to find last revision.' };
  const target = all.find((replicaSet) => revisionOf(replicaSet) === revision);
  if (!target) return { ...NOT_FOUND, message: 'Unable to find the revision to rollback to.' };
  const name = JSON.stringify(deployment.metadata.name);
  if (isSameTemplate(target.spec.template, deployment.spec.template)) {
    const message = `The rollback revision contains the same template as current deployment ${name}`;
    return { type: 'Warning', reason: 'DeploymentRollbackTemplateUnchanged', message };
  }
  const message = `Rolled back deployment ${name} to revision ${revision}`;
  return { type: 'Normal', reason: 'DeploymentRollback', message, target };
}

/** The second greatest; 0 if there is none. */
function lastRevision(all: readonly ReplicaSet[]): bigint {
  return all.map(revisionOf).sort(byRevision).at(-2) ?? 0n;
}
