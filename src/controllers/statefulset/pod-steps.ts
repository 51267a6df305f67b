// Carries out what plan-pods.ts decided: makes, mends and deletes pods and their claims, and says so in events.

import type { StatefulSet } from '../../api/apps/stateful-set.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import type { PodTemplateSpec } from '../../api/core/pod-spec.ts';
import { isStatusError, StatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/message-of.ts';
import { refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import type { PendingWrites } from '../pending-writes.ts';
import { isNamespaceTerminating } from '../pod-from-template.ts';
import { slowStart } from '../slow-start.ts';
import { allowsNoBurst, memberOf, type PodStep } from './plan-pods.ts';
import { claimNamesOf, hasConflict, type Member, mendedOwners, newClaim } from './stateful-claim.ts';
import { hasIdentity, hasStorage, mendedPod, newStatefulPod } from './stateful-pod.ts';

export interface StepDeps extends ControllerDeps {
  readonly pods: Informer<Pod>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly writes: PendingWrites;
}

/** What pods are made of. */
export interface RevisionTemplate {
  readonly revision: string;
  readonly template: PodTemplateSpec;
}

/** One reconcile of one set. */
export interface StepRun {
  readonly set: StatefulSet;
  readonly current: RevisionTemplate;
  readonly update: RevisionTemplate;
  readonly signal: AbortSignal;
}

/** Answers with the pods that were told to go, and the first failure: after one, no further group is begun. */
export async function carryOutSteps(
  deps: StepDeps,
  run: StepRun,
  groups: readonly (readonly PodStep[])[],
): Promise<{ readonly deleted: readonly Pod[]; readonly error: unknown }> {
  const deleted: Pod[] = [];
  const act = async (step: PodStep) => {
    await carryOut(deps, run, step);
    if (step.type === 'delete') deleted.push(step.pod);
  };
  for (const steps of groups) {
    const { error } = allowsNoBurst(run.set)
      ? await oneByOne(steps, act)
      : await slowStart(steps.length, (index) => act(steps[index]!));
    if (error !== undefined) return { deleted, error };
  }
  return { deleted, error: undefined };
}

async function oneByOne(
  steps: readonly PodStep[],
  act: (step: PodStep) => Promise<void>,
): Promise<{ readonly error: unknown }> {
  try {
    for (const step of steps) await act(step);
    return { error: undefined };
  } catch (error) {
    return { error };
  }
}

function carryOut(deps: StepDeps, run: StepRun, step: PodStep): Promise<void> {
  switch (step.type) {
    case 'create':
      return createPod(deps, run, step.ordinal, run[step.revision]);
    case 'delete':
      return deletePod(deps, run, step.pod);
    case 'mend':
      return mendPod(deps, run, step.pod, step.ordinal);
    case 'provide':
      return provideClaims(deps, run, memberOf(run.set, step.pod, step.ordinal), step.ordinal);
    case 'entrust':
      return mendClaims(deps, run, memberOf(run.set, step.pod, step.ordinal), step.ordinal);
    default:
      throw new TypeError(`there is no step ${step satisfies never}`);
  }
}

async function createPod(deps: StepDeps, run: StepRun, ordinal: number, of: RevisionTemplate): Promise<void> {
  const { client, pods, writes } = deps;
  const { set, signal } = run;
  const input = newStatefulPod(set, ordinal, of);
  const name = input.metadata?.name ?? '';
  try {
    await provideClaims(deps, run, { name, uid: undefined, isScaledAway: false }, ordinal);
    const pod = await client.create(Pod, input, { signal });
    writes.wrote(keyOf(set.metadata), pods, pod);
    succeeded(deps, run, 'Create', `${podResult('Create', set, name)} successful`);
  } catch (error) {
    if (isNamespaceTerminating(error)) return;
    if (!isStatusError(error, 'AlreadyExists')) failed(deps, run, 'Create', podResult('Create', set, name), error);
    throw error;
  }
}

async function deletePod(deps: StepDeps, run: StepRun, pod: Pod): Promise<void> {
  const { client, pods, writes } = deps;
  const { set, signal } = run;
  const { name, uid } = pod.metadata;
  try {
    await client.delete(Pod, refOf(pod), { preconditions: { uid }, signal });
    writes.deleted(keyOf(set.metadata), pods, pod);
    succeeded(deps, run, 'Delete', `${podResult('Delete', set, name)} successful`);
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return;
    failed(deps, run, 'Delete', podResult('Delete', set, name), error);
    throw error;
  }
}

async function mendPod(deps: StepDeps, run: StepRun, pod: Pod, ordinal: number): Promise<void> {
  const { client, pods, writes } = deps;
  const { set, signal } = run;
  const member = memberOf(set, pod, ordinal);
  const result = podResult('Update', set, pod.metadata.name);
  try {
    if (!hasStorage(set, pod, ordinal)) await provideClaims(deps, run, member, ordinal);
    else await mendClaims(deps, run, member, ordinal);
    if (!hasIdentity(pod) || !hasStorage(set, pod, ordinal)) {
      const mended = await client.update(Pod, mendedPod(set, pod, ordinal), { signal });
      writes.wrote(keyOf(set.metadata), pods, mended);
    }
    succeeded(deps, run, 'Update', `${result} successful`);
  } catch (error) {
    failed(deps, run, 'Update', result, error);
    throw error;
  }
}

/** Makes the claims that are missing, as many as can be made; throws the first failure. */
async function provideClaims(deps: StepDeps, run: StepRun, member: Member, ordinal: number): Promise<void> {
  const failures: unknown[] = [];
  for (const template of run.set.spec.volumeClaimTemplates ?? []) {
    try {
      await provideClaim(deps, run, member.name, newClaim(run.set, template, ordinal));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  await mendClaims(deps, run, member, ordinal);
}

async function provideClaim(
  deps: StepDeps,
  run: StepRun,
  podName: string,
  claim: ReturnType<typeof newClaim>,
): Promise<void> {
  const { client, claims, writes } = deps;
  const { set, signal } = run;
  const { name, namespace } = claim.metadata;
  const there = claims.get({ name, namespace });
  if (there?.metadata.deletionTimestamp !== undefined) {
    throw new StatusError('Conflict', `pvc ${name} is being deleted`);
  }
  if (there) return;
  try {
    const made = await client.create(PersistentVolumeClaim, claim, { signal });
    writes.wrote(keyOf(set.metadata), claims, made);
    const result = `create Claim ${name} Pod ${podName} in StatefulSet ${set.metadata.name} success`;
    succeeded(deps, run, 'Create', result);
  } catch (error) {
    const what = `create Claim ${name} for Pod ${podName} in StatefulSet ${set.metadata.name}`;
    if (!isStatusError(error, 'AlreadyExists')) failed(deps, run, 'Create', what, error);
    throw isStatusError(error) ? withPrefix(error, `failed to create PVC ${name}`) : error;
  }
}

/** The same refusal, saying what was refused. */
function withPrefix(error: StatusError, prefix: string): StatusError {
  const { reason, message, code, details } = error;
  return new StatusError(reason, `${prefix}: ${message}`, { code, ...(details ? { details } : {}), cause: error });
}

async function mendClaims(deps: StepDeps, run: StepRun, member: Member, ordinal: number): Promise<void> {
  const { client, claims, events, writes } = deps;
  const { set, signal } = run;
  const { namespace } = set.metadata;
  for (const name of claimNamesOf(set, ordinal)) {
    const claim = claims.get({ name, namespace });
    if (!claim) continue; // Just made, with its owners.
    if (hasConflict(claim, set, member)) {
      const text = `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`;
      events.event(set, 'Warning', 'ConflictingController', text);
    }
    const ownerReferences = mendedOwners(claim, set, member);
    if (!ownerReferences) continue;
    const metadata = { ...claim.metadata, ownerReferences };
    const mended = await client.update(PersistentVolumeClaim, { ...claim, metadata }, { signal });
    writes.wrote(keyOf(set.metadata), claims, mended);
  }
}

type Verb = 'Create' | 'Update' | 'Delete';

function podResult(verb: Verb, set: StatefulSet, podName: string): string {
  return `${verb.toLowerCase()} Pod ${podName} in StatefulSet ${set.metadata.name}`;
}

function succeeded({ events }: StepDeps, { set }: StepRun, verb: Verb, message: string): void {
  events.event(set, 'Normal', `Successful${verb}`, message);
}

function failed({ events }: StepDeps, { set }: StepRun, verb: Verb, what: string, error: unknown): void {
  events.event(set, 'Warning', `Failed${verb}`, `${what} failed error: ${messageOf(error)}`);
}
