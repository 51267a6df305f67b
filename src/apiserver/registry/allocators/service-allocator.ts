// Gives services their addresses and node ports as they are written, and takes back what they need no longer. Upstream:
// k8s.io/kubernetes/pkg/registry/core/service/storage/alloc.go.

import { Service, type ServicePort, type ServiceSpec } from '../../../api/core/service.ts';
import {
  allocatesNodePorts,
  isHeadless,
  needsClusterIP,
  needsHealthCheckNodePort,
  needsNodePorts,
} from '../../../api/core/service-rules.ts';
import { type FieldError, fieldError, Path } from '../../../api/field-error.ts';
import type { AnyDraft, AnyObject } from '../../../api/kind.ts';
import type { Draft } from '../../../api/schema.ts';
import { invalid, StatusError } from '../../../api/status-error.ts';
import type { Reservation, StorageHook, StorageHookOptions } from '../storage-hook.ts';
import { AllocationError } from './allocation-error.ts';
import { settleFamilies } from './ip-families.ts';
import { NodePorts, nodePortsOf } from './node-ports.ts';
import { addressesOf, ServiceAddresses, type ServiceAddressesDeps, type ServiceName } from './service-addresses.ts';

export interface ServiceAllocatorOptions {
  /** The range of service addresses: `10.96.0.0/12`. */
  readonly serviceCidr: string;
  /** Absent: 30000 to 32767. */
  readonly nodePorts?: { readonly first: number; readonly last: number };
}

/** Disposing waits for what is being given back. */
export interface ServiceAllocator extends StorageHook, AsyncDisposable {
  /** Brings the record of addresses in line with the services that there are; at start, and now and then. */
  repair(options: { readonly signal: AbortSignal }): Promise<void>;
}

const DEFAULT_NODE_PORTS = { first: 30000, last: 32767 } as const;

export function serviceAllocator(
  deps: ServiceAddressesDeps,
  { serviceCidr, nodePorts = DEFAULT_NODE_PORTS }: ServiceAllocatorOptions,
): ServiceAllocator {
  const books = { addresses: new ServiceAddresses(deps, { cidr: serviceCidr }), ports: new NodePorts(deps, nodePorts) };
  return {
    kind: Service,
    beforeCreate: (draft, options) => prepare(books, draft, undefined, options),
    beforeUpdate: (draft, previous, options) => prepare(books, draft, previous, options),
    afterDelete(object) {
      const { spec, metadata } = object as unknown as Service;
      for (const address of addressesOf(spec)) books.addresses.release(address, metadata);
    },
    repair: (options) => books.addresses.repair(options),
    async [Symbol.asyncDispose]() {
      books.ports[Symbol.dispose]();
      await books.addresses[Symbol.asyncDispose]();
    },
  };
}

interface Books {
  readonly addresses: ServiceAddresses;
  readonly ports: NodePorts;
}

/** What has been set aside so far: all of it is given back when something fails. */
interface SetAside {
  readonly service: ServiceName;
  readonly addresses: string[];
  readonly ports: number[];
}

async function prepare(
  books: Books,
  draft: AnyDraft,
  before: AnyObject | undefined,
  { dryRun }: StorageHookOptions,
): Promise<Reservation> {
  const service = draft as unknown as Draft<Service>;
  const previous = before as unknown as Service | undefined;
  const errors = settleFamilies(service, previous);
  if (errors.length > 0) throw refusal(service, errors);
  const setAside: SetAside = { service: nameOf(service), addresses: [], ports: [] };
  try {
    await giveAddress(books, service, previous, setAside, dryRun);
    giveNodePorts(books, service, previous?.spec, setAside);
    giveHealthCheckPort(books, service.spec, previous?.spec, setAside);
  } catch (error) {
    giveBack(books, setAside, dryRun);
    throw error;
  }
  return {
    commit(object) {
      const written = object as unknown as Service;
      books.ports.commit(setAside.ports, written);
      const kept = addressesOf(written.spec);
      for (const address of previous ? addressesOf(previous.spec) : []) {
        if (!kept.includes(address)) books.addresses.release(address, setAside.service);
      }
    },
    release: () => giveBack(books, setAside, dryRun),
  };
}

function giveBack({ addresses, ports }: Books, setAside: SetAside, dryRun: boolean): void {
  ports.release(setAside.ports);
  if (!dryRun) for (const address of setAside.addresses) addresses.release(address, setAside.service);
}

