// Times and durations as JSON writes them: Time is RFC 3339 in UTC to the second, MicroTime to the microsecond, Duration
// Go's notation. Reading is as lenient as upstream's, writing canonical. Rules: meta/v1 time.go, micro_time.go; Go's time.

/** The text is not a time or duration. The message is the one Go gives. */
export class TimeFormatError extends Error {
  override readonly name = 'TimeFormatError';
}

const CANONICAL_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;
const MICRO_FRACTION = /:\d{2}[.,]\d{6}(?:Z|[+-])/;
/** The instant that Go takes for "no time". */
const ZERO_TIME_MS = -62135596800000;

/** The time to the second, or null for the zero time. Throws `TimeFormatError`. */
export function canonicalTime(text: string): string | null {
  if (CANONICAL_TIME.test(text) && !text.startsWith('0001-01-01')) return text;
  const { ms } = parseTime(text, RFC3339_LAYOUT);
  return ms === ZERO_TIME_MS ? null : formatTime(ms);
}

/**
 * The time to the microsecond, or null for the zero time. Upstream wants exactly six digits of it. Throws
 * `TimeFormatError`.
 */
export function canonicalMicroTime(text: string): string | null {
  if (!MICRO_FRACTION.test(text)) throw new TimeFormatError(explainTime(text, RFC3339_MICRO_LAYOUT));
  const { ms, nanos } = parseTime(text, RFC3339_MICRO_LAYOUT);
  return ms === ZERO_TIME_MS && nanos === 0 ? null : formatMicroTime(ms, Math.trunc(nanos / 1000));
}

/** Milliseconds since 1970 of a Time or MicroTime. Throws `TimeFormatError`. */
export function timeToMs(text: string): number {
  const { ms, nanos } = parseTime(text, RFC3339_LAYOUT);
  return ms + Math.trunc(nanos / 1e6);
}

/** A Time: `2006-01-02T15:04:05Z`. */
export function formatTime(ms: number): string {
  return `${isoSeconds(ms)}Z`;
}

/** RFC 3339 by clocks that are ahead of UTC: `2006-01-02T15:04:05-07:00`. Whole minutes only. */
export function formatTimeAt(ms: number, offsetMs: number): string {
  if (offsetMs === 0) return formatTime(ms);
  const minutes = Math.abs(offsetMs) / 60_000;
  const zone = `${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}`;
  return `${isoSeconds(ms + offsetMs)}${offsetMs < 0 ? '-' : '+'}${zone}`;
}

/** A MicroTime: `2006-01-02T15:04:05.000000Z`. Without `micros` the milliseconds of `ms` count. */
export function formatMicroTime(ms: number, micros?: number): string {
  const fraction = micros ?? Math.round((ms - Math.floor(ms / 1000) * 1000) * 1000);
  return `${isoSeconds(ms)}.${String(fraction).padStart(6, '0')}Z`;
}

const SECONDS_PER_DAY = 86_400;
const MAX_DAYS = 256;
/** `2006-01-02T` of days since 1970 that were asked for lately: the times of objects are mostly of a few days. */
const DAYS = new Map<number, string>();
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

function isoSeconds(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const day = Math.floor(seconds / SECONDS_PER_DAY);
  const second = seconds - day * SECONDS_PER_DAY;
  const [hours, minutes] = [Math.floor(second / 3600), Math.floor(second / 60) % 60];
  return `${isoDay(day)}${TWO_DIGITS[hours]}:${TWO_DIGITS[minutes]}:${TWO_DIGITS[second % 60]}`;
}

function isoDay(day: number): string {
  let text = DAYS.get(day);
  if (text === undefined) {
    const iso = new Date(day * SECONDS_PER_DAY * 1000).toISOString();
    text = iso.slice(0, iso.indexOf('T') + 1);
    if (DAYS.size >= MAX_DAYS) DAYS.clear();
    DAYS.set(day, text);
  }
  return text;
}

const RFC3339_LAYOUT = '2006-01-02T15:04:05Z07:00';
const RFC3339_MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';

/** A whole second in `ms`, and the nanoseconds past it. */
export interface Instant {
  readonly ms: number;
  readonly nanos: number;
}

/** Reads RFC 3339 with any zone and precision. Throws `TimeFormatError`. */
export function parseTime(text: string, layout: string = RFC3339_LAYOUT): Instant {
  if (CANONICAL_TIME.test(text)) return { ms: Date.parse(text), nanos: 0 };
  const match = RFC3339.exec(text);
  if (!match) throw new TimeFormatError(explainTime(text, layout));
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour = '0', zoneMinute = '0'] = match;
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = [year, month, day, hour, minute, second].map(Number);
  const isReal = mo >= 1 && mo <= 12 && d >= 1 && d <= daysIn(y, mo) && h < 24 && mi < 60 && s < 60;
  if (!isReal || Number(zoneHour) > 24 || Number(zoneMinute) > 60) throw new TimeFormatError(explainTime(text, layout));
  const date = new Date(0);
  date.setUTCFullYear(y, mo - 1, d);
  date.setUTCHours(h, mi, s);
  const offsetMs = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000 * (sign === '-' ? -1 : 1);
  return { ms: date.getTime() - offsetMs, nanos: Number(fraction.slice(0, 9).padEnd(9, '0')) };
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/** A piece of the layout: its form, its name, and the range of its number with what that is called. */
type Piece = readonly [form: RegExp, name: string, range?: readonly [min: number, max: number, what: string]];

