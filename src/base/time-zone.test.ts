import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTimeZone } from './time-zone.ts';

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
