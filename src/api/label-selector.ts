// Label selectors: the syntax of query strings and the LabelSelector struct, as one compiled form that matches labels.
// Upstream: k8s.io/apimachinery/pkg/labels, meta/v1 helpers.

import { type FieldError, fieldError, type Path } from './field-error.ts';
import type { LabelSelector, LabelSelectorRequirement } from './meta/label-selector.ts';
import { labelValue, qualifiedName } from './names.ts';
import { badRequest } from './status-error.ts';

export type Labels = Readonly<Record<string, string>>;

export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** Sorted, each once. */
  readonly values: readonly string[];
}

export interface LabelMatcher {
  readonly requirements: readonly LabelRequirement[];
  /** Every object matches. */
  readonly isEverything: boolean;
  matches(labels: Labels | undefined): boolean;
}

/** A selector in the syntax of query strings: `app=web,tier in (a,b),!old`. Throws BadRequest. */
export function parseLabelSelector(text: string): LabelMatcher {
  return matcherOf(new Parser(text).parse().sort(byKey));
}

/** The struct: undefined or null matches nothing, an empty one everything. Throws BadRequest for what validation refuses. */
export function compileLabelSelector(selector: LabelSelector | undefined | null): LabelMatcher {
  if (!selector) return NOTHING;
  const exact = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => requirement(key, '=', [value]));
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }) => {
    const known = STRUCT_OPERATORS.get(operator);
    if (!known) throw badRequest(`${JSON.stringify(operator)} is not a valid label selector operator`);
    return requirement(key, known, values ?? []);
  });
  return matcherOf([...exact, ...expressions].sort(byKey));
}

/** The selector of Services and ReplicationControllers: a map of labels. An empty one matches everything. */
export function compileLabelMap(labels: Labels | undefined): LabelMatcher {
  const requirements = Object.entries(labels ?? {}).map(([key, value]): LabelRequirement => {
    return { key, operator: '=', values: [value] };
  });
  return matcherOf(requirements.sort(byKey));
}

/** The value that a label must have, if the selector pins it to one. */
export function requiredLabel(matcher: LabelMatcher, key: string): string | undefined {
  const found = matcher.requirements.find((requirement) => requirement.key === key);
  return found && EXACT.has(found.operator) && found.values.length === 1 ? found.values[0] : undefined;
}

/** The selector in the syntax of query strings. */
export function formatLabelMatcher(matcher: LabelMatcher): string {
  return matcher.requirements.map(formatRequirement).join(',');
}

/** What is wrong with the struct. Upstream: ValidateLabelSelector. */
export function validateLabelSelector(selector: LabelSelector, path: Path): FieldError[] {
  const labels = validateLabels(selector.matchLabels, path.child('matchLabels'));
  const expressions = (selector.matchExpressions ?? []).flatMap((requirement, index) =>
    validateLabelRequirement(requirement, path.child('matchExpressions').index(index)),
  );
  return [...labels, ...expressions];
}

/** What is wrong with one requirement of the struct. Upstream: ValidateLabelSelectorRequirement. */
export function validateLabelRequirement(
  { key, operator, values = [] }: LabelSelectorRequirement,
  at: Path,
): FieldError[] {
  const faults = values.flatMap((value, i) =>
    labelValue(value).map((fault) => fieldError.invalid(at.child('values').index(i), value, fault)),
  );
  return [...operatorErrors(operator, values, at), ...labelKeyErrors(key, at.child('key')), ...faults];
}

export function isStructOperator(operator: string): boolean {
  return STRUCT_OPERATORS.has(operator);
}

/** What is wrong with how many values an operator of the struct has been given; nothing for an unknown operator. */
export function operandErrors(operator: string, values: readonly string[], at: Path): FieldError[] {
  const valuesAt = at.child('values');
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    return [fieldError.required(valuesAt, "must be specified when `operator` is 'In' or 'NotIn'")];
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    return [fieldError.forbidden(valuesAt, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  }
  return [];
}

/** What is wrong with a set of labels. Upstream: ValidateLabels. */
export function validateLabels(labels: Labels | undefined, path: Path): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...labelKeyErrors(key, path),
    ...labelValue(value).map((fault) => fieldError.invalid(path, value, fault)),
  ]);
}

const STRUCT_OPERATORS: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);
const EXACT: ReadonlySet<LabelOperator> = new Set(['=', '==', 'in']);

const NOTHING: LabelMatcher = { requirements: [], isEverything: false, matches: () => false };

function byKey(a: LabelRequirement, b: LabelRequirement): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function matcherOf(requirements: readonly LabelRequirement[]): LabelMatcher {
  const tests = requirements.map(testOf);
  return {
    requirements,
    isEverything: requirements.length === 0,
    matches(labels) {
      for (const test of tests) if (!test(labels)) return false;
      return true;
    },
  };
}

type Test = (labels: Labels | undefined) => boolean;

function testOf({ key, operator, values }: LabelRequirement): Test {
  const labelOf = (labels: Labels | undefined) => (labels && Object.hasOwn(labels, key) ? labels[key] : undefined);
  const [only = ''] = values;
  switch (operator) {
    case '=':
    case '==':
      return (labels) => labelOf(labels) === only;
    case '!=':
      return (labels) => labelOf(labels) !== only;
    case 'in':
      return (labels) => values.includes(labelOf(labels) ?? NO_LABEL);
    case 'notin':
      return (labels) => !values.includes(labelOf(labels) ?? NO_LABEL);
    case 'exists':
      return (labels) => labelOf(labels) !== undefined;
    case '!':
      return (labels) => labelOf(labels) === undefined;
    case 'gt':
      return (labels) => compareIntegers(labelOf(labels), only) > 0;
    case 'lt':
      return (labels) => compareIntegers(labelOf(labels), only) < 0;
    default:
      return operator satisfies never;
  }
}

