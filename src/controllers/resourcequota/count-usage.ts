// Counts what the objects of a namespace use of a quota. Upstream: CalculateUsage of k8s.io/apiserver/pkg/quota/v1.

import type { ResourceQuota } from '../../api/core/resource-quota.ts';
import { addQuantities, formatQuantity, parseQuantity } from '../../api/quantity.ts';
import { isInScopes } from '../../api/quota/quota-scope.ts';
import type { ResourceList } from '../../api/resource-list.ts';
import { Breather } from '../../base/breather.ts';
import type { Clock } from '../../base/clock.ts';
import type { TrackedKind } from './tracked-kinds.ts';

export interface CountedUsage {
  /** Of everything that the quota limits and one of the kinds tracks. */
  readonly used: ResourceList;
  /** When less is used though no object changes. */
  readonly untilMs: number | undefined;
}

/** How often each amount occurs: mostly there are few different ones. */
type Amounts = Map<string, number>;

export async function countUsage(
  { clock }: { readonly clock: Clock },
  { metadata, spec }: ResourceQuota,
  kinds: readonly TrackedKind[],
): Promise<CountedUsage> {
  const nowMs = clock.now();
  const breather = new Breather(clock);
  const totals = new Map<string, Amounts>();
  let untilMs: number | undefined;
  for (const tracked of kinds) {
    const { evaluator, informer } = tracked;
    const names = Object.keys(spec.hard ?? {}).filter(evaluator.tracks);
    for (const name of names) if (!totals.has(name)) totals.set(name, new Map());
    for (const object of informer.list(metadata.namespace)) {
      await breather.breathe();
      if (!isInScopes(evaluator, spec, object)) continue;
      const usage = tracked.usage(object, nowMs);
      for (const name of names) count(totals.get(name), usage[name]);
      const endMs = evaluator.usedUntilMs?.(object);
      if (endMs !== undefined && endMs >= nowMs) untilMs = Math.min(endMs, untilMs ?? endMs);
    }
  }
  return { used: Object.fromEntries([...totals].map(([name, amounts]) => [name, sumOf(amounts)])), untilMs };
}

function count(amounts: Amounts | undefined, amount: string | undefined): void {
  if (amounts && amount !== undefined) amounts.set(amount, (amounts.get(amount) ?? 0) + 1);
}

function sumOf(amounts: Amounts): string {
  let sum = '0';
  for (const [amount, times] of amounts) {
    const { mantissa, ...rest } = parseQuantity(amount);
    sum = addQuantities(sum, formatQuantity({ ...rest, mantissa: mantissa * BigInt(times) }));
  }
  return sum;
}
