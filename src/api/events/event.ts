// Event.

import { EventSource } from '../core/event.ts';
import { ObjectReference } from '../core/references.ts';
import { kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { int32, message, microTime, type Read, string, struct, time } from '../schema.ts';

export const EventSeries = struct('events.k8s.io/v1.EventSeries', {
  count: int32(1, { required: true }),
  lastObservedTime: microTime(2, { required: true }),
});
export type EventSeries = Read<typeof EventSeries>;

export const Event = kind({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
  createOnUpdate: true,
  shortNames: ['ev'],
  schema: struct('events.k8s.io/v1.Event', {
    metadata: message(1, ObjectMeta, { omit: 'never' }),
    eventTime: microTime(2, { required: true }),
    series: message(3, EventSeries, { optional: true }),
    reportingController: string(4),
    reportingInstance: string(5),
    action: string(6),
    reason: string(7),
    regarding: message(8, ObjectReference),
    related: message(9, ObjectReference, { optional: true }),
    note: string(10),
    type: string(11),
    deprecatedSource: message(12, EventSource, { deprecated: true }),
    deprecatedFirstTimestamp: time(13, { deprecated: true }),
    deprecatedLastTimestamp: time(14, { deprecated: true }),
    deprecatedCount: int32(15, { deprecated: true }),
  }),
});
export type Event = ObjectOf<typeof Event>;