/** Stands for a label that is not there: no value can be this. */
const NO_LABEL = '\u0000';
const INTEGER = /^[-+]?\d+$/;

/** NaN where one of the two is no integer. */
function compareIntegers(value: string | undefined, limit: string): number {
  if (value === undefined || !INTEGER.test(value) || !INTEGER.test(limit)) return Number.NaN;
  return Number(BigInt(value.replace('+', '')) - BigInt(limit.replace('+', '')));
}

/** Checks the parts of a requirement. Throws BadRequest. */
function requirement(key: string, operator: LabelOperator, given: readonly string[]): LabelRequirement {
  const errors: string[] = qualifiedName(key).length > 0 ? [invalidText('key', key, qualifiedName(key))] : [];
  if ((operator === 'in' || operator === 'notin') && given.length === 0) {
    errors.push(`values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`);
  }
  if ((operator === 'exists' || operator === '!') && given.length > 0) {
    errors.push(
      `values: Invalid value: ${JSON.stringify(given)}: values set must be empty for exists and does not exist`,
    );
  }
  given.forEach((value, index) => {
    if ((operator === 'gt' || operator === 'lt') && !INTEGER.test(value)) {
      errors.push(invalidText(`values[${index}]`, value, ["for 'Gt', 'Lt' operators, the value must be an integer"]));
    }
    const faults = labelValue(value);
    if (faults.length > 0) errors.push(invalidText(`values[${index}][${key}]`, value, faults));
  });
  if (errors.length > 0) throw badRequest(errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`);
  return { key, operator, values: [...new Set(given)].sort() };
}

function invalidText(field: string, value: string, faults: readonly string[]): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${faults.join('; ')}`;
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'gt':
      return `${key}>${values.join()}`;
    case 'lt':
      return `${key}<${values.join()}`;
    default:
      return `${key}${operator}${values.join()}`;
  }
}

function operatorErrors(operator: string, values: readonly string[], at: Path): FieldError[] {
  if (isStructOperator(operator)) return operandErrors(operator, values, at);
  return [fieldError.invalid(at.child('operator'), operator, 'not a valid selector operator')];
}

function labelKeyErrors(key: string, at: Path): FieldError[] {
  return qualifiedName(key).map((fault) => fieldError.invalid(at, key, fault));
}

const TOKEN = /[ \t\r\n]*(!=|==|[=!(),<>]|[^=!(),<> \t\r\n]+)/y;
const SPECIAL = /^[=!(),<>]/;
const BINARY: ReadonlyMap<string, LabelOperator> = new Map([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
]);
const OPERATORS_TEXT = 'in, notin, =, ==, !=, gt, lt';

/** Tokens, with '' at the end; `in` and `notin` are operators behind a key and values elsewhere. */
class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    const tokens: string[] = [];
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) tokens.push(match[1] ?? '');
    this.#tokens = tokens;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    if (this.#peek() === '') return requirements;
    if (!this.#startsRequirement())
      throw badRequest(`found '${this.#peek()}', expected: !, identifier, or 'end of string'`);
    for (;;) {
      requirements.push(this.#requirement());
      const next = this.#take();
      if (next === '') return requirements;
      if (next !== ',') throw badRequest(`found '${next}', expected: ',' or 'end of string'`);
      if (!this.#startsRequirement()) throw badRequest(`found '${this.#peek()}', expected: identifier after ','`);
    }
  }

  #requirement(): LabelRequirement {
    const isNegated = this.#peek() === '!';
    if (isNegated) this.#take();
    const key = this.#take();
    if (!isIdentifier(key)) throw unparsable(`found '${key}', expected: identifier`);
    const faults = qualifiedName(key);
    if (faults.length > 0) throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${faults.join('; ')}`);
    if (isNegated) return requirement(key, '!', []);
    if (this.#peek() === '' || this.#peek() === ',') return requirement(key, 'exists', []);
    const word = this.#take();
    const operator = BINARY.get(word);
    if (!operator) throw unparsable(`found '${word}', expected: ${OPERATORS_TEXT}`);
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#value()];
    try {
      return requirement(key, operator, values);
    } catch (error) {
      throw error instanceof Error ? unparsable(error.message) : error;
    }
  }

  /** `=` at the end means the empty value. */
  #value(): string {
    if (this.#peek() === '' || this.#peek() === ',') return '';
    const value = this.#take();
    if (!isIdentifier(value)) throw unparsable(`found '${value}', expected: identifier`);
    return value;
  }

  /** `(a,b)`; between two commas, and next to a bracket, there is an empty value. */
  #values(): string[] {
    const open = this.#take();
    if (open !== '(') throw unparsable(`found '${open}' expected: '('`);
    const first = this.#peek();
    if (!isIdentifier(first) && first !== ',' && first !== ')') {
      throw unparsable(`found '${first}', expected: ',', ')' or identifier`);
    }
    const values: string[] = [];
    for (;;) {
      values.push(isIdentifier(this.#peek()) ? this.#take() : '');
      const next = this.#take();
      if (next === ')') return values;
      if (next !== ',') throw unparsable(`found '${next}', expected: ',' or ')'`);
    }
  }

  #startsRequirement(): boolean {
    return this.#peek() === '!' || isIdentifier(this.#peek());
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #take(): string {
    return this.#tokens[this.#at++] ?? '';
  }
}

function isIdentifier(token: string): boolean {
  return token !== '' && !SPECIAL.test(token);
}

function unparsable(why: string): Error {
  return badRequest(`unable to parse requirement: ${why}`);
}
