import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTimeZone, zoneOffsetMs } from './time-zone.ts';

const cases: readonly [name: string, expected: boolean][] = [
  ['UTC', true],
  ['Etc/UTC', true],
  ['Europe/Berlin', true],
  ['Asia/Kolkata', true],
  ['America/Argentina/Buenos_Aires', true],
  ['Etc/GMT+5', true],
  ['EST5EDT', true],
  ['', false],
  ['utc', false],
  ['europe/berlin', false],
  ['Europe/Atlantis', false],
  ['Local', false],
  ['+01:00', false],
  ['+0100', false],
];
for (const [name, expected] of cases) {
  test(`isTimeZone of ${JSON.stringify(name)}`, () => assert.equal(isTimeZone(name), expected));
}

const HOUR_MS = 3_600_000;
const offsets: readonly [zone: string, at: string, hours: number][] = [
  ['UTC', '2026-07-01T00:00:00Z', 0],
  ['Europe/Berlin', '2026-03-29T00:59:59.999Z', 1],
  ['Europe/Berlin', '2026-03-29T01:00:00Z', 2],
  ['America/New_York', '2026-11-01T06:00:00Z', -5],
  ['Asia/Kolkata', '2026-01-01T00:00:00Z', 5.5],
  ['Pacific/Kiritimati', '2026-12-31T23:00:00Z', 14],
];
for (const [zone, at, hours] of offsets) {
  test(`zoneOffsetMs of ${zone} at ${at}`, () => assert.equal(zoneOffsetMs(zone, Date.parse(at)), hours * HOUR_MS));
}
