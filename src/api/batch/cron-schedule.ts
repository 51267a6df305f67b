// The notation of cron in which a CronJob says when it runs: five fields, or a descriptor. Upstream:
// github.com/robfig/cron/v3, whose ParseStandard has the texts.

import { isTimeZone } from '../../base/time-zone.ts';
import { parseDuration, TimeFormatError } from '../time.ts';

/** What is wrong with a schedule; undefined for a good one. */
export function cronScheduleFault(schedule: string): string | undefined {
  try {
    checkSchedule(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof CronSyntaxError) return error.message;
    throw error;
  }
}

class CronSyntaxError extends Error {
  override readonly name = 'CronSyntaxError';
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

const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const EVERY = '@every ';
const TIME_ZONE = /^(?:CRON_)?TZ=(?<zone>[^ ]*)(?<rest>.*)$/s;

function checkSchedule(schedule: string): void {
  if (schedule === '') throw new CronSyntaxError('empty spec string');
  const { zone, rest = '' } = TIME_ZONE.exec(schedule)?.groups ?? {};
  if (zone === undefined) checkTimes(schedule);
  else {
    const isKnown = zone === '' || zone === 'Local' || isTimeZone(zone);
    if (!isKnown) throw new CronSyntaxError(`provided bad location ${zone}: unknown time zone ${zone}`);
    checkTimes(rest.trim());
  }
}

function checkTimes(times: string): void {
  if (times.startsWith('@')) {
    checkDescriptor(times);
    return;
  }
  const fields = times.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== FIELDS.length) {
    throw new CronSyntaxError(
      `expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`,
    );
  }
  for (const [index, bounds] of FIELDS.entries()) {
    const ranges = (fields[index] ?? '').split(',').filter((range) => range !== '');
    for (const range of ranges) checkRange(range, bounds);
  }
}

function checkDescriptor(descriptor: string): void {
  if (DESCRIPTORS.includes(descriptor)) return;
  if (!descriptor.startsWith(EVERY)) throw new CronSyntaxError(`unrecognized descriptor: ${descriptor}`);
  try {
    parseDuration(descriptor.slice(EVERY.length));
  } catch (error) {
    if (!(error instanceof TimeFormatError)) throw error;
    throw new CronSyntaxError(`failed to parse duration ${descriptor}: ${error.message}`, { cause: error });
  }
}

/** `*`, `5`, `1-5`, any of these with `/2`; a single number with a step goes on to the end. */
function checkRange(range: string, bounds: Field): void {
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
}

function rangeFault(
  { start, end, stride }: { readonly start: number; readonly end: number; readonly stride: number },
  { min, max }: Field,
): string | undefined {
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
