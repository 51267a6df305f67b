// Event.

import { type Event as CoreEvent, EventSource } from '../core/event.ts';
import { validateEvent, validateEventCreateStrictly, validateEventUpdateStrictly } from '../core/event-validation.ts';
import { ObjectReference } from '../core/references.ts';
import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { int32, message, microTime, type Read, string, struct, time } from '../schema.ts';
import { toCoreEvent } from './convert-event.ts';
import { eventColumns } from './event-columns.ts';

export const EventSeries = struct('events.k8s.io/v1.EventSeries', {
  count: int32(1, { required: true }),
  lastObservedTime: microTime(2, { required: true }),
});
export type EventSeries = Read<typeof EventSeries>;

const schema = struct('events.k8s.io/v1.Event', {
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
});
export type Event = ObjectOf<Kind<typeof schema, 'Namespaced'>>;

export const Event = kind({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  scope: 'Namespaced',
  storedAs: { group: '', version: 'v1', kind: 'Event' },
  createOnUpdate: true,
  shortNames: ['ev'],
  schema,
  selectableFields: {
    'regarding.kind': ({ regarding }) => regarding.kind ?? '',
    'regarding.namespace': ({ regarding }) => regarding.namespace ?? '',
    'regarding.name': ({ regarding }) => regarding.name ?? '',
    'regarding.uid': ({ regarding }) => regarding.uid ?? '',
    'regarding.apiVersion': ({ regarding }) => regarding.apiVersion ?? '',
    'regarding.resourceVersion': ({ regarding }) => regarding.resourceVersion ?? '',
    'regarding.fieldPath': ({ regarding }) => regarding.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingController: ({ reportingController }) => reportingController ?? '',
    type: ({ type }) => type ?? '',
  },
  columns: eventColumns,
  validate: (event) => validateEvent(coreEvent(event), 'reportingController'),
  validateCreate: (event) => validateEventCreateStrictly(coreEvent(event)),
  validateUpdate: (event, previous) => validateEventUpdateStrictly(coreEvent(event), coreEvent(previous)),
});

/** The same event under the names of the core group, in which it is checked. */
function coreEvent(event: Event): CoreEvent {
  return {
    reportingComponent: '',
    reportingInstance: '',
    source: {},
    ...toCoreEvent(event),
  } as unknown as CoreEvent;
}
