// The contract of what says how much of a quota objects of a kind use: pods by what their containers ask for, claims by
// their size, most kinds by their number. Admission asks before an object is written, the quota controller for those
// that are there. Upstream: the Evaluator of k8s.io/apiserver/pkg/quota/v1.

import type { ScopedResourceSelectorRequirement } from '../core/resource-quota.ts';
import type { AnyObject, Kind } from '../kind.ts';
import type { ResourceList } from '../resource-list.ts';

export interface QuotaWrite {
  readonly operation: 'CREATE' | 'UPDATE';
  readonly subresource: string;
  readonly object: AnyObject;
  /** What it replaces, for an update. */
  readonly previous: AnyObject | undefined;
}

/** Pure. Objects are whole and valid, of the evaluator's kind. */
export interface QuotaEvaluator {
  /** Whether objects of the kind can use some of the resource. */
  tracks(resource: string): boolean;
  /** Whether a write can use more than there was before. */
  isCharged(write: QuotaWrite): boolean;
  isInScope(requirement: ScopedResourceSelectorRequirement, object: AnyObject): boolean;
  /** What the object uses now, of all resources that the kind tracks. */
  usage(object: AnyObject, nowMs: number): ResourceList;
  /** Until when the object uses what it does, if that ends without a change of the object. */
  usedUntilMs?(object: AnyObject): number | undefined;
  /** What the object would have to say because of the resources that are limited. */
  missing?(object: AnyObject, limited: readonly string[]): string | undefined;
  /** Whether an object that has changed may use less, or count in other scopes, than before. */
  isRecounted(object: AnyObject, previous: AnyObject, nowMs: number): boolean;
}

/** `count/secrets`, `count/deployments.apps`. */
export function countResource({ group, plural }: Pick<Kind, 'group' | 'plural'>): string {
  return group === '' ? `count/${plural}` : `count/${plural}.${group}`;
}
