// Event.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { int32, message, microTime, type Read, string, struct, time } from '../schema.ts';
import { eventColumns } from './event-columns.ts';
import { validateEvent } from './event-validation.ts';
import { ObjectReference } from './references.ts';

export const EventSource = struct('core/v1.EventSource', {
  component: string(1),
  host: string(2),
});
export type EventSource = Read<typeof EventSource>;

export const EventSeries = struct('core/v1.EventSeries', {
  count: int32(1),
  lastObservedTime: microTime(2),
});
export type EventSeries = Read<typeof EventSeries>;

const schema = struct('core/v1.Event', {
  metadata: message(1, ObjectMeta, { required: true }),
  involvedObject: message(2, ObjectReference, { required: true }),
  reason: string(3),
  message: string(4),
  source: message(5, EventSource),
  firstTimestamp: time(6),
  lastTimestamp: time(7),
  count: int32(8),
  type: string(9),
  eventTime: microTime(10),
  series: message(11, EventSeries, { optional: true }),
  action: string(12),
  related: message(13, ObjectReference, { optional: true }),
  reportingComponent: string(14, { omit: 'never' }),
  reportingInstance: string(15, { omit: 'never' }),
});
export type Event = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const Event = kind({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
  createOnUpdate: true,
  shortNames: ['ev'],
  schema,
  selectableFields: {
    'involvedObject.kind': ({ involvedObject }) => involvedObject.kind ?? '',
    'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
    'involvedObject.name': ({ involvedObject }) => involvedObject.name ?? '',
    'involvedObject.uid': ({ involvedObject }) => involvedObject.uid ?? '',
    'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent,
    source: ({ source, reportingComponent }) => source.component || reportingComponent,
    type: ({ type }) => type ?? '',
  },
  nameRule: 'pathSegment',
  columns: eventColumns,
  validate: (event) => validateEvent(event),
});