/** New services and those that were an external name get one; a service never changes the one it has. */
async function giveAddress(
  { addresses }: Books,
  service: Draft<Service>,
  previous: Service | undefined,
  setAside: SetAside,
  dryRun: boolean,
): Promise<void> {
  const { spec } = service;
  const hadAddress = previous !== undefined && needsClusterIP(previous.spec);
  if (!needsClusterIP(spec) || isHeadless(spec) || spec.clusterIPs?.[0] === 'None' || hadAddress) return;
  const wanted = spec.clusterIPs?.[0] || spec.clusterIP;
  try {
    const address = await addresses.allocate(setAside.service, { ...(wanted ? { address: wanted } : {}), dryRun });
    setAside.addresses.push(address);
    spec.clusterIP = address;
    spec.clusterIPs = [address];
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error;
    if (!wanted) throw internalError(`failed to allocate a serviceIP: ${error.message}`);
    const why = `failed to allocate IP ${wanted}: ${error.message}`;
    throw refusal(service, [fieldError.invalid('spec.clusterIPs', spec.clusterIPs ?? [wanted], why)]);
  }
}

/** One number for all protocols of a port, as upstream: a name server answers TCP and UDP on the same. */
function giveNodePorts(
  { ports: books }: Books,
  service: Draft<Service>,
  previous: ServiceSpec | undefined,
  setAside: SetAside,
): void {
  const { spec } = service;
  if (!needsNodePorts(spec)) return;
  const own = new Set(previous ? nodePortsOf({ ...previous, healthCheckNodePort: 0 }) : []);
  const given = new Map<number, number>();
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!port.nodePort && !allocatesNodePorts(spec)) continue;
    const wanted = port.nodePort || given.get(port.port) || requestedFor(port, spec);
    const isOwn = wanted && (own.has(wanted) || given.get(port.port) === wanted);
    // Upstream lets ports share a number that are told apart by protocol, but only from the first update on.
    if (isOwn || (wanted && previous && setAside.ports.includes(wanted))) port.nodePort = wanted;
    else if (wanted) {
      reserveWanted(books, service, index, wanted);
      setAside.ports.push(wanted);
      port.nodePort = wanted;
    } else {
      port.nodePort = reserveAny(books, 'failed to allocate a nodePort');
      setAside.ports.push(port.nodePort);
    }
    given.set(port.port, port.nodePort);
  }
}

/** The node port that another protocol of the same port asks for. */
function requestedFor({ port }: Draft<ServicePort>, { ports }: Draft<ServiceSpec>): number | undefined {
  return ports?.find((other) => other.port === port && other.nodePort)?.nodePort;
}

function reserveWanted(books: NodePorts, service: Draft<Service>, index: number, port: number): void {
  try {
    books.reserve(port);
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error;
    const at = Path.of('spec').child('ports').index(index).child('nodePort');
    throw refusal(service, [fieldError.invalid(at, port, error.message)]);
  }
}

function giveHealthCheckPort(
  { ports }: Books,
  spec: Draft<ServiceSpec>,
  previous: ServiceSpec | undefined,
  setAside: SetAside,
): void {
  if (!needsHealthCheckNodePort(spec) || (previous && needsHealthCheckNodePort(previous))) return;
  const wanted = spec.healthCheckNodePort;
  if (!wanted) spec.healthCheckNodePort = reserveAny(ports, 'failed to allocate a HealthCheck NodePort 0');
  else {
    try {
      ports.reserve(wanted);
    } catch (error) {
      if (!(error instanceof AllocationError)) throw error;
      throw internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${error.message}`);
    }
  }
  setAside.ports.push(spec.healthCheckNodePort!);
}

function reserveAny(books: NodePorts, what: string): number {
  try {
    return books.reserveAny();
  } catch (error) {
    if (error instanceof AllocationError) throw internalError(`${what}: ${error.message}`);
    throw error;
  }
}

function nameOf({ metadata }: Draft<Service>): ServiceName {
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
}

function refusal({ metadata }: Draft<Service>, errors: readonly FieldError[]): StatusError {
  return invalid(Service, metadata.name ?? '', errors);
}

function internalError(why: string): StatusError {
  return new StatusError('InternalError', `Internal error occurred: ${why}`, {
    details: { causes: [{ message: why }] },
  });
}
