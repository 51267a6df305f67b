import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime, timeToMs } from '../time.ts';
import { parseCronSchedule } from './cron-schedule.ts';
import { lastCronTime, nextCronTime } from './cron-times.ts';

const NEW_YORK = 'TZ=America/New_York';
const BERLIN = 'TZ=Europe/Berlin';

/** Each time is the one after the time before it. */
const cases: readonly [title: string, schedule: string, times: readonly string[]][] = [
  ['every minute', '* * * * *', ['2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z', '2026-01-01T00:02:00Z']],
  ['within a minute', '* * * * *', ['2026-01-01T00:00:59Z', '2026-01-01T00:01:00Z']],
  [
    'every quarter of an hour',
    '*/15 * * * *',
    ['2026-01-01T23:46:10Z', '2026-01-02T00:00:00Z', '2026-01-02T00:15:00Z'],
  ],
  ['a step from a number', '40/10 * * * *', ['2026-01-01T00:45:00Z', '2026-01-01T00:50:00Z', '2026-01-01T01:40:00Z']],
  ['some hours', '0 9-17/4 * * *', ['2026-01-01T10:00:00Z', '2026-01-01T13:00:00Z', '2026-01-01T17:00:00Z']],
  ['working days', '30 4 * * mon-fri', ['2026-01-02T05:00:00Z', '2026-01-05T04:30:00Z']],
  ['days of both kinds', '0 0 13 * 5', ['2026-01-09T01:00:00Z', '2026-01-13T00:00:00Z', '2026-01-16T00:00:00Z']],
  ['days of one kind', '0 0 */10 * 5', ['2026-01-01T01:00:00Z', '2026-01-02T00:00:00Z', '2026-01-09T00:00:00Z']],
  ['any day in words', '0 0 ? * 5', ['2026-01-03T00:00:00Z', '2026-01-09T00:00:00Z']],
  ['a month', '0 0 1 feb *', ['2026-02-01T00:00:00Z', '2027-02-01T00:00:00Z']],
  ['the last day of some months', '0 0 31 * *', ['2026-03-31T00:00:00Z', '2026-05-31T00:00:00Z']],
  ['a leap day', '0 12 29 2 *', ['2026-01-01T00:00:00Z', '2028-02-29T12:00:00Z']],
  ['a day that never comes', '59 23 31 2 *', ['2026-01-01T00:00:00Z', 'never']],
  ['@hourly', '@hourly', ['2026-01-01T00:30:00Z', '2026-01-01T01:00:00Z']],
  ['@weekly', '@weekly', ['2026-01-01T00:30:00Z', '2026-01-04T00:00:00Z']],
  ['@yearly', '@yearly', ['2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z']],
  ['@every', '@every 1h30m', ['2026-01-01T00:00:07Z', '2026-01-01T01:30:07Z', '2026-01-01T03:00:07Z']],
  ['@every with less than a second', '@every 10ms', ['2026-01-01T00:00:07Z', '2026-01-01T00:00:08Z']],
  ['a zone', `${NEW_YORK} 0 3 * * *`, ['2026-01-01T00:00:00Z', '2026-01-01T08:00:00Z']],
  ['a zone with half an hour', 'TZ=Asia/Kolkata 0 0 * * *', ['2026-01-01T00:00:00Z', '2026-01-01T18:30:00Z']],
  ['a zone that is a day ahead', 'TZ=Pacific/Kiritimati 0 1 1 2 *', ['2026-01-01T00:00:00Z', '2026-01-31T11:00:00Z']],
  ['the machine', 'TZ=Local 0 3 * * *', ['2026-01-01T00:00:00Z', '2026-01-01T03:00:00Z']],
  // Clocks are put forward from 2:00 to 3:00.
  [
    'hours on the day of a lost one',
    `${NEW_YORK} 0 * * * *`,
    ['2026-03-08T05:30:00Z', '2026-03-08T06:00:00Z', '2026-03-08T07:00:00Z', '2026-03-08T08:00:00Z'],
  ],
  ['a time that is skipped', `${NEW_YORK} 30 2 * * *`, ['2026-03-07T08:00:00Z', '2026-03-09T06:30:00Z']],
  ['after a skipped time', `${NEW_YORK} 0 3 * * *`, ['2026-03-07T09:00:00Z', '2026-03-08T07:00:00Z']],
  [
    'minutes over a skipped hour',
    `${BERLIN} */30 * * * *`,
    ['2026-03-29T00:30:00Z', '2026-03-29T01:00:00Z', '2026-03-29T01:30:00Z'],
  ],
  // Clocks are put back from 2:00 to 1:00.
  [
    'a time that comes twice',
    `${NEW_YORK} 30 1 * * *`,
    ['2026-11-01T04:00:00Z', '2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z', '2026-11-02T06:30:00Z'],
  ],
  [
    'hours on the day of one more',
    `${NEW_YORK} 0 * * * *`,
    ['2026-11-01T04:30:00Z', '2026-11-01T05:00:00Z', '2026-11-01T06:00:00Z', '2026-11-01T07:00:00Z'],
  ],
  // Clocks were put forward from midnight, so that there was none.
  ['no midnight', 'TZ=America/Sao_Paulo 0 0 * * *', ['2018-11-03T03:00:00Z', '2018-11-05T02:00:00Z']],
  // Clocks were put back at midnight, so that an hour of the day before came again.
  [
    'an hour before midnight twice',
    'TZ=America/Sao_Paulo 30 23 * * *',
    ['2018-02-17T12:00:00Z', '2018-02-18T01:30:00Z', '2018-02-18T02:30:00Z', '2018-02-19T02:30:00Z'],
  ],
];

