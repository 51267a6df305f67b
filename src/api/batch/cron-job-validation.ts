// The rules of CronJobs. Upstream: ValidateCronJobCreate and ValidateCronJobUpdate in pkg/apis/batch/validation.

import { isTimeZone } from '../../base/time-zone.ts';
import { checkNonNegative, checkRequired } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { CronJob, CronJobSpec } from './cron-job.ts';
import { cronScheduleFault } from './cron-schedule.ts';
import type { JobSpec } from './job-spec.ts';
import { checkJobSpec } from './job-spec-validation.ts';

const SPEC = Path.of('spec');
const SCHEDULE = SPEC.child('schedule');
const TIME_ZONE = SPEC.child('timeZone');

/** So that the time can be added to the name for each job. */
const MAX_NAME_LENGTH = 52;

export function validateCronJob({ spec }: CronJob): readonly FieldError[] {
  const errors: FieldError[] = [];
  const fault = spec.schedule === '' ? undefined : cronScheduleFault(spec.schedule);
  checkRequired(spec.schedule, SCHEDULE, errors);
  if (fault) errors.push(fieldError.invalid(SCHEDULE, spec.schedule, fault));
  checkNonNegative(spec.startingDeadlineSeconds, SPEC.child('startingDeadlineSeconds'), errors);
  const job = spec.jobTemplate.spec;
  checkJobSpec(job, SPEC.child('jobTemplate', 'spec'), errors);
  checkSelector(job, SPEC.child('jobTemplate', 'spec'), errors);
  checkNonNegative(spec.successfulJobsHistoryLimit, SPEC.child('successfulJobsHistoryLimit'), errors);
  checkNonNegative(spec.failedJobsHistoryLimit, SPEC.child('failedJobsHistoryLimit'), errors);
  return errors;
}

export function validateCronJobCreate({ metadata, spec }: CronJob): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkZoneInSchedule(spec, false, errors);
  checkTimeZone(spec.timeZone, errors);
  const { name = '' } = metadata; // One without a name is refused for all kinds alike.
  if (name.length > MAX_NAME_LENGTH) {
    errors.push(fieldError.invalid('metadata.name', name, `must be no more than ${MAX_NAME_LENGTH} characters`));
  }
  return errors;
}

/** What was there before the rules may stay: a zone in the schedule, a zone that is not known any more, a long name. */
export function validateCronJobUpdate({ spec }: CronJob, previous: CronJob): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkZoneInSchedule(spec, hasZone(previous.spec.schedule), errors);
  if (spec.timeZone !== previous.spec.timeZone) checkTimeZone(spec.timeZone, errors);
  return errors;
}

function hasZone(schedule: string): boolean {
  return schedule.includes('TZ');
}

function checkZoneInSchedule({ schedule, timeZone }: CronJobSpec, isAllowed: boolean, errors: FieldError[]): void {
  if (!hasZone(schedule)) return;
  if (!isAllowed) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    errors.push(fieldError.invalid(SCHEDULE, schedule, why));
  } else if (timeZone !== undefined) {
    const why = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    errors.push(fieldError.invalid(SCHEDULE, schedule, why));
  }
}

/** A component of a zone's name. Digits and plus signs are in names of old. */
const ZONE_PART = /^[A-Za-z._0-9+][-A-Za-z._0-9+]{0,13}$/;

function checkTimeZone(timeZone: string | undefined, errors: FieldError[]): void {
  if (timeZone === undefined) return;
  const refuse = (why: string) => errors.push(fieldError.invalid(TIME_ZONE, timeZone, why));
  const isWellFormed = timeZone.split('/').every((part) => part !== '.' && part !== '..' && ZONE_PART.test(part));
  if (timeZone === '') refuse('timeZone must be nil or non-empty string');
  else if (!isWellFormed) refuse(`unknown time zone ${timeZone}`);
  else if (timeZone.toLowerCase() === 'local') {
    refuse('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
    // Upstream knows this one word for the zone of the machine, in this case only.
    if (timeZone !== 'Local') refuse(`unknown time zone ${timeZone}`);
  } else if (!isTimeZone(timeZone)) refuse(`unknown time zone ${timeZone}`);
}

/** Each job gets a selector of its own. */
function checkSelector({ selector, manualSelector }: JobSpec, at: Path, errors: FieldError[]): void {
  if (selector) errors.push(fieldError.invalid(at.child('selector'), selector, '`selector` will be auto-generated'));
  if (manualSelector) {
    errors.push(fieldError.notSupported(at.child('manualSelector'), manualSelector, ['nil', 'false']));
  }
}
