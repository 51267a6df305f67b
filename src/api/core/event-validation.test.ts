import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, updateFaultsOf } from '../../../test/support/faults.ts';
import { Event as EventsEvent } from '../events/event.ts';
import { Event } from './event.ts';

type Input = Parameters<typeof faultsOf<typeof Event>>[1];
const event: Input = {
  metadata: {},
  involvedObject: { namespace: 'default' },
  reportingComponent: '',
  reportingInstance: '',
};
const timed = {
  ...event,
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingComponent: 'example.com/a',
  reportingInstance: 'b',
  action: 'c',
  reason: 'd',
};
const faults = (input: Partial<Input>) => faultsOf(Event, { ...event, ...input });

const cases: readonly [title: string, event: Partial<Input>, expected: readonly string[]][] = [
  ['an event of old', {}, []],
  ['an event about what has no namespace', { involvedObject: {} }, []],
  [
    'an event about what has no namespace elsewhere',
    { metadata: { namespace: 'a' }, involvedObject: {} },
    ['involvedObject.namespace: Invalid value: "": does not match event.namespace'],
  ],
  [
    'an event about what is elsewhere',
    { metadata: { namespace: 'a' } },
    ['involvedObject.namespace: Invalid value: "default": does not match event.namespace'],
  ],
  ['an event of now', timed, []],
  ['an event of now about what is elsewhere', { ...timed, metadata: { namespace: 'a' } }, []],
  [
    'an event of now about what has no namespace',
    { ...timed, metadata: { namespace: 'kube-system' }, involvedObject: {} },
    [],
  ],
  [
    'an event of now about what has no namespace elsewhere',
    { ...timed, metadata: { namespace: 'a' }, involvedObject: {} },
    ['involvedObject.namespace: Invalid value: "": does not match event.namespace'],
  ],
  [
    'an event of nobody about nothing',
    { eventTime: timed.eventTime },
    [
      'reportingComponent: Required value',
      'reportingComponent: Invalid value: "": name part must be non-empty',
      "reportingComponent: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'reportingInstance: Required value',
      'action: Required value',
      'reason: Required value',
    ],
  ],
  [
    'an event of too many words',
    {
      ...timed,
      reportingInstance: 'a'.repeat(129),
      action: 'a'.repeat(129),
      reason: 'a'.repeat(129),
      message: 'a'.repeat(1025),
    },
    [
      'reportingInstance: Invalid value: "": can have at most 128 characters',
      'action: Invalid value: "": can have at most 128 characters',
      'reason: Invalid value: "": can have at most 128 characters',
      'message: Invalid value: "": can have at most 1024 characters',
    ],
  ],
  [
    'an event of a reporter that is none',
    { ...timed, reportingComponent: '!' },
    [
      "reportingComponent: Invalid value: \"!\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ],
  [
    'an event of no namespace',
    { metadata: { namespace: 'A' }, involvedObject: { namespace: 'A' } },
    [
      "namespace: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
];

for (const [title, input, expected] of cases) {
  test(`Event.validate of ${title}`, () => {
    assert.deepEqual(faults(input), expected);
  });
}

/** How a required time is written that is not there. */
const NO_TIME = null as unknown as string;

type Strict = Parameters<typeof faultsOf<typeof EventsEvent>>[1];
const strict: Strict = {
  eventTime: timed.eventTime,
  reportingController: 'example.com/a',
  reportingInstance: 'b',
  action: 'c',
  reason: 'd',
  type: 'Normal',
  regarding: { namespace: 'default' },
};
const strictFaults = (input: Partial<Strict>) => faultsOf(EventsEvent, { ...strict, ...input });

const strictCases: readonly [title: string, event: Partial<Strict>, expected: readonly string[]][] = [
  ['an event', { series: { count: 2, lastObservedTime: timed.eventTime } }, []],
  ['an event of no time', { eventTime: NO_TIME }, ['eventTime: Required value']],
  ['an event of another type', { type: 'Error' }, ['type: Invalid value: "": has invalid value: Error']],
  [
    'an event with what was once',
    {
      deprecatedCount: 1,
      deprecatedFirstTimestamp: '2026-01-01T00:00:00Z',
      deprecatedLastTimestamp: '2026-01-01T00:00:00Z',
      deprecatedSource: { component: 'a' },
    },
    [
      'firstTimestamp: Invalid value: "": needs to be unset',
      'lastTimestamp: Invalid value: "": needs to be unset',
      'count: Invalid value: "": needs to be unset',
      'source: Invalid value: "": needs to be unset',
    ],
  ],
  [
    'a series of one',
    { series: { count: 1, lastObservedTime: NO_TIME } },
    ['series.count: Invalid value: "": should be at least 2', 'series.lastObservedTime: Required value'],
  ],
];

for (const [title, input, expected] of strictCases) {
  test(`Event of events.k8s.io: validate of ${title}`, () => {
    assert.deepEqual(strictFaults(input), expected);
  });
}

test('Event of events.k8s.io: only the series may change', () => {
  const series = { count: 2, lastObservedTime: timed.eventTime };
  assert.deepEqual(updateFaultsOf(EventsEvent, { ...strict, series }, strict), []);
  const one = { count: 1, lastObservedTime: timed.eventTime };
  assert.deepEqual(updateFaultsOf(EventsEvent, { ...strict, series: one }, strict), [
    'series.count: Invalid value: "": should be at least 2',
  ]);
  const other = {
    eventTime: '2026-01-02T00:00:00.000000Z',
    reportingController: 'e',
    reportingInstance: 'e',
    action: 'e',
    reason: 'e',
    type: 'Warning',
    note: 'e',
    regarding: { name: 'e' },
    related: { name: 'e' },
    deprecatedCount: 1,
    deprecatedSource: { host: 'e' },
    deprecatedFirstTimestamp: '2026-01-01T00:00:00Z',
    deprecatedLastTimestamp: '2026-01-01T00:00:00Z',
  };
  const changed = updateFaultsOf(EventsEvent, other, strict).map((fault) => {
    assert.match(fault, /: field is immutable$/);
    return fault.replace(/: .*/, '');
  });
  assert.deepEqual(changed.sort(), [
    'action',
    'count',
    'eventTime',
    'firstTimestamp',
    'involvedObject',
    'lastTimestamp',
    'message',
    'reason',
    'related',
    'reportingController',
    'reportingInstance',
    'source',
    'type',
  ]);
});
