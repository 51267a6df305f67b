// The rules of events. Those of the core group are lenient, for clients of old, unless an event says when it happened;
// events.k8s.io holds what is written through it to more. Both name the fields of the core group, but for who reports.
// Upstream: pkg/apis/core/validation/events.go.

import { utf8Length } from '../../base/utf8-length.ts';
import { deepEqual } from '../deep-equal.ts';
import { checkQualifiedName, checkRequired, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { immutable } from '../object-validation.ts';
import type { Event } from './event.ts';

const MAX_CHARACTERS = 128;
const MAX_MESSAGE_CHARACTERS = 1024;

/** `reporter`: what the API that the event comes by calls who reports it. */
export function validateEvent(
  event: Event,
  reporter: 'reportingComponent' | 'reportingController' = 'reportingComponent',
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { namespace } = event.metadata;
  const about = event.involvedObject.namespace ?? '';
  // Events about objects without a namespace are kept in one of the cluster's own.
  const isPlaceFine = event.eventTime
    ? about !== '' || namespace === 'default' || namespace === 'kube-system'
    : (about || 'default') === namespace;
  if (!isPlaceFine) {
    const at = Path.of('involvedObject', 'namespace');
    errors.push(fieldError.invalid(at, about, 'does not match event.namespace'));
  }
  if (event.eventTime) checkReport(event, Path.of(reporter), errors);
  checkSubdomain(namespace, Path.of('namespace'), errors);
  return errors;
}

function checkReport(event: Event, reporterAt: Path, errors: FieldError[]): void {
  const { reportingComponent, reportingInstance, action = '', reason = '', message = '' } = event;
  checkRequired(reportingComponent, reporterAt, errors);
  checkQualifiedName(reportingComponent, reporterAt, errors);
  for (const [field, text] of Object.entries({ reportingInstance, action, reason })) {
    checkRequired(text, Path.of(field), errors);
    checkLength(text, MAX_CHARACTERS, Path.of(field), errors);
  }
  checkLength(message, MAX_MESSAGE_CHARACTERS, Path.of('message'), errors);
}

/** Upstream counts bytes and calls them characters. */
function checkLength(text: string, limit: number, at: Path, errors: FieldError[]): void {
  if (utf8Length(text) <= limit) return;
  errors.push(fieldError.invalid(at, '', `can have at most ${limit} characters`));
}

/** What events.k8s.io asks of an event that begins, besides `validateEvent`. */
export function validateEventCreateStrictly(event: Event): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkSeries(event, errors);
  if (!event.eventTime) errors.push(fieldError.required(Path.of('eventTime')));
  const { type = '' } = event;
  if (type !== 'Normal' && type !== 'Warning') {
    errors.push(fieldError.invalid(Path.of('type'), '', `has invalid value: ${type}`));
  }
  const { firstTimestamp, lastTimestamp, count, source } = event;
  const deprecated = { firstTimestamp, lastTimestamp, count, source: source.component || source.host };
  for (const [field, value] of Object.entries(deprecated)) {
    if (value) errors.push(fieldError.invalid(Path.of(field), '', 'needs to be unset'));
  }
  return errors;
}

/** What happened has happened: only the series goes on. */
export function validateEventUpdateStrictly(event: Event, previous: Event): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!deepEqual(event.series, previous.series)) checkSeries(event, errors);
  for (const field of UNCHANGING) {
    const name = field === 'reportingComponent' ? 'reportingController' : field;
    errors.push(...immutable(Path.of(name), event[field], previous[field]));
  }
  return errors;
}

const UNCHANGING = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
] as const satisfies readonly (keyof Event)[];

function checkSeries({ series }: Event, errors: FieldError[]): void {
  if (!series) return;
  if ((series.count ?? 0) < 2) errors.push(fieldError.invalid(Path.of('series.count'), '', 'should be at least 2'));
  if (!series.lastObservedTime) errors.push(fieldError.required(Path.of('series.lastObservedTime')));
}
