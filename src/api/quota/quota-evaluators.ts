// Which evaluator a kind has.

import { remembered } from '../../base/remembered.ts';
import { PersistentVolumeClaim } from '../core/persistent-volume-claim.ts';
import { Pod } from '../core/pod.ts';
import { Service } from '../core/service.ts';
import type { Kind } from '../kind.ts';
import { ResourceClaim } from '../resource/resource-claim.ts';
import { claimEvaluator } from './claim-evaluator.ts';
import { objectCountEvaluator } from './object-count.ts';
import { podEvaluator } from './pod-evaluator.ts';
import type { QuotaEvaluator } from './quota-evaluator.ts';
import { resourceClaimEvaluator } from './resource-claim-evaluator.ts';
import { serviceEvaluator } from './service-evaluator.ts';

const OWN: ReadonlyMap<Kind, QuotaEvaluator> = new Map<Kind, QuotaEvaluator>([
  [Pod, podEvaluator],
  [Service, serviceEvaluator],
  [PersistentVolumeClaim, claimEvaluator],
  [ResourceClaim, resourceClaimEvaluator],
]);

const byNumber = remembered((kind: Kind) => objectCountEvaluator(kind));

/** Undefined for kinds that no quota limits: those without namespaces, and events, which end by themselves. */
export function quotaEvaluatorOf(kind: Kind): QuotaEvaluator | undefined {
  if (!kind.namespaced || kind.virtual || kind.kind === 'Event') return undefined;
  return OWN.get(kind) ?? byNumber(kind);
}
