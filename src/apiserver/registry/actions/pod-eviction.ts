// pods/eviction: deletes a pod if the disruption budget that covers it allows one more. Upstream: EvictionREST in
// k8s.io/kubernetes/pkg/registry/core/pod/storage/eviction.go. How many disruptions a budget allows is counted by the
// disruption controller; here it is only spent.

import type { Pod } from '../../../api/core/pod.ts';
import type { AnyDraft, AnyObject } from '../../../api/kind.ts';
import { compileLabelSelector } from '../../../api/label-selector.ts';
import type { Eviction } from '../../../api/policy/eviction.ts';
import { PodDisruptionBudget } from '../../../api/policy/pod-disruption-budget.ts';
import type { Draft } from '../../../api/schema.ts';
import { conflict, forbidden, isStatusError, MODIFIED, notFound, StatusError } from '../../../api/status-error.ts';
import { formatTime } from '../../../api/time.ts';
import { type Clock, sleep } from '../../../base/clock.ts';
import type { Client } from '../../../client/client.ts';
import type { Action, ActionRequest } from '../handlers.ts';
import type { ObjectReader } from '../object-reader.ts';

/** How often something is tried again that somebody else was faster at, and how long after. */
const MAX_ATTEMPTS = 20;
const RETRY_MS = 500;

/** So many evictions that the controller has not seen yet, and there are no more until it has. */
const MAX_DISRUPTED_PODS = 2000;

const BUDGETS = { group: 'policy', resource: 'poddisruptionbudgets' };

export interface PodEvictionDeps {
  readonly objects: ObjectReader;
  /** May update the status of disruption budgets. */
  readonly client: Client;
  readonly clock: Clock;
}

type DeletePreconditions = NonNullable<Parameters<ActionRequest['delete']>[0]['preconditions']>;

export function podEviction(deps: PodEvictionDeps): Action {
  return async (request) => {
    const { deleteOptions } = request.body as unknown as Eviction;
    // The body may ask for a dry run as well as the query.
    const dryRun = request.dryRun || (deleteOptions?.dryRun ?? []).length > 0;
    const wanted: DeletePreconditions = deleteOptions?.preconditions ?? {};
    const evict = (pod: Pod, guard: DeletePreconditions = {}) =>
      addConditionAndDelete(deps, request, pod, { ...wanted, ...guard }, dryRun);

    for (let attempt = 1; ; attempt++) {
      const pod = request.read() as unknown as Pod;
      if (!isOutsideBudgets(pod)) break;
      // A pending pod may become ready meanwhile, and then its budget counts.
      const isGuarded = pod.status.phase === 'Pending' && !pod.metadata.deletionTimestamp && !wanted.resourceVersion;
      try {
        await evict(pod, isGuarded ? { resourceVersion: pod.metadata.resourceVersion } : {});
        return success();
      } catch (error) {
        if (!isStatusError(error, 'Conflict') || wanted.resourceVersion || attempt >= MAX_ATTEMPTS) throw error;
        await sleep(deps.clock, RETRY_MS, request.signal);
      }
    }

    const pod = request.read() as unknown as Pod;
    const budget = budgetOf(deps.objects, pod);
    if (!budget) await evict(pod);
    else if (mayGoUnhealthy(pod, budget)) await evictUnhealthy(evict, pod, budget, wanted);
    else {
      await spend(deps, budget.metadata, pod.metadata.name, { dryRun, signal: request.signal });
      await evict(pod);
    }
    return success();
  };
}

/** Pods that have ended or not begun, or go anyway, disrupt nothing. */
function isOutsideBudgets({ status, metadata }: Pod): boolean {
  return ['Succeeded', 'Failed', 'Pending'].includes(status.phase ?? '') || !!metadata.deletionTimestamp;
}

/** A pod that is not ready takes nothing from its budget, if there are healthy ones enough or the budget says so. */
function mayGoUnhealthy({ status: podStatus }: Pod, { spec, status }: PodDisruptionBudget): boolean {
  const isReady = podStatus.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  if (isReady) return false;
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0;
}

/** Should the pod turn healthy in the meantime, the client is to ask again. */
async function evictUnhealthy(
  evict: (pod: Pod, guard?: DeletePreconditions) => Promise<void>,
  pod: Pod,
  budget: PodDisruptionBudget,
  wanted: DeletePreconditions,
): Promise<void> {
  try {
    await evict(pod, { resourceVersion: wanted.resourceVersion ?? pod.metadata.resourceVersion });
  } catch (error) {
    if (isStatusError(error, 'Conflict') && !wanted.resourceVersion) throw busyBudget(budget.metadata.name);
    throw error;
  }
}

