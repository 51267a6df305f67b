// When a schedule in the notation of cron runs. A time matches by what the clocks of its zone show: what they skip when
// they are put forward does not happen that day, what they show twice when they are put back happens twice. Upstream:
// SpecSchedule.Next of github.com/robfig/cron/v3.

import { zoneOffsetMs } from '../../base/time-zone.ts';
import type { CronSchedule, CronTimes } from './cron-schedule.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A schedule that does not match for this long (30 February) never does. */
const MAX_DAYS = 5 * 366;

/** The first time after another one, in milliseconds; undefined if there is none. */
export function nextCronTime(schedule: CronSchedule, afterMs: number): number | undefined {
  switch (schedule.type) {
    case 'every':
      return Math.floor(afterMs / 1000) * 1000 + schedule.intervalMs;
    case 'times':
      return nextMatch(schedule.times, schedule.zone, afterMs);
    default:
      return schedule satisfies never;
  }
}

/** The last time after `afterMs` and not after `untilMs`; undefined if there is none. */
export function lastCronTime(schedule: CronSchedule, afterMs: number, untilMs: number): number | undefined {
  const isBefore = (ms: number) => (nextCronTime(schedule, ms) ?? Number.POSITIVE_INFINITY) <= untilMs;
  if (!isBefore(afterMs)) return undefined;
  if (schedule.type === 'every') {
    const startMs = Math.floor(afterMs / 1000) * 1000;
    return startMs + Math.floor((untilMs - startMs) / schedule.intervalMs) * schedule.intervalMs;
  }
  // Backwards in growing steps until there is a time ahead, then by halves: times are a minute apart at least.
  let [low, high] = [untilMs - MINUTE_MS, untilMs];
  while (low > afterMs && !isBefore(low)) [low, high] = [low - 2 * (untilMs - low), low];
  low = Math.max(low, afterMs);
  while (high - low > MINUTE_MS) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(middle)) low = middle;
    else high = middle;
  }
  return nextCronTime(schedule, low);
}

function nextMatch(times: CronTimes, zone: string | undefined, afterMs: number): number | undefined {
  const today = Math.floor((afterMs + offsetMs(zone, afterMs)) / DAY_MS);
  // The day before begins again where clocks are put back at midnight.
  for (let day = today - 1; day <= today + MAX_DAYS; day++) {
    if (!isOnDay(times, day)) continue;
    const offsets = offsetsOn(zone, day);
    const match = firstOnDay(times, zone, day, offsets, afterMs);
    if (match === undefined) continue;
    if (offsets.length === 1 || !isOnDay(times, day + 1)) return match;
    const another = firstOnDay(times, zone, day + 1, offsetsOn(zone, day + 1), afterMs);
    return Math.min(match, another ?? match);
  }
  return undefined;
}

/** Of days that are counted from 1970. Both kinds of days count if both are given: `0 0 13 * 5` is also on every Friday. */
function isOnDay({ month, dayOfMonth, dayOfWeek }: CronTimes, day: number): boolean {
  const date = new Date(day * DAY_MS);
  if (!month.values.has(date.getUTCMonth() + 1)) return false;
  const isDayOfMonth = dayOfMonth.values.has(date.getUTCDate());
  const isDayOfWeek = dayOfWeek.values.has(date.getUTCDay());
  if (dayOfMonth.isAny || dayOfWeek.isAny) return isDayOfMonth && isDayOfWeek;
  return isDayOfMonth || isDayOfWeek;
}

/** What clocks of the zone are ahead of UTC by at some time of the day: two different values where they are changed. */
function offsetsOn(zone: string | undefined, day: number): readonly number[] {
  // Offsets are between -12 and +14 hours.
  const before = offsetMs(zone, day * DAY_MS - 15 * HOUR_MS);
  const after = offsetMs(zone, (day + 1) * DAY_MS + 13 * HOUR_MS);
  return before === after ? [before] : [before, after];
}

function firstOnDay(
  { hour, minute }: CronTimes,
  zone: string | undefined,
  day: number,
  offsets: readonly number[],
  afterMs: number,
): number | undefined {
  let first: number | undefined;
  for (const offset of offsets) {
    const shown = Math.floor((afterMs + offset - day * DAY_MS) / MINUTE_MS);
    for (let time = Math.max(0, shown + 1); time < 24 * 60; time++) {
      if (!hour.values.has(Math.floor(time / 60)) || !minute.values.has(time % 60)) continue;
      const ms = day * DAY_MS + time * MINUTE_MS - offset;
      if (offsets.length > 1 && offsetMs(zone, ms) !== offset) continue;
      first = Math.min(first ?? ms, ms);
      break;
    }
  }
  return first;
}

function offsetMs(zone: string | undefined, ms: number): number {
  return zone === undefined ? 0 : zoneOffsetMs(zone, ms);
}