for (const [title, schedule, times] of cases) {
  test(`nextCronTime: ${title}`, () => {
    const parsed = parseCronSchedule(schedule);
    for (const [index, expected] of times.slice(1).entries()) {
      const next = nextCronTime(parsed, timeToMs(times[index] ?? ''));
      assert.equal(next === undefined ? 'never' : formatTime(next), expected);
    }
  });
}

const last: readonly [title: string, schedule: string, after: string, until: string, expected: string][] = [
  ['none yet', '0 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:59:59Z', 'none'],
  ['the end itself', '0 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z', '2026-01-01T01:00:00Z'],
  ['the first', '0 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T01:59:59Z', '2026-01-01T01:00:00Z'],
  ['one of a few', '*/7 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:30:00Z', '2026-01-01T00:28:00Z'],
  ['one of many', '* * * * *', '2020-01-01T00:00:00Z', '2026-01-01T00:30:01Z', '2026-01-01T00:30:00Z'],
  ['long ago', '* * * 1 *', '2020-01-01T00:00:00Z', '2026-12-01T00:00:00Z', '2026-01-31T23:59:00Z'],
  ['never', '0 0 31 2 *', '2020-01-01T00:00:00Z', '2026-12-01T00:00:00Z', 'none'],
  ['counted from the start', '@every 7m', '2026-01-01T00:00:03Z', '2026-01-01T00:30:00Z', '2026-01-01T00:28:03Z'],
];
for (const [title, schedule, after, until, expected] of last) {
  test(`lastCronTime: ${title}`, () => {
    const ms = lastCronTime(parseCronSchedule(schedule), timeToMs(after), timeToMs(until));
    assert.equal(ms === undefined ? 'none' : formatTime(ms), expected);
  });
}

test('nextCronTime agrees with a search minute by minute', () => {
  const schedules = ['TZ=Australia/Lord_Howe */20 1-2 * * *', `${BERLIN} 15 2 * 3,10 0`, `${NEW_YORK} 59 1 1-8 * *`];
  for (const schedule of schedules) {
    const parsed = parseCronSchedule(schedule);
    if (parsed.type !== 'times') throw new Error('has times');
    const { times, zone = 'UTC' } = parsed;
    const shown = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      weekday: 'short',
    });
    const matches = (ms: number) => {
      const parts = Object.fromEntries(shown.formatToParts(ms).map(({ type, value }) => [type, value]));
      const isDay = times.dayOfMonth.values.has(Number(parts['day']));
      const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(parts['weekday'] ?? '');
      const isWeekday = times.dayOfWeek.values.has(weekday);
      return (
        times.minute.values.has(Number(parts['minute'])) &&
        times.hour.values.has(Number(parts['hour'])) &&
        times.month.values.has(Number(parts['month'])) &&
        (times.dayOfMonth.isAny || times.dayOfWeek.isAny ? isDay && isWeekday : isDay || isWeekday)
      );
    };
    for (const day of ['2026-03-07', '2026-03-28', '2026-04-04', '2026-10-03', '2026-10-24', '2026-10-31']) {
      const startMs = timeToMs(`${day}T00:00:00Z`);
      const expected: number[] = [];
      for (let ms = startMs; ms < startMs + 2 * 86_400_000; ms += 60_000) if (matches(ms)) expected.push(ms);
      const found: number[] = [];
      for (let ms = startMs - 1; ; ) {
        const next = nextCronTime(parsed, ms);
        if (next === undefined || next >= startMs + 2 * 86_400_000) break;
        found.push(next);
        ms = next;
      }
      assert.deepEqual(found.map(formatTime), expected.map(formatTime), `${schedule} on ${day}`);
    }
  }
});
