// What `kubectl get events` shows. Upstream: printEvent in pkg/printers/internalversion.

import type { Column } from '../kind.ts';
import { ageOf, nameColumn } from '../printing.ts';
import type { Event } from './event.ts';

export const eventColumns: readonly Column<Event>[] = [
  {
    name: 'Last Seen',
    type: 'string',
    description: 'Time since it happened last.',
    value: lastSeen,
  },
  {
    name: 'Type',
    type: 'string',
    description: 'Whether it is normal or a warning.',
    value: ({ type }) => type ?? '',
  },
  {
    name: 'Reason',
    type: 'string',
    description: 'What happened, in a word.',
    value: ({ reason }) => reason ?? '',
  },
  {
    name: 'Object',
    type: 'string',
    description: 'The object that it happened to.',
    value: ({ involvedObject: { kind = '', name } }) => (name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase()),
  },
  {
    name: 'Subobject',
    type: 'string',
    priority: 1,
    description: 'The part of the object that it happened to.',
    value: ({ involvedObject }) => involvedObject.fieldPath ?? '',
  },
  {
    name: 'Source',
    type: 'string',
    priority: 1,
    description: 'Who says so.',
    value: ({ source, reportingComponent, reportingInstance }) =>
      [source.component || reportingComponent, source.host || reportingInstance]
        .filter((part, index) => index === 0 || part)
        .join(', '),
  },
  {
    name: 'Message',
    type: 'string',
    description: 'What happened.',
    value: ({ message }) => (message ?? '').trim(),
  },
  {
    name: 'First Seen',
    type: 'string',
    priority: 1,
    description: 'Time since it happened first.',
    value: firstSeen,
  },
  {
    name: 'Count',
    type: 'string',
    priority: 1,
    description: 'How often it has happened.',
    value: ({ series, count }) => (series ? (series.count ?? 0) : count || 1),
  },
  { ...nameColumn, priority: 1 },
];

function firstSeen({ firstTimestamp, eventTime }: Event, nowMs: number): string {
  return ageOf(firstTimestamp || eventTime, nowMs);
}

function lastSeen(event: Event, nowMs: number): string {
  if (event.series) return ageOf(event.series.lastObservedTime, nowMs);
  return event.lastTimestamp ? ageOf(event.lastTimestamp, nowMs) : firstSeen(event, nowMs);
}
