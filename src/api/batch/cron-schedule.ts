// The notation of cron in which a CronJob says when it runs: five fields, or a descriptor. When that is, is worked out in
// cron-times.ts. Upstream: github.com/robfig/cron/v3, whose ParseStandard has the texts.

import { isTimeZone } from '../../base/time-zone.ts';
import { durationToMs, TimeFormatError } from '../time.ts';

export type CronSchedule =
  /** Counted from whenever it ran last. */
  | { readonly type: 'every'; readonly intervalMs: number }
  /** At these times of the zone. Absent: UTC. */
  | { readonly type: 'times'; readonly zone: string | undefined; readonly times: CronTimes };

export interface CronTimes {
  readonly minute: CronField;
  readonly hour: CronField;
  readonly dayOfMonth: CronField;
  /** From 1. */
  readonly month: CronField;
  /** From 0, which is Sunday. */
  readonly dayOfWeek: CronField;
}

export interface CronField {
  readonly values: ReadonlySet<number>;
  /** Has `*` in it: days of the other kind alone decide. */
  readonly isAny: boolean;
}

export class CronSyntaxError extends Error {
  override readonly name = 'CronSyntaxError';
}

/** Throws `CronSyntaxError`. */
export function parseCronSchedule(schedule: string): CronSchedule {
  if (schedule === '') throw new CronSyntaxError('empty spec string');
  const { zone, rest = '' } = TIME_ZONE.exec(schedule)?.groups ?? {};
  if (zone === undefined) return parseTimes(schedule, undefined);
  const isMachine = zone === '' || zone === 'Local';
  if (!isMachine && !isTimeZone(zone)) {
    throw new CronSyntaxError(`provided bad location ${zone}: unknown time zone ${zone}`);
  }
  return parseTimes(rest.trim(), isMachine ? undefined : zone);
}

/** What is wrong with a schedule; undefined for a good one. */
export function cronScheduleFault(schedule: string): string | undefined {
  try {
    parseCronSchedule(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof CronSyntaxError) return error.message;
    throw error;
  }
}

interface Field {
  readonly min: number;
  readonly max: number;
  /** Words in lower case for numbers, the first for the least one. */
  readonly words?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Minute, hour, day of the month, month, day of the week. */
const FIELDS: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, words: MONTHS },
  { min: 0, max: 6, words: DAYS },
];

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const EVERY = '@every ';
const TIME_ZONE = /^(?:CRON_)?TZ=(?<zone>[^ ]*)(?<rest>.*)$/s;

function parseTimes(times: string, zone: string | undefined): CronSchedule {
  if (times.startsWith(EVERY)) return { type: 'every', intervalMs: intervalMs(times) };
  if (times.startsWith('@')) {
    const meaning = Object.hasOwn(DESCRIPTORS, times) ? DESCRIPTORS[times] : undefined;
    if (meaning === undefined) throw new CronSyntaxError(`unrecognized descriptor: ${times}`);
    return parseTimes(meaning, zone);
  }
  const fields = times.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== FIELDS.length) {
    throw new CronSyntaxError(
      `expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`,
    );
  }
  const [minute, hour, dayOfMonth, month, dayOfWeek] = FIELDS.map((bounds, i) => parseField(fields[i] ?? '', bounds));
  const parsed = { minute, hour, dayOfMonth, month, dayOfWeek } as CronTimes;
  return { type: 'times', zone, times: parsed };
}

/** In whole seconds, one at least. */
function intervalMs(descriptor: string): number {
  try {
    return Math.max(1, Math.floor(durationToMs(descriptor.slice(EVERY.length)) / 1000)) * 1000;
  } catch (error) {
    if (!(error instanceof TimeFormatError)) throw error;
    throw new CronSyntaxError(`failed to parse duration ${descriptor}: ${error.message}`, { cause: error });
  }
}

function parseField(field: string, bounds: Field): CronField {
  const values = new Set<number>();
  let isAny = false;
  for (const text of field.split(',').filter((range) => range !== '')) {
    const range = parseRange(text, bounds);
    for (let value = range.start; value <= range.end; value += range.stride) values.add(value);
    isAny ||= range.isAny;
  }
  return { values, isAny };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly stride: number;
  readonly isAny: boolean;
}

/** `*`, `5`, `1-5`, any of these with `/2`; a single number with a step goes on to the end. */
function parseRange(range: string, bounds: Field): Range {
  const [ends = '', step, ...moreSteps] = range.split('/');
  const [low = '', high, ...moreEnds] = ends.split('-');
  const isAll = low === '*' || low === '?';
  const start = isAll ? bounds.min : numberOf(low, bounds.words);
  if (!isAll && moreEnds.length > 0) throw new CronSyntaxError(`too many hyphens: ${range}`);
  let end = isAll ? bounds.max : high === undefined ? start : numberOf(high, bounds.words);
  if (moreSteps.length > 0) throw new CronSyntaxError(`too many slashes: ${range}`);
  const stride = step === undefined ? 1 : numberOf(step);
  if (step !== undefined && high === undefined) end = bounds.max;
  const fault = rangeFault({ start, end, stride }, bounds);
  if (fault) throw new CronSyntaxError(`${fault}: ${range}`);
  return { start, end, stride, isAny: isAll && stride === 1 };
}

function rangeFault({ start, end, stride }: Omit<Range, 'isAny'>, { min, max }: Field): string | undefined {
  if (start < min) return `beginning of range (${start}) below minimum (${min})`;
  if (end > max) return `end of range (${end}) above maximum (${max})`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end})`;
  return stride === 0 ? 'step of range should be a positive number' : undefined;
}

function numberOf(text: string, words?: readonly string[]): number {
  const word = words?.indexOf(text.toLowerCase()) ?? -1;
  if (word >= 0) return word + (words === MONTHS ? 1 : 0);
  if (!/^[-+]?\d+$/.test(text)) {
    throw new CronSyntaxError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  const number = Number(text);
  if (number < 0) throw new CronSyntaxError(`negative number (${number}) not allowed: ${text}`);
  return number;
}
