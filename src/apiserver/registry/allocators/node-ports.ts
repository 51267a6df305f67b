// The node ports that are in use: those of the services that exist, and those set aside for writes under way. The
// services are the books, so that a restart finds them as they are. Upstream:
// k8s.io/kubernetes/pkg/registry/core/service/portallocator keeps a record beside them and repairs it.

import { Service, type ServiceSpec } from '../../../api/core/service.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import type { ObjectChange, ObjectReader } from '../object-reader.ts';
import { AllocationError, RANGE_IS_FULL } from './allocation-error.ts';
import { candidates, type NumberRange, numberRange } from './number-range.ts';

/** How long a port stays set aside for a write of which nothing was heard: if it has happened, it is seen by then. */
const IN_DOUBT_MS = 60_000;

export class NodePorts implements Disposable {
  readonly #range: NumberRange;
  readonly #clock: Clock;
  readonly #random: Random;
  /** By the uid of a service: its ports and the version they are of. */
  readonly #services = new Map<string, { readonly ports: readonly number[]; readonly version: bigint }>();
  /** By port: how many services have it. More than one only where they had it before us. */
  readonly #uses = new Map<number, number>();
  /** By port: when it is set aside no longer. */
  readonly #reserved = new Map<number, number>();
  readonly #subscription: Disposable;

  constructor(
    { objects, clock, random }: { readonly objects: ObjectReader; readonly clock: Clock; readonly random: Random },
    { first, last }: { readonly first: number; readonly last: number },
  ) {
    this.#range = numberRange(first, last, { share: 32, limit: 128 });
    this.#clock = clock;
    this.#random = random;
    this.#subscription = objects.subscribe(Service, (change) => this.#follow(change));
  }

  /** Sets the port aside. Throws AllocationError when it is out of range or taken. */
  reserve(port: number): void {
    const { first, last } = this.#range;
    if (port < first || port > last) {
      const valid = `The range of valid ports is ${first}-${last}`;
      throw new AllocationError(`provided port is not in the valid range. ${valid}`);
    }
    if (this.#isTaken(port)) throw new AllocationError('provided port is already allocated');
    this.#reserved.set(port, this.#clock.now() + IN_DOUBT_MS);
  }

  /** Sets a free port aside. Throws AllocationError when there is none. */
  reserveAny(): number {
    for (const port of candidates(this.#range, this.#random)) {
      if (this.#isTaken(port)) continue;
      this.reserve(port);
      return port;
    }
    throw new AllocationError(RANGE_IS_FULL);
  }

  release(ports: readonly number[]): void {
    for (const port of ports) this.#reserved.delete(port);
  }

  /** The write that the ports were set aside for has happened: from now on they are the service's. */
  commit(ports: readonly number[], service: Service): void {
    this.#follow({ type: 'MODIFIED', object: service });
    this.release(ports);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  #isTaken(port: number): boolean {
    if (this.#uses.has(port)) return true;
    const until = this.#reserved.get(port);
    if (until === undefined || this.#clock.now() < until) return until !== undefined;
    this.#reserved.delete(port);
    return false;
  }

  /** The same version may be seen twice, by a commit and as a change; an older one behind a newer one says nothing. */
  #follow({ type, object }: ObjectChange<Service>): void {
    const { uid, resourceVersion } = object.metadata;
    const version = BigInt(resourceVersion);
    const known = this.#services.get(uid);
    if (known && version < known.version && type !== 'DELETED') return;
    for (const port of known?.ports ?? []) {
      const uses = (this.#uses.get(port) ?? 0) - 1;
      if (uses > 0) this.#uses.set(port, uses);
      else this.#uses.delete(port);
    }
    this.#services.delete(uid);
    if (type === 'DELETED') return;
    const ports = nodePortsOf(object.spec);
    this.#services.set(uid, { ports, version });
    for (const port of ports) this.#uses.set(port, (this.#uses.get(port) ?? 0) + 1);
  }
}

/** Each once: TCP and UDP may share a number. */
export function nodePortsOf({
  ports,
  healthCheckNodePort,
}: Pick<ServiceSpec, 'ports' | 'healthCheckNodePort'>): number[] {
  const numbers = (ports ?? []).map(({ nodePort }) => nodePort);
  return [...new Set([...numbers, healthCheckNodePort].filter((port) => port !== undefined && port !== 0))] as number[];
}
