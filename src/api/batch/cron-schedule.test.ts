import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cronScheduleFault } from './cron-schedule.ts';

const GOOD = [
  '* * * * *',
  '*/5 * * * *',
  '0 0 1 1 0',
  '59 23 31 12 6',
  '1,2,3-5 ?/2 1-15/3 jan-MAR,Dec Mon-Fri',
  '5/15 * * * *',
  ' 0  3 *\t* * ',
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
  '@every 1h30m',
  'TZ=UTC 0 0 * * *',
  'CRON_TZ=Europe/Berlin @daily',
  'TZ= 0 0 * * *',
];
for (const schedule of GOOD) {
  test(`cronScheduleFault of ${JSON.stringify(schedule)}`, () => assert.equal(cronScheduleFault(schedule), undefined));
}

const BAD: readonly [schedule: string, expected: string][] = [
  ['', 'empty spec string'],
  ['   ', 'expected exactly 5 fields, found 0: []'],
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['0 * * * * *', 'expected exactly 5 fields, found 6: [0 * * * * *]'],
  ['error', 'expected exactly 5 fields, found 1: [error]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* 24 * * *', 'end of range (24) above maximum (23): 24'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['* * * 13 *', 'end of range (13) above maximum (12): 13'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['-1 * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
  ['*/-5 * * * *', 'negative number (-5) not allowed: -5'],
  ['* * * mon *', 'failed to parse int from mon: strconv.Atoi: parsing "mon": invalid syntax'],
  ['@never', 'unrecognized descriptor: @never'],
  ['@every', 'unrecognized descriptor: @every'],
  ['@every day', 'failed to parse duration @every day: time: invalid duration "day"'],
  ['TZ=Europe/Atlantis 0 0 * * *', 'provided bad location Europe/Atlantis: unknown time zone Europe/Atlantis'],
  ['TZ=UTC', 'expected exactly 5 fields, found 0: []'],
];
for (const [schedule, expected] of BAD) {
  test(`cronScheduleFault of ${JSON.stringify(schedule)}`, () => assert.equal(cronScheduleFault(schedule), expected));
}
