// The rules of what webhooks, policies and their bindings have in common: what they match, on which conditions, and with
// which parameters. Expressions have to be there; nothing compiles them yet. Upstream: validateMatchResources and its
// neighbours in pkg/apis/admissionregistration/validation.

import { checkFaults, checkOneOf, checkQualifiedName, checkRequired } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { dns1035Label, dns1123Subdomain, pathSegment } from '../names.ts';
import type { MatchCondition, MatchResources, ParamKind, ParamRef, Variable } from './match-resources.ts';
import { checkRules } from './rule-validation.ts';

const MAX_MATCH_CONDITIONS = 64;
const MUTATING_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** Label selectors are checked as all selectors are. */
export function checkMatchResources(match: MatchResources, at: Path, errors: FieldError[]): void {
  checkRules(match.resourceRules ?? [], at.child('resourceRules'), errors);
  checkRules(match.excludeResourceRules ?? [], at.child('excludeResourceRules'), errors);
}

/** What is deleted cannot be changed. */
export function checkMutatingOperations({ resourceRules = [] }: MatchResources, at: Path, errors: FieldError[]): void {
  for (const { operations = [] } of resourceRules) {
    for (const operation of operations) {
      checkOneOf(operation, MUTATING_OPERATIONS, at.child('resourceRules', 'operations'), errors);
    }
  }
}

export function checkMatchConditions(conditions: readonly MatchCondition[], at: Path, errors: FieldError[]): void {
  if (conditions.length > MAX_MATCH_CONDITIONS) {
    errors.push(fieldError.tooMany(at, conditions.length, MAX_MATCH_CONDITIONS));
  }
  const names = new Set<string>();
  for (const [index, { name, expression }] of conditions.entries()) {
    const nameAt = at.index(index).child('name');
    checkRequired(expression.trim(), at.index(index).child('expression'), errors);
    if (name === '') errors.push(fieldError.required(nameAt));
    else checkQualifiedName(name, nameAt, errors);
    if (names.has(name)) errors.push(fieldError.duplicate(nameAt, name));
    if (name !== '') names.add(name);
  }
}

export function checkVariables(variables: readonly Variable[], at: Path, errors: FieldError[]): void {
  for (const [index, { name, expression }] of variables.entries()) {
    const nameAt = at.index(index).child('name');
    if (name.trim() === '') errors.push(fieldError.required(nameAt, 'name is not specified'));
    else if (!isCelIdentifier(name)) errors.push(fieldError.invalid(nameAt, name, 'must be a valid CEL identifier'));
    if (expression.trim() === '') {
      errors.push(fieldError.required(at.index(index).child('expression'), 'expression is not specified'));
    }
  }
}

const CEL_RESERVED =
  /^(true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)$/;

function isCelIdentifier(name: string): boolean {
  return /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) && !CEL_RESERVED.test(name);
}

export function checkParamKind({ apiVersion = '', kind = '' }: ParamKind, at: Path, errors: FieldError[]): void {
  const versionAt = at.child('apiVersion');
  const parts = apiVersion === '/' ? [''] : apiVersion.split('/');
  if (apiVersion === '') errors.push(fieldError.required(versionAt));
  else if (parts.length > 2) {
    errors.push(fieldError.invalid(versionAt, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  } else {
    const version = parts.at(-1) ?? '';
    const group = parts.length > 1 ? (parts[0] ?? '') : '';
    if (group !== '') checkJoined(dns1123Subdomain(group), group, versionAt, errors);
    if (version === '') errors.push(fieldError.invalid(versionAt, apiVersion, 'version must be specified'));
    else checkJoined(dns1035Label(version), version, versionAt, errors);
  }
  if (kind === '') errors.push(fieldError.required(at.child('kind')));
  else {
    const faults = dns1035Label(kind.toLowerCase());
    if (faults.length === 0) return;
    const why = `may have mixed case, but should otherwise match: ${faults.join(',')}`;
    errors.push(fieldError.invalid(at.child('kind'), kind, why));
  }
}

/** All faults in one error. */
function checkJoined(faults: readonly string[], value: string, at: Path, errors: FieldError[]): void {
  if (faults.length > 0) errors.push(fieldError.invalid(at, value, faults.join(',')));
}

export function checkParamRef(reference: ParamRef, at: Path, errors: FieldError[]): void {
  const { name = '', selector, parameterNotFoundAction = '' } = reference;
  const both = 'name and selector are mutually exclusive';
  if (name !== '') checkFaults(pathSegment(name), name, at.child('name'), errors);
  if (name !== '' && selector) {
    errors.push(fieldError.forbidden(at.child('name'), both), fieldError.forbidden(at.child('selector'), both));
  }
  if (name === '' && !selector) errors.push(fieldError.required(at, 'one of name or selector must be specified'));
  const actionAt = at.child('parameterNotFoundAction');
  if (parameterNotFoundAction === '') errors.push(fieldError.required(actionAt));
  else checkOneOf(parameterNotFoundAction, ['Deny', 'Allow'], actionAt, errors);
}
