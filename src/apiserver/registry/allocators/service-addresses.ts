// The addresses of services. Every one that is given out has an IPAddress object, whose creation is what decides between
// two who want the same: no address is used twice, whichever server gives it out and whatever happens to that server.
// Upstream: k8s.io/kubernetes/pkg/registry/core/service/ipallocator and its repair controller.

import { Service } from '../../../api/core/service.ts';
import { needsClusterIP } from '../../../api/core/service-rules.ts';
import { IPAddress } from '../../../api/networking/ip-address.ts';
import { isStatusError } from '../../../api/status-error.ts';
import { timeToMs } from '../../../api/time.ts';
import type { Clock } from '../../../base/clock.ts';
import { type Ipv4Range, ipv4Number, ipv4Range, ipv4Text } from '../../../base/ipv4-range.ts';
import type { Logger } from '../../../base/log.ts';
import type { Random } from '../../../base/random.ts';
import type { Client } from '../../../client/client.ts';
import type { ObjectReader } from '../object-reader.ts';
import { AllocationError, RANGE_IS_FULL } from './allocation-error.ts';
import { candidates, type NumberRange, numberRange } from './number-range.ts';

const FAMILY_LABEL = 'ipaddress.kubernetes.io/ip-family';
const MANAGED_BY_LABEL = 'ipaddress.kubernetes.io/managed-by';
const MANAGER = 'ipallocator.k8s.io';

/** How long an address without its service may be one whose service is just being written. */
const LEAK_AFTER_MS = 60_000;

export interface ServiceAddressesDeps {
  readonly objects: ObjectReader;
  /** May create and delete IPAddress objects. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

/** Disposing waits for the addresses that are being given back. */
export class ServiceAddresses implements AsyncDisposable {
  readonly #deps: ServiceAddressesDeps;
  readonly #cidr: string;
  readonly #range: NumberRange;
  readonly #network: Ipv4Range;
  /** By address: when it has been given back. */
  readonly #releasing = new Map<string, Promise<void>>();

  /** `cidr` is an IPv4 range; neither its first nor its last address is given out. */
  constructor(deps: ServiceAddressesDeps, { cidr }: { readonly cidr: string }) {
    this.#deps = deps;
    this.#cidr = cidr;
    this.#network = ipv4Range(cidr);
    const { first, size } = this.#network;
    this.#range = numberRange(first + 1, first + size - 2, { share: 16, limit: 256 });
  }

  /**
   * Sets an address aside for the service: this one, or a free one. A dry run only looks. Throws AllocationError when
   * it cannot be had.
   */
  async allocate(
    service: ServiceName,
    { address, dryRun }: { readonly address?: string; readonly dryRun: boolean },
  ): Promise<string> {
    if (address !== undefined) {
      this.#refuseOutside(address);
      if (await this.#take(address, service, dryRun)) return address;
      throw new AllocationError('provided IP is already allocated');
    }
    for (const candidate of candidates(this.#range, this.#deps.random)) {
      const free = ipv4Text(candidate);
      if (this.#releasing.has(free) || this.#deps.objects.get(IPAddress, { name: free })) continue;
      if (await this.#take(free, service, dryRun)) return free;
    }
    throw new AllocationError(RANGE_IS_FULL);
  }

  /** Gives the service's address back. What goes wrong with that is logged, and put right by `repair`. */
  release(address: string, service: ServiceName): void {
    const { objects, client, log } = this.#deps;
    const held = objects.get(IPAddress, { name: address });
    if (!held || !isOf(held, service)) return;
    const preconditions = { uid: held.metadata.uid };
    const released = client
      .delete(IPAddress, { name: address }, { preconditions })
      .then(
        () => {},
        (error: unknown) => {
          if (!isStatusError(error, 'NotFound', 'Conflict')) {
            log.warn('a service address was not given back', { address, error });
          }
        },
      )
      .finally(() => this.#releasing.delete(address));
    this.#releasing.set(address, released);
  }

  /** Brings the addresses in line with the services that there are; to be called at start, and now and then. */
  async repair({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { objects, client, clock, log } = this.#deps;
    const wanted = new Map<string, ServiceName>();
    for (const { metadata, spec } of objects.list(Service)) {
      const { namespace, name } = metadata;
      for (const address of addressesOf(spec)) if (this.#contains(address)) wanted.set(address, { namespace, name });
    }
    for (const held of objects.list(IPAddress)) {
      const { name, labels, creationTimestamp } = held.metadata;
      const service = wanted.get(name);
      wanted.delete(name);
      if (service && !isOf(held, service)) {
        const { parentRef } = held.spec;
        log.warn('a service has the address of another one; make it anew', {
          address: name,
          service,
          owner: parentRef,
        });
      }
      if (service || labels?.[MANAGED_BY_LABEL] !== MANAGER) continue;
      if (clock.now() - timeToMs(creationTimestamp) < LEAK_AFTER_MS) continue;
      await client.delete(IPAddress, { name }, { signal }).catch(unless('NotFound'));
    }
    for (const [address, service] of wanted) {
      await client.create(IPAddress, addressObject(address, service), { signal }).catch(unless('AlreadyExists'));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#releasing.values());
  }

  /** False when somebody else has it. */
  async #take(address: string, service: ServiceName, dryRun: boolean): Promise<boolean> {
    await this.#releasing.get(address);
    const { client, objects } = this.#deps;
    if (dryRun) return objects.get(IPAddress, { name: address }) === undefined;
    try {
      await client.create(IPAddress, addressObject(address, service));
      return true;
    } catch (error) {
      if (isStatusError(error, 'AlreadyExists')) return false;
      throw error;
    }
  }

  #refuseOutside(address: string): void {
    if (!this.#contains(address)) throw new AllocationError('the provided network does not match the current range');
    const value = ipv4Number(address);
    if (value >= this.#range.first && value <= this.#range.last) return;
    const valid = `The range of valid IPs is ${this.#cidr}`;
    throw new AllocationError(`the provided IP (${address}) is not in the valid range. ${valid}`);
  }

  #contains(address: string): boolean {
    if (address.includes(':')) return false;
    const offset = ipv4Number(address) - this.#network.first;
    return offset >= 0 && offset < this.#network.size;
  }
}

/** The addresses that a service has been given; none for `None` and external names. */
export function addressesOf(spec: Pick<Service['spec'], 'type' | 'clusterIPs'>): string[] {
  if (!needsClusterIP(spec)) return [];
  return (spec.clusterIPs ?? []).filter((address) => address !== '' && address !== 'None');
}

function isOf({ spec: { parentRef } }: IPAddress, { namespace, name }: ServiceName): boolean {
  return parentRef?.resource === 'services' && parentRef.namespace === namespace && parentRef.name === name;
}

function addressObject(address: string, { namespace, name }: ServiceName) {
  return {
    metadata: { name: address, labels: { [FAMILY_LABEL]: 'IPv4', [MANAGED_BY_LABEL]: MANAGER } },
    spec: { parentRef: { group: '', resource: 'services', namespace, name } },
  };
}

/** Somebody else has done the same meanwhile. */
function unless(reason: 'NotFound' | 'AlreadyExists'): (error: unknown) => void {
  return (error) => {
    if (!isStatusError(error, reason)) throw error;
  };
}
