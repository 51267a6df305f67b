// The rules of priority levels. Upstream: ValidatePriorityLevelConfiguration in pkg/apis/flowcontrol/validation.

import { deepEqual } from '../deep-equal.ts';
import { checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { checkConditions } from './flowcontrol-conditions.ts';
import { EXEMPT, MANDATORY_PRIORITY_LEVELS } from './mandatory-objects.ts';
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from './priority-level-configuration.ts';

const SPEC = Path.of('spec');
const NOT_NEGATIVE = 'must be a non-negative integer';

export function validatePriorityLevel({ metadata: { name }, spec }: PriorityLevelConfiguration): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { type } = spec;
  const typeAt = SPEC.child('type');
  if ((name === EXEMPT) !== (type === 'Exempt')) {
    errors.push(fieldError.invalid(typeAt, type, "type must be 'Exempt' if and only if name is 'exempt'"));
  }
  if (type === 'Exempt') checkExemptLevel(spec, errors);
  else if (type === 'Limited') checkLimitedLevel(spec, errors);
  else checkOneOf(type, ['Exempt', 'Limited'], typeAt, errors);
  checkFixed(name, spec, errors);
  return errors;
}

export function validatePriorityLevelStatusUpdate({ status }: PriorityLevelConfiguration): readonly FieldError[] {
  return checkConditions(status.conditions ?? []);
}

/** Of the exempt level administrators may change how much it counts for others. */
function checkFixed(name: string, spec: PriorityLevelConfigurationSpec, errors: FieldError[]): void {
  const fixed = MANDATORY_PRIORITY_LEVELS.get(name);
  if (!fixed) return;
  if (name !== EXEMPT) {
    if (deepEqual(spec, fixed)) return;
    errors.push(fieldError.invalid(SPEC, spec, `spec of '${name}' must equal the fixed value`));
  } else if (!deepEqual({ ...spec, exempt: undefined }, { ...fixed, exempt: undefined })) {
    const why = `spec of '${name}' except the 'spec.exempt' field must equal the fixed value`;
    errors.push(fieldError.invalid(SPEC, spec, why));
  }
}

function checkExemptLevel({ limited, exempt }: PriorityLevelConfigurationSpec, errors: FieldError[]): void {
  if (limited) {
    errors.push(fieldError.forbidden(SPEC.child('limited'), 'must be nil if the type is not Limited'));
  }
  if (exempt) checkExempt(exempt, SPEC.child('exempt'), errors);
}

function checkLimitedLevel({ limited, exempt }: PriorityLevelConfigurationSpec, errors: FieldError[]): void {
  if (exempt) errors.push(fieldError.forbidden(SPEC.child('exempt'), 'must be nil if the type is Limited'));
  const at = SPEC.child('limited');
  if (limited) checkLimited(limited, at, errors);
  else errors.push(fieldError.required(at, 'must not be empty when type is Limited'));
}

function checkExempt(level: ExemptPriorityLevelConfiguration, at: Path, errors: FieldError[]): void {
  checkShares(level.nominalConcurrencyShares, at, errors);
  checkLendable(level.lendablePercent, at, errors);
}

function checkLimited(level: LimitedPriorityLevelConfiguration, at: Path, errors: FieldError[]): void {
  checkShares(level.nominalConcurrencyShares ?? undefined, at, errors);
  checkLimitResponse(level.limitResponse, at.child('limitResponse'), errors);
  checkLendable(level.lendablePercent, at, errors);
  const { borrowingLimitPercent: limit } = level;
  if (limit === undefined || limit >= 0) return;
  errors.push(fieldError.invalid(at.child('borrowingLimitPercent'), limit, `if specified, ${NOT_NEGATIVE}`));
}

function checkShares(shares: number | undefined, at: Path, errors: FieldError[]): void {
  if (shares === undefined || shares >= 0) return;
  errors.push(fieldError.invalid(at.child('nominalConcurrencyShares'), shares, NOT_NEGATIVE));
}

function checkLendable(percent: number | undefined, at: Path, errors: FieldError[]): void {
  if (percent === undefined || (percent >= 0 && percent <= 100)) return;
  errors.push(fieldError.invalid(at.child('lendablePercent'), percent, 'must be between 0 and 100, inclusive'));
}

function checkLimitResponse({ type, queuing }: LimitResponse, at: Path, errors: FieldError[]): void {
  const queuingAt = at.child('queuing');
  // Upstream names the type that it means wrongly.
  if (type === 'Reject') {
    if (!queuing) return;
    errors.push(fieldError.forbidden(queuingAt, 'must be nil if limited.limitResponse.type is not Limited'));
  } else if (type === 'Queue') {
    if (queuing) checkQueuing(queuing, queuingAt, errors);
    else errors.push(fieldError.required(queuingAt, 'must not be empty if limited.limitResponse.type is Limited'));
  } else checkOneOf(type, ['Queue', 'Reject'], at.child('type'), errors);
}

const MAX_QUEUES = 10_000_000;
/** How many bits of a hash the dealing of hands may use. Upstream: shufflesharding.MaxHashBits. */
const MAX_HASH_BITS = 60;
const NOT_POSITIVE = 'must be positive';

function checkQueuing(
  { queues, handSize, queueLengthLimit }: QueuingConfiguration,
  at: Path,
  errors: FieldError[],
): void {
  if (queueLengthLimit <= 0) {
    errors.push(fieldError.invalid(at.child('queueLengthLimit'), queueLengthLimit, NOT_POSITIVE));
  }
  const queuesFault =
    queues <= 0 ? NOT_POSITIVE : queues > MAX_QUEUES ? `must not be greater than ${MAX_QUEUES}` : undefined;
  if (queuesFault !== undefined) errors.push(fieldError.invalid(at.child('queues'), queues, queuesFault));
  const handFault = handSizeFault(queues, handSize);
  if (handFault !== undefined) errors.push(fieldError.invalid(at.child('handSize'), handSize, handFault));
}

function handSizeFault(queues: number, handSize: number): string | undefined {
  if (handSize <= 0) return NOT_POSITIVE;
  if (handSize > queues) return `should not be greater than queues (${queues})`;
  if (Math.ceil(Math.log2(queues) * handSize) <= MAX_HASH_BITS) return undefined;
  return `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${MAX_HASH_BITS}`;
}
