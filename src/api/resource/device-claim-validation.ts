// The rules of what a claim asks for. Upstream: validateDeviceClaim in pkg/apis/resource/validation.

import { checkLabel, checkSubdomain } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { checkList, checkSet } from './bounded-lists.ts';
import { checkConfiguration, checkSelectors, MAX_CONFIGURATIONS } from './device-configuration-validation.ts';
import { checkFullAttributeName } from './device-name-validation.ts';
import { checkTolerations } from './device-taint-validation.ts';
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  ExactDeviceRequest,
} from './resource-claim-spec.ts';

const MAX_REQUESTS = 32;
const MAX_ALTERNATIVES = 8;
const MAX_CONSTRAINTS = 32;

/** The requests of a claim with the alternatives that each of them has. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>;

export function requestNamesOf({ requests }: DeviceClaim): RequestNames {
  return new Map(
    (requests ?? []).map(({ name, firstAvailable }) => [name, new Set(firstAvailable?.map((one) => one.name))]),
  );
}

export function checkDeviceClaim(claim: DeviceClaim, at: Path, errors: FieldError[]): void {
  const names = requestNamesOf(claim);
  checkSet(claim.requests, MAX_REQUESTS, { key: nameOf, check: checkRequest }, at.child('requests'), errors);
  const checkConstraintOf = (constraint: DeviceConstraint, path: Path) =>
    checkConstraint(constraint, names, path, errors);
  checkList(claim.constraints, MAX_CONSTRAINTS, checkConstraintOf, at.child('constraints'), errors);
  const checkConfig = (config: NonNullable<DeviceClaim['config']>[number], path: Path) => {
    checkRequestReferences(config.requests, names, path.child('requests'), errors);
    checkConfiguration(config, path, errors);
  };
  checkList(claim.config, MAX_CONFIGURATIONS, checkConfig, at.child('config'), errors);
}

/** Which requests something is about: by their names, or `request/alternative`. */
export function checkRequestReferences(
  references: readonly string[] | undefined,
  names: RequestNames,
  at: Path,
  errors: FieldError[],
): void {
  const check = (reference: string, path: Path) => checkRequestReference(reference, names, path, errors);
  checkSet(references, MAX_REQUESTS, { key: (reference) => reference, check }, at, errors);
}

export function checkRequestReference(reference: string, names: RequestNames, at: Path, errors: FieldError[]): void {
  const why = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  const [name = '', alternative, ...rest] = reference.split('/');
  if (rest.length === 0) for (const part of reference.split('/')) checkLabel(part, at, errors);
  const alternatives = names.get(name);
  const isKnown = alternatives && (alternative === undefined || alternatives.has(alternative));
  if (rest.length > 0 || !isKnown) errors.push(fieldError.invalid(at, reference, why));
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function checkRequest({ name, exactly, firstAvailable }: DeviceRequest, at: Path, errors: FieldError[]): void {
  checkLabel(name, at.child('name'), errors);
  const why = 'exactly one of `exactly` or `firstAvailable` is required';
  if (firstAvailable?.length && exactly) {
    errors.push(fieldError.invalid(at, null, `${why}, but multiple fields are set`));
  } else if (firstAvailable?.length) {
    const check = (alternative: DeviceSubRequest, path: Path) => {
      checkLabel(alternative.name, path.child('name'), errors);
      checkDevices(alternative, path, errors);
    };
    checkSet(firstAvailable, MAX_ALTERNATIVES, { key: nameOf, check }, at.child('firstAvailable'), errors);
  } else if (exactly) checkDevices(exactly, at.child('exactly'), errors);
  else errors.push(fieldError.required(at, why));
}

function checkDevices(request: ExactDeviceRequest | DeviceSubRequest, at: Path, errors: FieldError[]): void {
  const { deviceClassName, selectors, allocationMode, count = 0, tolerations } = request;
  const classAt = at.child('deviceClassName');
  if (deviceClassName === '') errors.push(fieldError.required(classAt));
  else checkSubdomain(deviceClassName, classAt, errors);
  checkSelectors(selectors, at.child('selectors'), errors);
  const countAt = at.child('count');
  if (allocationMode === 'All' && count !== 0) {
    errors.push(fieldError.invalid(countAt, count, "must not be specified when allocationMode is 'All'"));
  }
  if (allocationMode === 'ExactCount' && count <= 0) {
    errors.push(fieldError.invalid(countAt, count, 'must be greater than zero'));
  }
  checkTolerations(tolerations, at.child('tolerations'), errors);
}

function checkConstraint(constraint: DeviceConstraint, names: RequestNames, at: Path, errors: FieldError[]): void {
  const { requests, matchAttribute, distinctAttribute } = constraint;
  checkRequestReferences(requests, names, at.child('requests'), errors);
  if (matchAttribute !== undefined) {
    checkFullAttributeName(matchAttribute, at.child('matchAttribute'), errors);
  } else if (distinctAttribute !== undefined) {
    checkFullAttributeName(distinctAttribute, at.child('distinctAttribute'), errors);
  } else {
    // As upstream puts it, though none is.
    const why = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
    errors.push(fieldError.required(at, why));
  }
}
