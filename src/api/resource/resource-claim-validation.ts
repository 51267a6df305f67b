// The rules of claims for devices and of templates of claims. Upstream: ValidateResourceClaim and
// ValidateResourceClaimTemplate in pkg/apis/resource/validation.

import { deepEqual } from '../deep-equal.ts';
import { checkDriverName, checkLabel, checkMaxBytes, checkRequired } from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { checkConditions } from '../meta/condition-validation.ts';
import { immutable, validateTemplateMetadata } from '../object-validation.ts';
import { checkAllocation } from './allocation-validation.ts';
import { checkSet } from './bounded-lists.ts';
import { checkDeviceClaim, requestNamesOf } from './device-claim-validation.ts';
import { checkData } from './device-configuration-validation.ts';
import { checkPoolName, checkUuid } from './device-name-validation.ts';
import { checkInterfaceAddress } from './interface-address.ts';
import type {
  AllocatedDeviceStatus,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
} from './resource-claim.ts';
import type { ResourceClaimTemplate } from './resource-claim-template.ts';

const SPEC = Path.of('spec');
const STATUS = Path.of('status');
const MAX_CONSUMERS = 256;
const MAX_CONDITIONS = 8;
const MAX_ADDRESSES = 16;
const MAX_INTERFACE_NAME = 256;
const MAX_HARDWARE_ADDRESS = 128;

export function validateResourceClaim({ spec }: ResourceClaim): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkDeviceClaim(spec.devices, SPEC.child('devices'), errors);
  return errors;
}

/** What has been given to a claim was given for what it says. */
export function validateResourceClaimUpdate({ spec }: ResourceClaim, previous: ResourceClaim): readonly FieldError[] {
  return immutable(SPEC, spec, previous.spec);
}

export function validateResourceClaimTemplate({ spec }: ResourceClaimTemplate): readonly FieldError[] {
  const errors = validateTemplateMetadata(spec.metadata, SPEC.child('metadata'));
  checkDeviceClaim(spec.spec.devices, SPEC.child('spec', 'devices'), errors);
  return errors;
}

export function validateResourceClaimTemplateUpdate(
  { spec }: ResourceClaimTemplate,
  previous: ResourceClaimTemplate,
): readonly FieldError[] {
  return immutable(SPEC, spec, previous.spec);
}

export function validateResourceClaimStatusUpdate(
  claim: ResourceClaim,
  previous: ResourceClaim,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { reservedFor, allocation, devices } = claim.status;
  const consumers = { key: ({ uid }: ResourceClaimConsumerReference) => uid, check: checkConsumer };
  checkSet(reservedFor, MAX_CONSUMERS, consumers, STATUS.child('reservedFor'), errors);
  const allocated = new Set(allocation?.devices.results?.map(deviceKey));
  const check = (device: AllocatedDeviceStatus, at: Path) => checkDeviceStatus(device, allocated, at, errors);
  checkSet(devices, Number.POSITIVE_INFINITY, { key: deviceKey, check }, STATUS.child('devices'), errors);
  checkReservations(claim, previous, errors);
  const allocationAt = STATUS.child('allocation');
  const before = previous.status.allocation;
  if (allocation && before) errors.push(...immutable(allocationAt, allocation, before));
  else if (allocation) checkAllocation(allocation, requestNamesOf(claim.spec.devices), allocationAt, errors);
  return errors;
}

interface DeviceId {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  /** Which share of a device that several claims have. */
  readonly shareID?: string;
}

export function deviceKey({ driver, pool, device, shareID }: DeviceId): string {
  return [driver, pool, device, ...(shareID === undefined ? [] : [shareID])].join('/');
}

function checkConsumer({ resource, name, uid }: ResourceClaimConsumerReference, at: Path, errors: FieldError[]): void {
  checkRequired(resource, at.child('resource'), errors);
  checkRequired(name, at.child('name'), errors);
  checkRequired(uid, at.child('uid'), errors);
}

/** Only what has been allocated can be used, and nobody begins to use what is about to go. */
function checkReservations({ metadata, status }: ResourceClaim, previous: ResourceClaim, errors: FieldError[]): void {
  const { reservedFor = [], allocation } = status;
  if (reservedFor.length === 0) return;
  const at = STATUS.child('reservedFor');
  if (!allocation) {
    errors.push(fieldError.forbidden(at, 'may not be specified when `allocated` is not set'));
    return;
  }
  const before = previous.status.reservedFor ?? [];
  const isKnown = (consumer: ResourceClaimConsumerReference) => before.some((other) => deepEqual(other, consumer));
  if (metadata.deletionTimestamp === undefined || reservedFor.every(isKnown)) return;
  const why = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
  errors.push(fieldError.forbidden(at, why));
}

function checkDeviceStatus(
  status: AllocatedDeviceStatus,
  allocated: ReadonlySet<string>,
  at: Path,
  errors: FieldError[],
): void {
  checkDriverName(status.driver, at.child('driver'), errors);
  checkPoolName(status.pool, at.child('pool'), errors);
  checkLabel(status.device, at.child('device'), errors);
  if (status.shareID !== undefined) checkUuid(status.shareID, at.child('shareID'), errors);
  if (!allocated.has(deviceKey(status))) {
    errors.push(fieldError.invalid(at, deviceKey(status), 'must be an allocated device in the claim'));
  }
  const conditions = status.conditions ?? [];
  const conditionsAt = at.child('conditions');
  if (conditions.length > MAX_CONDITIONS) {
    errors.push(fieldError.tooMany(conditionsAt, conditions.length, MAX_CONDITIONS));
  }
  checkConditions(conditions, conditionsAt, errors);
  if (status.data !== undefined) checkData(status.data, at.child('data'), errors);
  if (status.networkData) checkNetworkData(status.networkData, at.child('networkData'), errors);
}

function checkNetworkData(data: NetworkDeviceData, at: Path, errors: FieldError[]): void {
  checkMaxBytes(data.interfaceName, MAX_INTERFACE_NAME, at.child('interfaceName'), errors);
  checkMaxBytes(data.hardwareAddress, MAX_HARDWARE_ADDRESS, at.child('hardwareAddress'), errors);
  const addresses = { key: (address: string) => address, check: checkInterfaceAddress };
  checkSet(data.ips, MAX_ADDRESSES, addresses, at.child('ips'), errors);
}
