// From which shortage on a node defends itself, as the settings say it. Upstream: ParseThresholdConfig in
// pkg/kubelet/eviction/helpers.go.

import { canonicalQuantity, isQuantity, quantityOf, quantitySign, quantityValue } from '../../api/quantity.ts';
import type { ResourceList } from '../../api/resource-list.ts';
import { durationToMs, TimeFormatError } from '../../api/time.ts';
import type { KubeletSettings } from '../settings/kubelet-configuration.ts';
import { isSignal, type Observation, type Observations, type Signal } from './signals.ts';

/** An amount, or a share of all there is. */
export type ThresholdValue = { readonly quantity: string } | { readonly share: number };

export interface Threshold {
  readonly signal: Signal;
  readonly value: ThresholdValue;
  /** It has to last so long before pods are ended for it; 0 for a hard one, at which pods end at once. */
  readonly graceMs: number;
  /** So much more than the value has to be free again before the shortage is over. */
  readonly reclaim: ThresholdValue | undefined;
}

export type ThresholdSettings = Pick<
  KubeletSettings,
  'evictionHard' | 'evictionSoft' | 'evictionSoftGracePeriod' | 'evictionMinimumReclaim'
>;

/** Hard ones first. Takes settings in which thresholdErrors finds nothing. */
export function evictionThresholds(settings: ThresholdSettings): readonly Threshold[] {
  const { evictionHard, evictionSoft, evictionSoftGracePeriod, evictionMinimumReclaim } = settings;
  const of = ([signal, text]: readonly [string, string], graceMs: number): readonly Threshold[] => {
    // A share of nothing, or of everything, is how a threshold is switched off.
    if (!isSignal(signal) || text === '0%' || text === '100%') return [];
    const reclaim = evictionMinimumReclaim[signal];
    return [
      {
        signal,
        value: thresholdValue(text),
        graceMs,
        reclaim: reclaim === undefined ? undefined : thresholdValue(reclaim),
      },
    ];
  };
  const hard = Object.entries(evictionHard).flatMap((entry) => of(entry, 0));
  const soft = Object.entries(evictionSoft).flatMap((entry) =>
    of(entry, durationToMs(evictionSoftGracePeriod[entry[0]] ?? '0s')),
  );
  const ofPods = hard.filter(({ signal }) => signal === 'memory.available');
  return [...hard, ...soft, ...ofPods.map((each) => ({ ...each, signal: 'allocatableMemory.available' as const }))];
}

/** All that is wrong with them, in upstream's words. */
export function thresholdErrors(settings: ThresholdSettings): readonly string[] {
  const { evictionHard, evictionSoft, evictionSoftGracePeriod, evictionMinimumReclaim } = settings;
  const named = [evictionHard, evictionSoft, evictionSoftGracePeriod, evictionMinimumReclaim].flatMap(Object.keys);
  const unknown = new Set(named.filter((signal) => !isSignal(signal)));
  const missing = Object.keys(evictionSoft).filter((signal) => evictionSoftGracePeriod[signal] === undefined);
  return [
    ...[...unknown].map((signal) => `unsupported eviction signal ${signal}`),
    ...[evictionHard, evictionSoft].flatMap((statements) =>
      Object.entries(statements).flatMap(([signal, text]) => valueErrors(`eviction threshold ${signal}`, text, 0)),
    ),
    ...Object.entries(evictionMinimumReclaim).flatMap(([signal, text]) =>
      valueErrors(`eviction minimum reclaim ${signal}`, text, Number.MIN_VALUE),
    ),
    ...Object.entries(evictionSoftGracePeriod).flatMap(([, text]) => graceErrors(text)),
    ...missing.map((signal) => `grace period must be specified for the soft eviction threshold ${signal}`),
  ];
}

function valueErrors(what: string, text: string, leastPercent: number): readonly string[] {
  if (text.endsWith('%')) {
    const percent = Number(text.slice(0, -1));
    const isPercent = text.length > 1 && percent >= leastPercent && percent <= 100;
    return isPercent ? [] : [`${what} must be between 0% and 100%: ${text}`];
  }
  if (!isQuantity(text)) return [`${what} must be a quantity or a percentage: ${text}`];
  return quantitySign(text) > 0 ? [] : [`${what} must be positive: ${text}`];
}

function graceErrors(text: string): readonly string[] {
  try {
    if (durationToMs(text) >= 0) return [];
    return [`invalid eviction grace period specified: ${text}, must be a positive value`];
  } catch (error) {
    if (error instanceof TimeFormatError) return [error.message];
    throw error;
  }
}

/** Upstream keeps shares with the precision of 32 bits, which shows in the amounts that messages tell. */
function thresholdValue(text: string): ThresholdValue {
  if (!text.endsWith('%')) return { quantity: canonicalQuantity(text) };
  return { share: Math.fround(Math.fround(Number(text.slice(0, -1))) / 100) };
}

export function amountOf(value: ThresholdValue, capacity: number): number {
  return 'quantity' in value ? quantityValue(value.quantity) : Math.trunc(capacity * value.share);
}

/** As messages tell it. */
export function amountText(value: ThresholdValue, capacity: number): string {
  return 'quantity' in value ? value.quantity : quantityOf(amountOf(value, capacity), 'BinarySI');
}

/** Those that are crossed. `withReclaim`: what is to be free besides counts, too. */
export function crossedThresholds(
  thresholds: Iterable<Threshold>,
  observations: Observations,
  { withReclaim }: { readonly withReclaim: boolean },
): readonly Threshold[] {
  return [...thresholds].filter((threshold) => {
    const observed = observations.get(threshold.signal);
    return observed !== undefined && isCrossed(threshold, observed, withReclaim);
  });
}

function isCrossed({ value, reclaim }: Threshold, { available, capacity }: Observation, withReclaim: boolean): boolean {
  const more = withReclaim && reclaim ? amountOf(reclaim, capacity) : 0;
  return amountOf(value, capacity) + more > available;
}

/** What pods cannot have, lest they run into the hard thresholds. `capacity`: of the whole node. */
export function evictionReserved(
  thresholds: readonly Threshold[],
  capacity: { readonly memoryBytes: number; readonly diskBytes: number },
): ResourceList {
  const of = (signal: Signal, whole: number) => {
    const hard = thresholds.find((threshold) => threshold.signal === signal && threshold.graceMs === 0);
    return hard ? String(Math.min(whole, amountOf(hard.value, whole))) : '0';
  };
  return {
    memory: of('memory.available', capacity.memoryBytes),
    'ephemeral-storage': of('nodefs.available', capacity.diskBytes),
  };
}
