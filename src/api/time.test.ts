import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canonicalMicroTime,
  canonicalTime,
  durationToMs,
  formatDuration,
  formatMicroTime,
  formatTime,
  formatTimeAt,
  parseDuration,
  TimeFormatError,
  timeToMs,
} from './time.ts';

test('canonicalTime writes UTC to the second', () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ['2024-05-06T07:08:09Z', '2024-05-06T07:08:09Z'],
    ['2024-05-06T07:08:09.999Z', '2024-05-06T07:08:09Z'],
    ['2024-05-06T07:08:09+02:00', '2024-05-06T05:08:09Z'],
    ['2024-05-06T00:08:09-02:30', '2024-05-06T02:38:09Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59Z'],
    ['0001-01-01T00:00:00Z', null],
    ['0050-01-01T00:00:00Z', '0050-01-01T00:00:00Z'],
  ];
  for (const [given, expected] of cases) assert.equal(canonicalTime(given), expected, given);
});

test('canonicalTime refuses what is no time in the words of Go', () => {
  const layout = '"2006-01-02T15:04:05Z07:00"';
  const cases: readonly (readonly [string, string])[] = [
    ['yesterday', `parsing time "yesterday" as ${layout}: cannot parse "yesterday" as "2006"`],
    ['2024-05-06', `parsing time "2024-05-06" as ${layout}: cannot parse "" as "T"`],
    ['2024-05-06T07:08:09', `parsing time "2024-05-06T07:08:09" as ${layout}: cannot parse "" as "Z07:00"`],
    ['2024-13-06T07:08:09Z', 'parsing time "2024-13-06T07:08:09Z": month out of range'],
    ['2023-02-29T07:08:09Z', 'parsing time "2023-02-29T07:08:09Z": day out of range'],
    ['2024-05-06T24:08:09Z', 'parsing time "2024-05-06T24:08:09Z": hour out of range'],
    ['2024-05-06T07:08:09Zx', 'parsing time "2024-05-06T07:08:09Zx": extra text: "x"'],
  ];
  for (const [given, message] of cases) {
    assert.throws(
      () => canonicalTime(given),
      (error) => error instanceof TimeFormatError && error.message === message,
      given,
    );
  }
});

test('canonicalMicroTime writes UTC to the microsecond and takes six digits, no more and no less', () => {
  assert.equal(canonicalMicroTime('2024-05-06T07:08:09.123456Z'), '2024-05-06T07:08:09.123456Z');
  assert.equal(canonicalMicroTime('2024-05-06T07:08:09.000001+01:00'), '2024-05-06T06:08:09.000001Z');
  assert.equal(canonicalMicroTime('0001-01-01T00:00:00.000000Z'), null);
  const layout = '"2006-01-02T15:04:05.000000Z07:00"';
  assert.throws(() => canonicalMicroTime('2024-05-06T07:08:09Z'), {
    message: `parsing time "2024-05-06T07:08:09Z" as ${layout}: cannot parse "Z" as ".000000"`,
  });
  assert.throws(() => canonicalMicroTime('2024-05-06T07:08:09.1234567Z'), TimeFormatError);
});

test('formatTime, formatMicroTime and timeToMs go both ways', () => {
  const ms = Date.UTC(2024, 4, 6, 7, 8, 9, 123);
  assert.equal(formatTime(ms), '2024-05-06T07:08:09Z');
  assert.equal(formatMicroTime(ms), '2024-05-06T07:08:09.123000Z');
  assert.equal(timeToMs(formatMicroTime(ms)), ms);
  assert.equal(timeToMs('1969-12-31T23:59:59Z'), -1000);
});

test('parseDuration and formatDuration follow Go', () => {
  const cases: readonly (readonly [string, bigint, string])[] = [
    ['0', 0n, '0s'],
    ['1h', 3_600_000_000_000n, '1h0m0s'],
    ['90m', 5_400_000_000_000n, '1h30m0s'],
    ['1.5s', 1_500_000_000n, '1.5s'],
    ['100ms', 100_000_000n, '100ms'],
    ['1us', 1_000n, '1µs'],
    ['1.5µs', 1_500n, '1.5µs'],
    ['-2m3.5s', -123_500_000_000n, '-2m3.5s'],
    ['.5s', 500_000_000n, '500ms'],
    ['7ns', 7n, '7ns'],
  ];
  for (const [text, nanos, formatted] of cases) {
    assert.equal(parseDuration(text), nanos, text);
    assert.equal(formatDuration(nanos), formatted, text);
  }
  assert.equal(durationToMs('1.5s'), 1500);
});

test('parseDuration refuses what is no duration in the words of Go', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'time: invalid duration ""'],
    ['3', 'time: missing unit in duration "3"'],
    ['5d', 'time: unknown unit "d" in duration "5d"'],
    ['soon', 'time: invalid duration "soon"'],
    ['9999999999h', 'time: invalid duration "9999999999h"'],
  ];
  for (const [text, message] of cases) assert.throws(() => parseDuration(text), { message }, text);
});

test('formatTimeAt says how far the clocks are from UTC', () => {
  const noon = Date.UTC(2026, 0, 2, 12);
  assert.equal(formatTimeAt(noon, 0), '2026-01-02T12:00:00Z');
  assert.equal(formatTimeAt(noon, 5.5 * 3_600_000), '2026-01-02T17:30:00+05:30');
  assert.equal(formatTimeAt(noon, -14 * 3_600_000), '2026-01-01T22:00:00-14:00');
});
