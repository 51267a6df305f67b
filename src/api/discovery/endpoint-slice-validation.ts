// The rules of endpoint slices. Upstream: pkg/apis/discovery/validation.

import { parseIp } from '../../base/ip-address.ts';
import { deepEqual } from '../deep-equal.ts';
import {
  checkFaults,
  checkIp,
  checkLabel,
  checkNotSpecialIp,
  checkQualifiedName,
  checkSubdomain,
} from '../field-checks.ts';
import { type FieldError, fieldError, Path } from '../field-error.ts';
import { validateLabels } from '../label-selector.ts';
import { dns1123Label, dns1123Subdomain, labelValue } from '../names.ts';
import { immutable } from '../object-validation.ts';
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from './endpoint-slice.ts';

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
/** The documentation of the type says 100; services with more ports had no slices then. */
const MAX_PORTS = 20_000;
const MAX_TOPOLOGY_LABELS = 16;
const MAX_HINTS = 8;

/** Endpoints that do not change stay as they are: there were times with fewer rules. */
export function validateEndpointSlice(slice: EndpointSlice, previous?: EndpointSlice): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkEndpoints(slice, errors);
  if (errors.length > 0 && previous && deepEqual(slice.endpoints, previous.endpoints)) errors.length = 0;
  checkPorts(slice.ports ?? [], Path.of('ports'), errors);
  return errors;
}

export function validateEndpointSliceUpdate(slice: EndpointSlice, previous: EndpointSlice): readonly FieldError[] {
  return immutable(Path.of('addressType'), slice.addressType, previous.addressType);
}

function checkEndpoints({ addressType, endpoints }: EndpointSlice, errors: FieldError[]): void {
  const at = Path.of('endpoints');
  const list = endpoints ?? [];
  if (list.length > MAX_ENDPOINTS) return void errors.push(fieldError.tooMany(at, list.length, MAX_ENDPOINTS));
  for (const [index, endpoint] of list.entries()) checkEndpoint(endpoint, addressType, at.index(index), errors);
}

function checkEndpoint(
  endpoint: Endpoint,
  addressType: EndpointSlice['addressType'],
  at: Path,
  errors: FieldError[],
): void {
  const { hostname, nodeName, hints, deprecatedTopology: topology = {} } = endpoint;
  const addresses = endpoint.addresses ?? [];
  const addressesAt = at.child('addresses');
  if (addresses.length === 0) errors.push(fieldError.required(addressesAt, 'must contain at least 1 address'));
  if (addresses.length > MAX_ADDRESSES) errors.push(fieldError.tooMany(addressesAt, addresses.length, MAX_ADDRESSES));
  for (const [index, address] of addresses.entries()) {
    if (addressType === 'FQDN') checkDomain(address, addressesAt.index(index), errors);
    else checkAddress(address, addressType, addressesAt, index, errors);
  }
  if (nodeName !== undefined) checkSubdomain(nodeName, at.child('nodeName'), errors);
  const labels = Object.keys(topology).length;
  const topologyAt = at.child('deprecatedTopology');
  if (labels > MAX_TOPOLOGY_LABELS) errors.push(fieldError.tooMany(topologyAt, labels, MAX_TOPOLOGY_LABELS));
  errors.push(...validateLabels(topology, topologyAt));
  if (hostname !== undefined) checkLabel(hostname, at.child('hostname'), errors);
  if (hints) checkHints(hints, at.child('hints'), errors);
}

/** Upstream says of the list as a whole that an address is of the other family. */
function checkAddress(
  address: string,
  family: 'IPv4' | 'IPv6',
  listAt: Path,
  index: number,
  errors: FieldError[],
): void {
  const at = listAt.index(index);
  if (!checkIp(address, at, errors)) return;
  if (parseIp(address)?.family !== family) {
    errors.push(fieldError.invalid(listAt, address, `must be an ${family} address`));
  }
  checkNotSpecialIp(address, at, errors);
}

/** A name of two labels at least, with or without the dot at its end. */
function checkDomain(name: string, at: Path, errors: FieldError[]): void {
  if (name === '') return void errors.push(fieldError.required(at));
  const domain = name.replace(/\.$/, '');
  const labels = domain.split('.');
  const faults = dns1123Subdomain(domain);
  if (faults.length > 0) errors.push(fieldError.invalid(at, domain, faults.join(',')));
  else if (labels.length < 2) {
    const why = 'should be a domain with at least two segments separated by dots';
    errors.push(fieldError.invalid(at, domain, why));
  } else {
    const wrong = labels.find((label) => dns1123Label(label).length > 0);
    if (wrong !== undefined) errors.push(fieldError.invalid(at, wrong, dns1123Label(wrong).join(',')));
  }
}

function checkHints({ forZones = [], forNodes = [] }: EndpointHints, at: Path, errors: FieldError[]): void {
  const zone = (name: string, path: Path) => checkFaults(labelValue(name), name, path, errors);
  checkHintList(forZones, zone, at.child('forZones'), errors);
  checkHintList(forNodes, (name, path) => checkSubdomain(name, path, errors), at.child('forNodes'), errors);
}

function checkHintList(
  hints: readonly { readonly name: string }[],
  checkName: (name: string, at: Path) => void,
  at: Path,
  errors: FieldError[],
): void {
  if (hints.length > MAX_HINTS) return void errors.push(fieldError.tooMany(at, hints.length, MAX_HINTS));
  const names = new Set<string>();
  for (const [index, { name }] of hints.entries()) {
    const path = at.index(index).child('name');
    if (names.has(name)) errors.push(fieldError.duplicate(path, name));
    names.add(name);
    checkName(name, path);
  }
}

function checkPorts(ports: readonly EndpointPort[], at: Path, errors: FieldError[]): void {
  if (ports.length > MAX_PORTS) return void errors.push(fieldError.tooMany(at, ports.length, MAX_PORTS));
  const names = new Set<string>();
  for (const [index, { name = '', appProtocol }] of ports.entries()) {
    const path = at.index(index);
    if (name !== '') checkLabel(name, path.child('name'), errors);
    if (names.has(name)) errors.push(fieldError.duplicate(path.child('name'), name));
    names.add(name);
    if (appProtocol !== undefined) checkQualifiedName(appProtocol, path.child('appProtocol'), errors);
  }
}