const PIECES: readonly Piece[] = [
  [/^\d{4}/, '2006'],
  [/^-/, '-'],
  [/^\d{2}/, '01', [1, 12, 'month']],
  [/^-/, '-'],
  [/^\d{2}/, '02'],
  [/^T/, 'T'],
  [/^\d{1,2}/, '15', [0, 23, 'hour']],
  [/^:/, ':'],
  [/^\d{2}/, '04', [0, 59, 'minute']],
  [/^:/, ':'],
  [/^\d{2}/, '05', [0, 59, 'second']],
];
const FRACTION: Piece = [/^(?:[.,]\d+)?/, ''];
const MICROS: Piece = [/^[.,]\d{6}/, '.000000'];
const ZONE: Piece = [/^(?:Z|[+-]\d{2}:\d{2})/, 'Z07:00'];

/** Where the text first departs from the layout or from what there is, in Go's words. */
function explainTime(text: string, layout: string): string {
  const parsing = `parsing time ${quote(text)}`;
  let rest = text;
  for (const [form, name, range] of [...PIECES, layout === RFC3339_LAYOUT ? FRACTION : MICROS, ZONE]) {
    const match = form.exec(rest);
    if (!match) return `${parsing} as ${quote(layout)}: cannot parse ${quote(rest)} as ${quote(name)}`;
    const value = Number(match[0]);
    if (range && (value < range[0] || value > range[1])) return `${parsing}: ${range[2]} out of range`;
    rest = rest.slice(match[0].length);
  }
  const [, hours = 0, minutes = 0] = (/[+-](\d{2}):(\d{2})$/.exec(text) ?? []).map(Number);
  if (rest === '' && hours > 24) return `${parsing}: time zone offset hour out of range`;
  if (rest === '' && minutes > 60) return `${parsing}: time zone offset minute out of range`;
  return rest === '' ? `${parsing}: day out of range` : `${parsing}: extra text: ${quote(rest)}`;
}

// Durations.

const NANOS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const DURATION =
  /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*$/;
const DURATION_PIECE = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g;
const MAX_DURATION = 2n ** 63n;

/** Nanoseconds of a duration in Go's notation (`1h30m`, `1.5s`). Throws `TimeFormatError`. */
export function parseDuration(text: string): bigint {
  const quoted = quote(text);
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0n;
  if (!DURATION.test(text)) throw new TimeFormatError(explainDuration(unsigned, quoted));
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of unsigned.matchAll(DURATION_PIECE)) {
    const perUnit = BigInt(NANOS_PER_UNIT[unit] ?? 0);
    nanos += BigInt(whole === '' ? '0' : whole) * perUnit;
    if (fraction !== '') nanos += (BigInt(fraction) * perUnit) / 10n ** BigInt(fraction.length);
  }
  if (nanos > MAX_DURATION || (nanos === MAX_DURATION && !text.startsWith('-'))) {
    throw new TimeFormatError(`time: invalid duration ${quoted}`);
  }
  return text.startsWith('-') ? -nanos : nanos;
}

/** Milliseconds of a duration, as a number that may have a fraction. Throws `TimeFormatError`. */
export function durationToMs(text: string): number {
  return Number(parseDuration(text)) / 1e6;
}

/** Go's notation: `1h30m0s`, `1.5s`, `100ms`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return hours === 0n ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, places: number): string {
  const digits = String(value).padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -places) : `${digits.slice(0, -places)}.${fraction}`;
}

function explainDuration(unsigned: string, quoted: string): string {
  const number = /^(?:\d+(?:\.\d*)?|\.\d+)/;
  let rest = unsigned;
  while (rest !== '') {
    const digits = number.exec(rest);
    if (!digits) break;
    rest = rest.slice(digits[0].length);
    const unit = /^[^\d.]+/.exec(rest)?.[0];
    if (unit === undefined) return `time: missing unit in duration ${quoted}`;
    if (NANOS_PER_UNIT[unit] === undefined) {
      return `time: unknown unit ${quote(unit)} in duration ${quoted}`;
    }
    rest = rest.slice(unit.length);
  }
  return `time: invalid duration ${quoted}`;
}

/** Go's quotes around a text: what is not ASCII goes out byte by byte. */
function quote(text: string): string {
  return JSON.stringify(text).replace(/[\u{80}-\u{10ffff}]/gu, (char) =>
    Array.from(encoder.encode(char), (byte) => `\\x${byte.toString(16)}`).join(''),
  );
}

const encoder = new TextEncoder();
