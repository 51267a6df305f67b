// The rules of what a claim has been given. Upstream: validateAllocationResult in pkg/apis/resource/validation.

import { checkNodeSelector } from '../core/affinity-validation.ts';
import { checkDriverName, checkLabel, checkOneOf } from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { checkList } from './bounded-lists.ts';
import { checkRequestReference, checkRequestReferences, type RequestNames } from './device-claim-validation.ts';
import { checkConfiguration, MAX_CONFIGURATIONS } from './device-configuration-validation.ts';
import { checkPoolName, checkUuid } from './device-name-validation.ts';
import { checkBindingConditions } from './device-taint-validation.ts';
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
} from './resource-claim.ts';

const MAX_RESULTS = 32;

export function checkAllocation(
  { devices, nodeSelector }: AllocationResult,
  names: RequestNames,
  at: Path,
  errors: FieldError[],
): void {
  const devicesAt = at.child('devices');
  const checkDevice = (result: DeviceRequestAllocationResult, path: Path) => checkResult(result, names, path, errors);
  checkList(devices.results, MAX_RESULTS, checkDevice, devicesAt.child('results'), errors);
  const checkConfig = (config: DeviceAllocationConfiguration, path: Path) => {
    checkSource(config.source, path.child('source'), errors);
    checkRequestReferences(config.requests, names, path.child('requests'), errors);
    checkConfiguration(config, path, errors);
  };
  // Those of the class and those of the claim.
  checkList(devices.config, 2 * MAX_CONFIGURATIONS, checkConfig, devicesAt.child('config'), errors);
  if (nodeSelector) checkNodeSelector(nodeSelector, at.child('nodeSelector'), errors);
}

function checkResult(result: DeviceRequestAllocationResult, names: RequestNames, at: Path, errors: FieldError[]): void {
  checkRequestReference(result.request, names, at.child('request'), errors);
  checkDriverName(result.driver, at.child('driver'), errors);
  checkPoolName(result.pool, at.child('pool'), errors);
  checkLabel(result.device, at.child('device'), errors);
  checkBindingConditions(result, at, errors);
  if (result.shareID !== undefined) checkUuid(result.shareID, at.child('shareID'), errors);
}

function checkSource(source: string, at: Path, errors: FieldError[]): void {
  if (source === '') errors.push(fieldError.required(at));
  else checkOneOf(source, ['FromClaim', 'FromClass'], at, errors);
}
