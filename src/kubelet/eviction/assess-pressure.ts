// What is short on a node, for how long already, and what pods have to be ended for: a pure step from one look at the node
// to the next. Upstream: synchronize in pkg/kubelet/eviction/eviction_manager.go.

import { conditionOf, type Observations, type Pressure, resourceOf } from './signals.ts';
import { crossedThresholds, type Threshold } from './thresholds.ts';

/** What is remembered from one look to the next. */
export interface PressureState {
  /** Since when each threshold is crossed without a break. */
  readonly crossedSince: ReadonlyMap<Threshold, number>;
  /** Those that pods have been ended for, and of which not as much is free again as is to be. */
  readonly unresolved: readonly Threshold[];
  /** When there was last a reason for each condition. */
  readonly lastSeen: ReadonlyMap<Pressure, number>;
}

export const NO_PRESSURE: PressureState = { crossedSince: new Map(), unresolved: [], lastSeen: new Map() };

export interface Assessment {
  readonly state: PressureState;
  /** They stay for a while after the shortage is over, so that pods do not come and go with it. */
  readonly conditions: readonly Pressure[];
  /** What something has to be done about now, the most urgent first. */
  readonly due: readonly Threshold[];
}

export interface PressureOptions {
  readonly thresholds: readonly Threshold[];
  /** How long a condition stays at least. */
  readonly transitionMs: number;
}

export function assessPressure(
  before: PressureState,
  observations: Observations,
  { thresholds, transitionMs }: PressureOptions,
  nowMs: number,
): Assessment {
  const unresolved = new Set(crossedThresholds(before.unresolved, observations, { withReclaim: true }));
  const now = new Set(crossedThresholds(thresholds, observations, { withReclaim: false }));
  const crossed = thresholds.filter((threshold) => now.has(threshold) || unresolved.has(threshold));
  const crossedSince = new Map(crossed.map((each) => [each, before.crossedSince.get(each) ?? nowMs]));
  const seen = crossed.map(({ signal }): [Pressure, number] => [conditionOf(signal), nowMs]);
  const lastSeen = new Map([...before.lastSeen, ...seen]);
  const due = crossed
    .filter((threshold) => nowMs - (crossedSince.get(threshold) ?? nowMs) >= threshold.graceMs)
    .toSorted(byUrgency);
  return {
    state: { crossedSince, unresolved: due, lastSeen },
    conditions: CONDITIONS.filter((each) => nowMs - (lastSeen.get(each) ?? Number.NEGATIVE_INFINITY) < transitionMs),
    due,
  };
}

const CONDITIONS: readonly Pressure[] = ['MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** Without memory nothing goes on at all. */
function byUrgency(a: Threshold, b: Threshold): number {
  return Number(resourceOf(b.signal) === 'memory') - Number(resourceOf(a.signal) === 'memory');
}
