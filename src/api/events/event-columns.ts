// What `kubectl get events.events.k8s.io` shows: the same as for the core group, whose events these are too.

import type { Event as CoreEvent } from '../core/event.ts';
import { eventColumns as coreColumns } from '../core/event-columns.ts';
import type { Column } from '../kind.ts';
import type { Event } from './event.ts';

export const eventColumns: readonly Column<Event>[] = coreColumns.map((column) => ({
  ...column,
  value: (event, nowMs) => column.value(toCore(event), nowMs),
}));

/** The same event as the core group has it, as far as the columns look at it. */
function toCore(event: Event): CoreEvent {
  return {
    ...event,
    involvedObject: event.regarding,
    source: event.deprecatedSource,
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    message: event.note ?? '',
    count: event.deprecatedCount ?? 0,
    reportingComponent: event.reportingController ?? '',
    reportingInstance: event.reportingInstance ?? '',
  };
}