/** The one budget that covers the pod. Throws when there are several, which evictions cannot account to. */
function budgetOf(objects: ObjectReader, { metadata }: Pod): PodDisruptionBudget | undefined {
  const covering = objects
    .list(PodDisruptionBudget, metadata.namespace)
    .filter(({ spec }) => compileLabelSelector(spec.selector).matches(metadata.labels));
  if (covering.length <= 1) return covering[0];
  const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
  throw new StatusError('', message, { code: 500 });
}

/** Takes one disruption from the budget, by compare-and-swap. Throws `TooManyRequests` when there is none. */
async function spend(
  { objects, client, clock }: PodEvictionDeps,
  { namespace, name }: PodDisruptionBudget['metadata'],
  podName: string,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const budget = objects.get(PodDisruptionBudget, { namespace, name });
    if (!budget) throw notFound(BUDGETS, name);
    const status = afterEviction(budget, podName, clock.now());
    if (dryRun) return;
    try {
      await client.updateStatus(PodDisruptionBudget, { ...budget, status }, { signal });
      return;
    } catch (error) {
      if (!isStatusError(error, 'Conflict')) throw error;
      await sleep(clock, RETRY_MS, signal);
    }
  }
  throw new StatusError('Timeout', `couldn't update PodDisruptionBudget ${JSON.stringify(name)} due to conflicts`, {
    details: { retryAfterSeconds: 10 },
  });
}

/** The status of the budget once the pod is evicted. Throws when it allows no eviction. */
function afterEviction(budget: PodDisruptionBudget, podName: string, nowMs: number): PodDisruptionBudget['status'] {
  const { metadata, status } = budget;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) throw busyBudget(metadata.name);
  if (status.disruptionsAllowed < 0) {
    throw forbidden(BUDGETS, metadata.name, 'pdb disruptions allowed is negative');
  }
  if (Object.keys(status.disruptedPods ?? {}).length > MAX_DISRUPTED_PODS) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbidden(BUDGETS, metadata.name, why);
  }
  if (status.disruptionsAllowed === 0) {
    const { desiredHealthy, currentHealthy } = status;
    throw refused(
      `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    );
  }
  const disruptionsAllowed = status.disruptionsAllowed - 1;
  return {
    ...status,
    disruptionsAllowed,
    disruptedPods: { ...status.disruptedPods, [podName]: formatTime(nowMs) },
    ...(disruptionsAllowed === 0 ? { conditions: withoutDisruptions(budget, nowMs) } : {}),
  };
}

/** The condition that says that the last disruption is spent. */
function withoutDisruptions({ metadata, status }: PodDisruptionBudget, nowMs: number) {
  const conditions = status.conditions ?? [];
  const previous = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: metadata.generation ?? 0,
    lastTransitionTime: previous?.status === 'False' ? previous.lastTransitionTime : formatTime(nowMs),
    reason: 'InsufficientPods',
    message: '',
  };
  return [...conditions.filter((each) => each !== previous), condition];
}

/** Marks the pod as evicted, so that its owners know, and deletes it. */
async function addConditionAndDelete(
  { clock }: PodEvictionDeps,
  request: ActionRequest,
  pod: Pod,
  preconditions: DeletePreconditions,
  dryRun: boolean,
): Promise<void> {
  checkPreconditions(pod as unknown as AnyObject, preconditions);
  const { deleteOptions } = request.body as unknown as Eviction;
  const { gracePeriodSeconds } = deleteOptions ?? {};
  const uid = preconditions.uid ?? pod.metadata.uid;
  let guard: DeletePreconditions = { ...preconditions, uid };
  if (!dryRun) {
    const marked = await request.update((draft, current) => {
      checkPreconditions(current, guard);
      markEvicted(draft, clock.now());
    });
    // The mark has made a new version: that is the one which must still stand.
    if (preconditions.resourceVersion) guard = { uid, resourceVersion: marked.metadata.resourceVersion };
  } else if (!request.dryRun) return; // Only the body asked for a dry run, of which a delete here would know nothing.
  await request.delete({
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    preconditions: guard,
  });
}

function checkPreconditions({ metadata }: AnyObject, { uid, resourceVersion }: DeletePreconditions): void {
  const isSame = (!uid || uid === metadata.uid) && (!resourceVersion || resourceVersion === metadata.resourceVersion);
  if (!isSame) throw conflict({ group: '', resource: 'pods' }, metadata.name, MODIFIED);
}

function markEvicted(draft: AnyDraft, nowMs: number): void {
  const { metadata, status } = draft as unknown as Draft<Pod>;
  const conditions = (status.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget');
  status.conditions = [
    ...conditions,
    {
      type: 'DisruptionTarget',
      ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: formatTime(nowMs),
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    },
  ];
}

function busyBudget(name: string): StatusError {
  return refused(`The disruption budget ${name} is still being processed by the server.`, 10);
}

function refused(why: string, retryAfterSeconds?: number): StatusError {
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  const causes = [{ reason: 'DisruptionBudget', message: why }];
  return new StatusError('TooManyRequests', message, {
    details: { causes, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
  });
}

function success(): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}
