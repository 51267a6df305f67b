// The rules of resource quotas: of what there can be one, and for which part of the objects. Upstream:
// ValidateResourceQuota and its siblings in pkg/apis/core/validation.

import { type FieldError, fieldError, Path } from '../field-error.ts';
import { isQuotaResource } from './resource-names.ts';
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from './resource-quota.ts';
import { checkResourceName, checkResourceQuantity } from './resource-validation.ts';

const SPEC = Path.of('spec');
const STATUS = Path.of('status');

export function validateResourceQuota({ spec }: ResourceQuota): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkAmounts(spec.hard, SPEC.child('hard'), errors);
  checkScopes(spec, SPEC.child('scopes'), errors);
  checkScopeSelector(spec, SPEC.child('scopeSelector', 'matchExpressions'), errors);
  return errors;
}

/** Of other objects than before, what is used would have to be counted anew. */
export function validateResourceQuotaUpdate({ spec }: ResourceQuota, previous: ResourceQuota): readonly FieldError[] {
  const before = new Set(previous.spec.scopes);
  if (before.symmetricDifference(new Set(spec.scopes)).size === 0) return [];
  return [fieldError.invalid(SPEC.child('scopes'), spec.scopes, 'field is immutable')];
}

export function validateResourceQuotaStatusUpdate({ status }: ResourceQuota): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkAmounts(status.hard, STATUS.child('hard'), errors);
  checkAmounts(status.used, STATUS.child('used'), errors);
  return errors;
}

function checkAmounts(amounts: Readonly<Record<string, string>> | undefined, at: Path, errors: FieldError[]): void {
  for (const [name, quantity] of Object.entries(amounts ?? {})) {
    const path = at.key(name);
    checkResourceName(name, path, errors);
    if (!name.includes('/') && !isQuotaResource(name)) {
      errors.push(fieldError.invalid(path, name, 'must be a standard resource for quota'));
    }
    checkResourceQuantity(name, quantity, path, errors);
  }
}

const POD_COUNT = ['pods'];
const POD_RESOURCES = [...POD_COUNT, 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];

/** Each scope, and the resources of which the objects in it have some. */
const SCOPES: ReadonlyMap<string, readonly string[]> = new Map([
  ['Terminating', POD_RESOURCES],
  ['NotTerminating', POD_RESOURCES],
  ['BestEffort', POD_COUNT],
  ['NotBestEffort', POD_RESOURCES],
  ['PriorityClass', POD_RESOURCES],
  ['CrossNamespacePodAffinity', POD_RESOURCES],
  ['VolumeAttributesClass', ['persistentvolumeclaims', 'requests.storage']],
]);

const OPPOSITES = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

function checkScopes({ scopes = [], hard = {} }: ResourceQuotaSpec, at: Path, errors: FieldError[]): void {
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) errors.push(fieldError.invalid(at, scopes, 'unsupported scope'));
    for (const _ of unrelatedTo(scope, hard)) {
      errors.push(fieldError.invalid(at, scopes, 'unsupported scope applied to resource'));
    }
  }
  checkOpposites(scopes, scopes, at, errors);
}

/** Quotas that objects of the scope have nothing to do with. */
function unrelatedTo(scope: string, hard: Readonly<Record<string, string>>): readonly string[] {
  const related = SCOPES.get(scope);
  return Object.keys(hard).filter((name) => isQuotaResource(name) && related && !related.includes(name));
}

function checkOpposites(scopes: readonly string[], shown: unknown, at: Path, errors: FieldError[]): void {
  for (const pair of OPPOSITES) {
    if (pair.every((scope) => scopes.includes(scope))) {
      errors.push(fieldError.invalid(at, shown, 'conflicting scopes'));
    }
  }
}

function checkScopeSelector({ scopeSelector, scopes, hard = {} }: ResourceQuotaSpec, at: Path, errors: FieldError[]) {
  if (!scopeSelector) return;
  const requirements = scopeSelector.matchExpressions ?? [];
  for (const requirement of requirements) {
    // Upstream leaves the index out of these paths.
    const { scopeName } = requirement;
    if (!SCOPES.has(scopeName)) errors.push(fieldError.invalid(at.child('scopeName'), scopeName, 'unsupported scope'));
    for (const _ of unrelatedTo(scopeName, hard)) {
      errors.push(fieldError.invalid(at, scopeSelector, 'unsupported scope applied to resource'));
    }
    checkOperator(requirement, at, errors);
  }
  const names = requirements.map(({ scopeName }) => scopeName);
  checkOpposites(names, scopes, at, errors);
}

/** Scopes that an object is in or not, without a value to it. */
const WITHOUT_VALUES = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];

function checkOperator(requirement: ScopedResourceSelectorRequirement, at: Path, errors: FieldError[]): void {
  const { scopeName, operator, values = [] } = requirement;
  if (WITHOUT_VALUES.includes(scopeName) && operator !== 'Exists') {
    const why =
      "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    errors.push(fieldError.invalid(at.child('operator'), operator, why));
  }
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length > 0) return;
    const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    errors.push(fieldError.required(at.child('values'), why));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length === 0) return;
    const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    errors.push(fieldError.invalid(at.child('values'), values, why));
  } else errors.push(fieldError.invalid(at.child('operator'), operator, 'not a valid selector operator'));
}
