// What claims for volumes use: their number and their size, also of each storage class. Upstream:
// pkg/quota/v1/evaluator/core/persistent_volume_claims.go.

import type { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts';
import { attributesClassesOf, storageClassOf } from '../core/persistent-volume-claim-classes.ts';
import type { AnyObject } from '../kind.ts';
import { compareQuantities, isWholeQuantity, parseQuantity, quantityOf, quantityValue } from '../quantity.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';
import { selectsClass } from './quota-scope.ts';

const COUNT = 'persistentvolumeclaims';
const STORAGE = 'requests.storage';
const OF_CLASS = '.storageclass.storage.k8s.io/';

export const claimEvaluator: QuotaEvaluator = {
  tracks: (resource) =>
    resource === `count/${COUNT}` ||
    [COUNT, STORAGE].some((name) => resource === name || resource.endsWith(OF_CLASS + name)),
  isCharged({ subresource, object, previous }) {
    if (subresource === '') return true;
    return subresource === 'status' && previous !== undefined && usesOther(asClaim(object), asClaim(previous));
  },
  isInScope(requirement, object) {
    if (requirement.scopeName !== 'VolumeAttributesClass') return false;
    const classes = attributesClassesOf(asClaim(object));
    if (classes.size === 0) return selectsClass(requirement, undefined);
    return [...classes].some((name) => selectsClass(requirement, name));
  },
  usage(object) {
    const claim = asClaim(object);
    const storageClass = storageClassOf(claim);
    const size = storageOf(claim);
    const own = { [COUNT]: '1', ...(size === undefined ? {} : { [STORAGE]: size }) };
    const usage: Record<string, string> = { [`count/${COUNT}`]: '1', ...own };
    if (storageClass) for (const [name, amount] of Object.entries(own)) usage[storageClass + OF_CLASS + name] = amount;
    return usage;
  },
  isRecounted: (object, previous) => usesOther(asClaim(object), asClaim(previous)),
};

/** What is asked for, or while the volume is being changed what is set aside for it, if that is more: in whole bytes. */
function storageOf({ spec, status }: PersistentVolumeClaim): string | undefined {
  const requested = spec.resources?.requests?.['storage'];
  if (requested === undefined) return undefined;
  const allocated = status.allocatedResources?.['storage'];
  const most = allocated !== undefined && compareQuantities(allocated, requested) > 0 ? allocated : requested;
  return isWholeQuantity(most) ? most : quantityOf(quantityValue(most), parseQuantity(most).format);
}

function usesOther(claim: PersistentVolumeClaim, previous: PersistentVolumeClaim): boolean {
  if (storageOf(claim) !== storageOf(previous)) return true;
  return attributesClassesOf(claim).symmetricDifference(attributesClassesOf(previous)).size > 0;
}

function asClaim(object: AnyObject): PersistentVolumeClaim {
  return object as unknown as PersistentVolumeClaim;
}
