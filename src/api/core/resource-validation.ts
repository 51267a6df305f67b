// The rules of resource names, quantities, requests and limits. Upstream: validateResourceRequirements and what is around
// it in pkg/apis/core/validation.

import { checkFaults, checkLabel, checkNonNegativeQuantity } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { qualifiedName } from '../names.ts';
import { compareQuantities, isWholeQuantity, parseQuantity, QuantityError, quantitySign } from '../quantity.ts';
import type { ResourceClaim, ResourceRequirements } from './container-resources.ts';
import {
  hugePageSize,
  isExtendedResource,
  isHugePages,
  isIntegerResource,
  isNativeResource,
  isOvercommitAllowed,
  isPodLevelResource,
  isStandardContainerResource,
  isStandardResource,
  POD_LEVEL_RESOURCES,
} from './resource-names.ts';

type CheckName = (name: string, at: Path, errors: FieldError[]) => void;

/** `claimNames` are those of the pod's resource claims. */
export function checkContainerResources(
  resources: ResourceRequirements,
  claimNames: ReadonlySet<string>,
  at: Path,
  errors: FieldError[],
): void {
  checkRequirements(resources, checkContainerResourceName, at, errors);
  checkClaims(resources.claims ?? [], claimNames, at.child('claims'), errors);
}

export function checkPodLevelResources(resources: ResourceRequirements, at: Path, errors: FieldError[]): void {
  if (resources.claims) {
    errors.push(fieldError.forbidden(at.child('claims'), 'claims may not be set for Resources at pod-level'));
  }
  checkRequirements(resources, checkPodResourceName, at, errors);
}

/** A quantity as it may stand for a resource: not negative, and whole where the resource is counted. */
export function checkResourceQuantity(name: string, quantity: string, at: Path, errors: FieldError[]): void {
  checkNonNegativeQuantity(quantity, at, errors);
  if (isIntegerResource(name) && !isWholeQuantity(quantity)) {
    errors.push(fieldError.invalid(at, quantity, 'must be an integer'));
  }
}

function checkRequirements(
  { limits = {}, requests = {} }: ResourceRequirements,
  checkName: CheckName,
  at: Path,
  errors: FieldError[],
): void {
  for (const [name, quantity] of Object.entries(limits)) {
    checkResource(name, quantity, checkName, at.child('limits').key(name), errors);
  }
  for (const [name, quantity] of Object.entries(requests)) {
    checkResource(name, quantity, checkName, at.child('requests').key(name), errors);
    checkAgainstLimit(name, quantity, Object.hasOwn(limits, name) ? limits[name] : undefined, at, errors);
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(fieldError.forbidden(at, 'HugePages require cpu or memory'));
  }
}

function checkResource(name: string, quantity: string, checkName: CheckName, at: Path, errors: FieldError[]): void {
  checkName(name, at, errors);
  checkResourceQuantity(name, quantity, at, errors);
  if (isHugePages(name) && !isMultipleOf(quantity, hugePageSize(name))) {
    errors.push(fieldError.invalid(at, quantity, `${quantity} is not positive integer multiple of ${name}`));
  }
}

function checkAgainstLimit(name: string, request: string, limit: string | undefined, at: Path, errors: FieldError[]) {
  if (limit === undefined) {
    if (isOvercommitAllowed(name)) return;
    errors.push(fieldError.required(at.child('limits'), 'Limit must be set for non overcommitable resources'));
    return;
  }
  const order = compareQuantities(request, limit);
  if (order !== 0 && !isOvercommitAllowed(name)) {
    const why = `must be equal to ${name} limit of ${limit}`;
    errors.push(fieldError.invalid(at.child('requests'), request, why));
  } else if (order > 0) {
    const why = `must be less than or equal to ${name} limit of ${limit}`;
    errors.push(fieldError.invalid(at.child('requests'), request, why));
  }
}

export function checkResourceName(name: string, at: Path, errors: FieldError[]): boolean {
  const faults = qualifiedName(name);
  checkFaults(faults, name, at, errors);
  if (faults.length > 0) return false;
  if (name.includes('/') || isStandardResource(name)) return true;
  errors.push(fieldError.invalid(at, name, 'must be a standard resource type or fully qualified'));
  return false;
}

export function checkContainerResourceName(name: string, at: Path, errors: FieldError[]): void {
  checkResourceName(name, at, errors);
  if (!name.includes('/')) {
    if (isStandardContainerResource(name)) return;
    errors.push(fieldError.invalid(at, name, 'must be a standard resource for containers'));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(fieldError.invalid(at, name, "doesn't follow extended resource name standard"));
  }
}

function checkPodResourceName(name: string, at: Path, errors: FieldError[]): void {
  if (checkResourceName(name, at, errors) && !isPodLevelResource(name)) {
    errors.push(fieldError.notSupported(at, name, POD_LEVEL_RESOURCES));
  }
}

/** A claim can be used as a whole once, or one or several of its requests once each. */
function checkClaims(claims: readonly ResourceClaim[], known: ReadonlySet<string>, at: Path, errors: FieldError[]) {
  const used = new Set<string>();
  for (const [index, { name, request }] of claims.entries()) {
    const path = at.index(index);
    if (name === '') {
      errors.push(fieldError.required(path));
      continue;
    }
    if (request) checkLabel(request, path.child('request'), errors);
    const key = request ? `${name}/${request}` : name;
    if (used.has(name)) errors.push(fieldError.duplicate(path, name));
    else if (used.has(key)) errors.push(fieldError.duplicate(path, key));
    else if (!request && [...used].some((other) => other.startsWith(`${name}/`))) {
      errors.push(fieldError.duplicate(path, name));
    }
    used.add(key);
    if (known.has(name)) continue;
    const names = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`;
    const detail = `must be one of the names in pod.spec.resourceClaims${names}`;
    errors.push({ ...fieldError.notFound(path, name), detail });
  }
}

function isMultipleOf(quantity: string, unit: string): boolean {
  try {
    if (quantitySign(unit) <= 0) return false;
  } catch (error) {
    if (error instanceof QuantityError) return false; // The name of the resource is refused as well.
    throw error;
  }
  const size = wholeValue(unit);
  return size > 0n && isWholeQuantity(quantity) && wholeValue(quantity) % size === 0n;
}

function wholeValue(quantity: string): bigint {
  const { mantissa, exponent } = parseQuantity(quantity);
  return exponent >= 0 ? mantissa * 10n ** BigInt(exponent) : mantissa / 10n ** BigInt(-exponent);
}
