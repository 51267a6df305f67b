// The rules of Endpoints. Upstream: ValidateEndpoints in pkg/apis/core/validation.

import { deepEqual } from '../deep-equal.ts';
import {
  checkIp,
  checkLabel,
  checkNotSpecialIp,
  checkPort,
  checkQualifiedName,
  checkSubdomain,
} from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from './endpoints.ts';

/** Subsets that do not change stay as they are: there were times with fewer rules. */
export function validateEndpoints({ subsets = [] }: Endpoints, previous?: Endpoints): readonly FieldError[] {
  const errors = subsetErrors(subsets);
  return errors.length > 0 && previous && deepEqual(subsets, previous.subsets) ? [] : errors;
}

function subsetErrors(subsets: readonly EndpointSubset[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { addresses = [], notReadyAddresses = [], ports = [] }] of subsets.entries()) {
    const path = Path.of('subsets').index(index);
    if (addresses.length === 0 && notReadyAddresses.length === 0) {
      errors.push(fieldError.required(path, 'must specify `addresses` or `notReadyAddresses`'));
    }
    for (const [field, list] of Object.entries({ addresses, notReadyAddresses })) {
      for (const [i, address] of list.entries()) checkAddress(address, path.child(field).index(i), errors);
    }
    const needsName = ports.length > 1;
    for (const [i, port] of ports.entries()) checkEndpointPort(port, needsName, path.child('ports').index(i), errors);
  }
  return errors;
}

function checkAddress({ ip, hostname, nodeName }: EndpointAddress, at: Path, errors: FieldError[]): void {
  checkIp(ip, at.child('ip'), errors);
  if (hostname) checkLabel(hostname, at.child('hostname'), errors);
  if (nodeName !== undefined) checkSubdomain(nodeName, at.child('nodeName'), errors);
  checkNotSpecialIp(ip, at.child('ip'), errors);
}

function checkEndpointPort(port: EndpointPort, needsName: boolean, at: Path, errors: FieldError[]): void {
  if (port.name) checkLabel(port.name, at.child('name'), errors);
  else if (needsName) errors.push(fieldError.required(at.child('name')));
  checkPort(port.port, at.child('port'), errors);
  if (port.appProtocol !== undefined) checkQualifiedName(port.appProtocol, at.child('appProtocol'), errors);
}
