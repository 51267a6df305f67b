// Events of the core group and of events.k8s.io are the same objects under other names. Upstream:
// pkg/apis/events/v1/conversion.go.

/** The name in events.k8s.io of each core field that has another one there. */
const EVENTS_NAMES: ReadonlyMap<string, string> = new Map([
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
]);
const CORE_NAMES: ReadonlyMap<string, string> = new Map([...EVENTS_NAMES].map(([core, events]) => [events, core]));

/** A core Event as one of events.k8s.io, not yet in normal form. */
export function toEventsEvent(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return renamed(event, EVENTS_NAMES);
}

/** An Event of events.k8s.io as a core one, not yet in normal form. */
export function toCoreEvent(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return renamed(event, CORE_NAMES);
}

function renamed(
  event: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<string, string>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).map(([key, value]) => [names.get(key) ?? key, value]));
}
