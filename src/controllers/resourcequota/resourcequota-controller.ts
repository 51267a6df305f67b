// Keeps the statuses of quotas: how much of what they limit is used. Admission adds to that what it lets pass; this counts
// anew when a quota changes, when objects go or use less, and a moment after there was a charge or a new object, in
// case the two do not agree. Upstream: pkg/controller/resourcequota, which counts everything every five minutes instead.

import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { ResourceQuota } from '../../api/core/resource-quota.ts';
import { deepEqual } from '../../api/deep-equal.ts';
import type { AnyObject } from '../../api/kind.ts';
import { countResource } from '../../api/quota/quota-evaluator.ts';
import type { Informer } from '../../client/informer.ts';
import type { Change } from '../../client/object-cache.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller, Enqueue } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { ChargesUnderWay, SETTLED_AFTER_MS } from './charges-under-way.ts';
import { countUsage } from './count-usage.ts';
import { isUncounted, quotaStatus } from './quota-status.ts';
import { type TrackedKind, TrackedKinds } from './tracked-kinds.ts';

/** A custom kind that is established is about to be served. */
const UNSERVED_WAIT_MS = 1_000;

export function resourceQuotaController(deps: ControllerDeps): Controller {
  const { informers, clock, client, config } = deps;
  const quotas = informers.informer(ResourceQuota);
  const definitions = informers.informer(CustomResourceDefinition);
  const underWay = new ChargesUnderWay({ clock });
  let enqueue: Enqueue = () => {};
  const kinds = new TrackedKinds({ informers, kinds: config.kinds }, (tracked, changes) =>
    enqueueConcerned({ quotas, nowMs: clock.now() }, enqueue, tracked, changes),
  );
  return {
    name: 'resourcequota-controller',
    reads: [quotas, definitions],
    watch(given) {
      enqueue = given;
      return [
        quotas.subscribe((changes) => enqueueQuotas(underWay, enqueue, changes)),
        definitions.subscribe((changes) => {
          for (const { object } of changes) enqueueLimiting(quotas, enqueue, countOfDefined(object));
        }),
        kinds,
      ];
    },
    async reconcile(key, { signal }) {
      const quota = quotas.get(key);
      if (!quota) return underWay.forget(key);
      const tracked = await kinds.limitedBy(Object.keys(quota.spec.hard ?? {}), signal);
      const { used, untilMs } = await countUsage({ clock }, quota, tracked);
      const status = quotaStatus(quota, used, underWay.amountOf(key));
      if (status) await client.updateStatus(ResourceQuota, { ...quota, status }, { signal });
      const waits = [
        underWay.settleInMs(key),
        untilMs && untilMs + 1 - clock.now(),
        isAwaitingKind(quota, definitions, tracked) ? UNSERVED_WAIT_MS : undefined,
      ].filter((wait) => wait !== undefined);
      return waits.length === 0 ? undefined : { requeueAfterMs: Math.max(1, Math.min(...waits)) };
    },
  };
}

function enqueueQuotas(underWay: ChargesUnderWay, enqueue: Enqueue, changes: readonly Change<ResourceQuota>[]): void {
  for (const change of changes) {
    const { object } = change;
    const key = keyOf(object.metadata);
    if (change.type !== 'updated') enqueue(key);
    else {
      const { previous } = change;
      underWay.note(key, object.status.used, previous.status.used);
      if (!deepEqual(object.spec, previous.spec)) enqueue(key);
      else if (isUncounted(object) || !deepEqual(object.status, previous.status)) enqueue(key, SETTLED_AFTER_MS);
    }
  }
}

/** Quotas of what objects of the kind use, in namespaces where that has become less, or perhaps more. */
function enqueueConcerned(
  { quotas, nowMs }: { readonly quotas: Informer<ResourceQuota>; readonly nowMs: number },
  enqueue: Enqueue,
  { evaluator }: TrackedKind,
  changes: readonly Change<AnyObject>[],
): void {
  const afterMs = new Map<string, number>();
  for (const change of changes) {
    const { namespace = '' } = change.object.metadata;
    if (change.type === 'added') afterMs.set(namespace, afterMs.get(namespace) ?? SETTLED_AFTER_MS);
    else if (change.type === 'deleted' || evaluator.isRecounted(change.object, change.previous, nowMs)) {
      afterMs.set(namespace, 0);
    }
  }
  for (const [namespace, waitMs] of afterMs) {
    for (const { metadata, spec } of quotas.list(namespace)) {
      if (Object.keys(spec.hard ?? {}).some(evaluator.tracks)) enqueue(keyOf(metadata), waitMs);
    }
  }
}

function enqueueLimiting(quotas: Informer<ResourceQuota>, enqueue: Enqueue, resource: string): void {
  for (const { metadata, spec } of quotas.list()) if (spec.hard?.[resource] !== undefined) enqueue(keyOf(metadata));
}

function countOfDefined({ spec }: CustomResourceDefinition): string {
  return countResource({ group: spec.group, plural: spec.names.plural });
}

/** Whether the quota limits a custom kind that is defined and not known here yet. */
function isAwaitingKind(
  { spec }: ResourceQuota,
  definitions: Informer<CustomResourceDefinition>,
  tracked: readonly TrackedKind[],
): boolean {
  const unknown = Object.keys(spec.hard ?? {}).filter(
    (name) => !tracked.some(({ evaluator }) => evaluator.tracks(name)),
  );
  if (unknown.length === 0) return false;
  return definitions.list().some((definition) => {
    const isEstablished = definition.status.conditions?.some(
      ({ type, status }) => type === 'Established' && status === 'True',
    );
    return isEstablished && unknown.includes(countOfDefined(definition));
  });
}
