// The rules by which a job fails or succeeds early: which ones may be written. Upstream: validatePodFailurePolicy and
// validateSuccessPolicy in pkg/apis/batch/validation.

import { checkNonNegative, checkOneOf, checkQualifiedName } from '../field-checks.ts';
import { type FieldError, fieldError, OMITTED, type Path } from '../field-error.ts';
import { countJobIndexes, JobIndexesError, parseJobIndexes } from './job-indexes.ts';
import type {
  JobSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicy,
  SuccessPolicyRule,
} from './job-spec.ts';

const MAX_FAILURE_RULES = 20;
const MAX_EXIT_CODES = 255;
const MAX_CONDITION_PATTERNS = 20;
const MAX_SUCCESS_RULES = 20;
const MAX_INDEXES_LENGTH = 64 * 1024;

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const CONDITION_STATUSES = ['False', 'True', 'Unknown'];

export function checkPodFailurePolicy({ rules }: PodFailurePolicy, spec: JobSpec, at: Path, errors: FieldError[]) {
  const all = rules ?? [];
  const path = at.child('rules');
  if (all.length > MAX_FAILURE_RULES) errors.push(fieldError.tooMany(path, all.length, MAX_FAILURE_RULES));
  for (const [index, rule] of all.entries()) checkFailureRule(rule, spec, path.index(index), errors);
}

function checkFailureRule(rule: PodFailurePolicyRule, spec: JobSpec, at: Path, errors: FieldError[]): void {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  checkWord(action, ACTIONS, at.child('action'), errors);
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    errors.push(fieldError.invalid(at.child('action'), action, 'requires the backoffLimitPerIndex to be set'));
  }
  if (onExitCodes) checkExitCodes(onExitCodes, containerNames(spec), at.child('onExitCodes'), errors);
  checkPatterns(onPodConditions, at.child('onPodConditions'), errors);
  if (onExitCodes && onPodConditions.length > 0) {
    errors.push(fieldError.invalid(at, OMITTED, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  }
  if (!onExitCodes && onPodConditions.length === 0) {
    errors.push(fieldError.invalid(at, OMITTED, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
}

function containerNames({ template }: JobSpec): ReadonlySet<string> {
  const { containers, initContainers = [] } = template.spec;
  return new Set([...(containers ?? []), ...initContainers].map(({ name }) => name));
}

function checkExitCodes(
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
  names: ReadonlySet<string>,
  at: Path,
  errors: FieldError[],
): void {
  checkWord(operator, OPERATORS, at.child('operator'), errors);
  if (containerName !== undefined && !names.has(containerName)) {
    const why = 'must be one of the container or initContainer names in the pod template';
    errors.push(fieldError.invalid(at.child('containerName'), containerName, why));
  }
  const path = at.child('values');
  const codes = values ?? [];
  if (codes.length === 0) errors.push(fieldError.invalid(path, codes, 'at least one value is required'));
  if (codes.length > MAX_EXIT_CODES) errors.push(fieldError.tooMany(path, codes.length, MAX_EXIT_CODES));
  const seen = new Set<number>();
  for (const [index, code] of codes.entries()) {
    if (operator === 'In' && code === 0) {
      errors.push(fieldError.invalid(path.index(index), code, 'must not be 0 for the In operator'));
    }
    if (seen.has(code)) errors.push(fieldError.duplicate(path.index(index), code));
    seen.add(code);
  }
  if (codes.some((code, index) => code < (codes[index - 1] ?? code))) {
    errors.push(fieldError.invalid(path, codes, 'must be ordered'));
  }
}

function checkPatterns(patterns: readonly PodFailurePolicyOnPodConditionsPattern[], at: Path, errors: FieldError[]) {
  if (patterns.length > MAX_CONDITION_PATTERNS) {
    errors.push(fieldError.tooMany(at, patterns.length, MAX_CONDITION_PATTERNS));
  }
  for (const [index, { type, status }] of patterns.entries()) {
    checkQualifiedName(type, at.index(index).child('type'), errors);
    checkWord(status, CONDITION_STATUSES, at.index(index).child('status'), errors);
  }
}

/** One of a set of words; where there is none, they are named. */
function checkWord(word: string | undefined, words: readonly string[], at: Path, errors: FieldError[]): void {
  if (word) checkOneOf(word, words, at, errors);
  else {
    const shown = words.map((one) => JSON.stringify(one)).join(' ');
    errors.push(fieldError.required(at, `valid values: [${shown}]`));
  }
}

export function checkSuccessPolicy({ rules }: SuccessPolicy, completions: number, at: Path, errors: FieldError[]) {
  const all = rules ?? [];
  const path = at.child('rules');
  if (all.length === 0) {
    const why = 'at least one rules must be specified when the successPolicy is specified';
    errors.push(fieldError.required(path, why));
  }
  if (all.length > MAX_SUCCESS_RULES) errors.push(fieldError.tooMany(path, all.length, MAX_SUCCESS_RULES));
  for (const [index, rule] of all.entries()) checkSuccessRule(rule, completions, path.index(index), errors);
}

function checkSuccessRule(
  { succeededCount: count, succeededIndexes: indexes }: SuccessPolicyRule,
  completions: number,
  at: Path,
  errors: FieldError[],
): void {
  if (count === undefined && indexes === undefined) {
    errors.push(fieldError.required(at, 'at least one of succeededCount or succeededIndexes must be specified'));
  }
  const chosen = indexes === undefined ? 0 : checkIndexes(indexes, completions, at.child('succeededIndexes'), errors);
  if (count === undefined) return;
  const path = at.child('succeededCount');
  checkNonNegative(count, path, errors);
  if (count > completions) {
    const why = `must be less than or equal to ${completions} (the number of specified completions)`;
    errors.push(fieldError.invalid(path, count, why));
  }
  if (indexes !== undefined && count > chosen) {
    const why = `must be less than or equal to ${chosen} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(fieldError.invalid(path, count, why));
  }
}

/** How many indexes there are; none where they cannot be read. */
function checkIndexes(indexes: string, completions: number, at: Path, errors: FieldError[]): number {
  if (indexes.length > MAX_INDEXES_LENGTH) errors.push(fieldError.tooLong(at, MAX_INDEXES_LENGTH));
  try {
    return countJobIndexes(parseJobIndexes(indexes, completions));
  } catch (error) {
    if (!(error instanceof JobIndexesError)) throw error;
    errors.push(fieldError.invalid(at, indexes, `error parsing succeededIndexes: ${error.message}`));
    return 0;
  }
}
