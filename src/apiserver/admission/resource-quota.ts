// ResourceQuota: what a namespace may use is limited. The last plugin to be asked: what it charges for a write that then
// does not happen, it gives back. What is used otherwise, and is used no more, the quota controller counts. Upstream:
// k8s.io/apiserver/pkg/admission/plugin/resourcequota.

import { ResourceQuota } from '../../api/core/resource-quota.ts';
import type { AnyObject } from '../../api/kind.ts';
import { quotaEvaluatorOf } from '../../api/quota/quota-evaluators.ts';
import type { Clock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { Reservation } from '../registry/storage-hook.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { type QuotaAccount, QuotaRefusal, quotaCharges } from './quota-charge.ts';
import { QuotaLedger } from './quota-ledger.ts';
import { refusal } from './refusal.ts';

export interface ResourceQuotaDeps {
  readonly objects: ObjectReader;
  /** May update the status of quotas. */
  readonly client: Client;
  readonly clock: Clock;
}

export function resourceQuota(deps: ResourceQuotaDeps): AdmissionPlugin {
  const { objects, clock } = deps;
  const ledger = new QuotaLedger(deps);
  return {
    name: 'ResourceQuota',
    reserve(request): Promise<Reservation | undefined> | undefined {
      const { namespace, kind, operation, subresource, dryRun } = request;
      if (namespace === '' || (operation !== 'CREATE' && operation !== 'UPDATE')) return undefined;
      const evaluator = quotaEvaluatorOf(kind);
      const object = request.object as unknown as AnyObject;
      const write = { operation, subresource, object, previous: request.oldObject };
      if (!evaluator?.isCharged(write)) return undefined;
      const quotas = objects.list(ResourceQuota, namespace);
      if (quotas.length === 0) return undefined;
      const chargeOf = (accounts: readonly QuotaAccount[]) =>
        refusing(request, () => quotaCharges(accounts, evaluator, write, clock.now()));
      if (dryRun) {
        chargeOf(quotas.map((quota) => ({ quota, used: quota.status.used ?? {} })));
        return undefined;
      }
      const charged = ledger.charge(namespace, chargeOf);
      return charged.then((receipt) => ({ commit() {}, release: () => ledger.release(receipt) }));
    },
  };
}

function refusing<T>(request: AdmissionRequest, charge: () => T): T {
  try {
    return charge();
  } catch (error) {
    throw error instanceof QuotaRefusal ? refusal(request, error.message) : error;
  }
}
