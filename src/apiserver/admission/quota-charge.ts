// What a write takes from which quotas of its namespace, and whether that is there. Pure. Upstream: CheckRequest of
// k8s.io/apiserver/pkg/admission/plugin/resourcequota.

import type { ResourceQuota } from '../../api/core/resource-quota.ts';
import { compareQuantities, quantitySign } from '../../api/quantity.ts';
import type { QuotaEvaluator, QuotaWrite } from '../../api/quota/quota-evaluator.ts';
import { isInScopes } from '../../api/quota/quota-scope.ts';
import {
  addResources,
  formatResources,
  pickResources,
  type ResourceList,
  remainingResources,
} from '../../api/resource-list.ts';

/** A quota, and what is used of it with everything that was let pass in the meantime. */
export interface QuotaAccount {
  readonly quota: ResourceQuota;
  used: ResourceList;
}

export interface QuotaCharge {
  readonly account: QuotaAccount;
  readonly amount: ResourceList;
}

/** Why a write is refused, in upstream's words. */
export class QuotaRefusal extends Error {
  override readonly name = 'QuotaRefusal';
}

/** What the write takes from each of the quotas, if from any. Throws `QuotaRefusal`. */
export function quotaCharges(
  accounts: readonly QuotaAccount[],
  evaluator: QuotaEvaluator,
  write: QuotaWrite,
  nowMs: number,
): readonly QuotaCharge[] {
  const covering = accounts.filter(({ quota }) => covers(quota, evaluator, write.object));
  if (covering.length === 0) return [];
  for (const { quota } of covering) refuseUnmeasured(quota, evaluator, write);
  const usage = evaluator.usage(write.object, nowMs);
  const negative = Object.keys(usage).filter((name) => quantitySign(usage[name] ?? '0') < 0);
  if (negative.length > 0) {
    throw new QuotaRefusal(`quota usage is negative for resource(s): ${negative.toSorted().join(',')}`);
  }
  return covering.flatMap((account) => {
    const { hard = {} } = account.quota.status;
    const more = usageBeyondBefore(account.quota, evaluator, write, usage, nowMs);
    const amount = pickResources(more, (name, quantity) => hard[name] !== undefined && quantitySign(quantity) !== 0);
    if (Object.keys(amount).length === 0) return [];
    // What is said in a status has happened already.
    if (write.subresource !== 'status') refuseExcess(account, amount);
    return [{ account, amount }];
  });
}

function covers({ spec, status }: ResourceQuota, evaluator: QuotaEvaluator, object: QuotaWrite['object']): boolean {
  return Object.keys(status.hard ?? {}).some(evaluator.tracks) && isInScopes(evaluator, spec, object);
}

/** An object has to say how much it uses, and the quota controller how much is used. */
function refuseUnmeasured({ metadata, status }: ResourceQuota, evaluator: QuotaEvaluator, write: QuotaWrite): void {
  const limited = Object.keys(status.hard ?? {})
    .filter(evaluator.tracks)
    .toSorted();
  const missing = evaluator.missing?.(write.object, limited);
  if (missing !== undefined) throw new QuotaRefusal(`failed quota: ${metadata.name}: ${missing}`);
  if (limited.every((name) => status.used?.[name] !== undefined)) return;
  throw new QuotaRefusal(`status unknown for quota: ${metadata.name}, resources: ${limited.join(',')}`);
}

/** An object that the quota covered before is charged for the difference, and nothing is given back for less. */
function usageBeyondBefore(
  { spec }: ResourceQuota,
  evaluator: QuotaEvaluator,
  { previous }: QuotaWrite,
  usage: ResourceList,
  nowMs: number,
): ResourceList {
  if (!previous || !isInScopes(evaluator, spec, previous)) return usage;
  return remainingResources(usage, evaluator.usage(previous, nowMs));
}

function refuseExcess({ quota, used }: QuotaAccount, amount: ResourceList): void {
  const { hard = {} } = quota.status;
  const after = addResources(used, amount);
  const isExceeded = (name: string) =>
    amount[name] !== undefined && compareQuantities(after[name] ?? '0', hard[name] ?? '0') > 0;
  if (!Object.keys(amount).some(isExceeded)) return;
  const exceeded = (list: ResourceList) => formatResources(pickResources(list, isExceeded));
  throw new QuotaRefusal(
    `exceeded quota: ${quota.metadata.name}, requested: ${exceeded(amount)}, used: ${exceeded(used)}, ` +
      `limited: ${exceeded(hard)}`,
  );
}
