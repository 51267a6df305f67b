// The service proxy of a node: follows Services, EndpointSlices and the pods of the node, and keeps the kernel's rules
// what they say. One transaction at a time; what changes meanwhile goes into the next one.

import type { Pod } from '../../api/core/pod.ts';
import type { Service } from '../../api/core/service.ts';
import type { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Informer } from '../../client/informer.ts';
import { hasHostPorts, hostPortsOf } from './host-ports.ts';
import { baseScript, NO_RULES, type Rules, renderRules, type TableOptions } from './nft-rules.ts';
import { diffScript } from './nft-script.ts';
import { type ServicePort, servicePorts } from './service-ports.ts';
import { lostUdpFlows, type UdpFlow } from './udp-flows.ts';

export interface ProxyDeps {
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  /** Of this node: for their host ports. */
  readonly pods: Informer<Pod>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Runs a script in one transaction. Rejects with nft's words. */
  readonly nft: (script: string) => Promise<void>;
  /** Forgets UDP flows that no longer lead where they go. */
  readonly forgetUdpFlows: (flow: UdpFlow) => Promise<void>;
}

export interface ProxyOptions extends TableOptions {
  readonly nodeName: string;
}

const SERVICE_INDEX = 'service';
const RETRY_MS = 1_000;

interface Waiting {
  readonly generation: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** The rules stay when it is closed. */
export class ServiceProxy implements AsyncDisposable {
  readonly #deps: ProxyDeps;
  readonly #options: ProxyOptions;
  readonly #stopping = new AbortController();
  readonly #subscriptions: readonly Disposable[];
  readonly #running: Promise<void>;
  /** By `namespace/name` of their service. */
  readonly #ports = new Map<string, readonly ServicePort[]>();
  /** Services whose ports may be others by now. */
  readonly #stale = new Set<string>();
  /** What stands in the kernel; undefined where that is not known. */
  #applied: { readonly rules: Rules; readonly ports: readonly ServicePort[] } | undefined;
  /** Counts what has happened, and up to where the rules show it. */
  #wanted = 0;
  #done = 0;
  #wake: (() => void) | undefined;
  readonly #waiting: Waiting[] = [];

  constructor(deps: ProxyDeps, options: ProxyOptions) {
    this.#deps = deps;
    this.#options = options;
    const { services, slices, pods, log } = deps;
    slices.addIndex(SERVICE_INDEX, (slice) => {
      const service = serviceOf(slice);
      return service === undefined ? [] : [`${slice.metadata.namespace}/${service}`];
    });
    this.#subscriptions = [
      services.subscribe((changes) => this.#touch(changes.map(({ object }) => keyOf(object.metadata)))),
      slices.subscribe((changes) =>
        this.#touch(
          changes.map(({ object }) => keyOf({ namespace: object.metadata.namespace, name: serviceOf(object) ?? '' })),
        ),
      ),
      pods.subscribe((changes) => {
        if (changes.some(({ object }) => hasHostPorts(object))) this.#touch([]);
      }),
    ];
    const { signal } = this.#stopping;
    signal.addEventListener('abort', () => this.#wake?.());
    this.#running = this.#run(signal).catch((error) => {
      if (!signal.aborted) log.error('the service proxy has stopped', { error });
    });
  }

  /** Resolves once the rules show everything that had happened when this was called. Rejects when the proxy is closed. */
  settled(): Promise<void> {
    if (this.#done === this.#wanted && this.#applied) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ generation: this.#wanted, resolve, reject }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.#stopping.abort(new Error('the service proxy is closed'));
    await this.#running;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#stopping.signal.reason);
  }

  #touch(services: readonly string[]): void {
    for (const key of services) this.#stale.add(key);
    this.#wanted++;
    this.#wake?.();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { services, slices, pods, clock, log } = this.#deps;
    await Promise.all([services.synced(signal), slices.synced(signal), pods.synced(signal)]);
    this.#touch([]);
    while (!signal.aborted) {
      if (this.#done === this.#wanted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
        this.#wake = undefined;
        continue;
      }
      const generation = this.#wanted;
      try {
        await this.#sync();
        this.#done = generation;
        this.#settle();
      } catch (error) {
        log.error('the service rules could not be brought up to date', { error });
        this.#applied = undefined; // Whatever stands in the kernel now, the next transaction starts from nothing.
        await sleep(clock, RETRY_MS, signal);
      }
    }
  }

  async #sync(): Promise<void> {
    const { pods, nft } = this.#deps;
    const { table, podCidr } = this.#options;
    this.#lookAtStale();
    const ports = [...this.#ports.keys()].sort().flatMap((key) => this.#ports.get(key) ?? []);
    const rules = renderRules(ports, pods.list().flatMap(hostPortsOf), podCidr);
    const script = this.#applied
      ? diffScript(table, this.#applied.rules, rules)
      : baseScript(this.#options) + diffScript(table, NO_RULES, rules);
    if (script !== '') await nft(script);
    const before = this.#applied?.ports ?? [];
    this.#applied = { rules, ports };
    await this.#forgetFlows(lostUdpFlows(before, ports));
  }

  #lookAtStale(): void {
    const { services, slices } = this.#deps;
    for (const key of this.#stale) {
      const [namespace = '', name = ''] = key.split('/');
      const service = services.get({ namespace, name });
      if (!service) this.#ports.delete(key);
      else this.#ports.set(key, servicePorts(service, slices.byIndex(SERVICE_INDEX, key), this.#options.nodeName));
    }
    this.#stale.clear();
  }

  /** The rules are right even where this fails: some clients then go on asking where nobody is until they give up. */
  async #forgetFlows(flows: readonly UdpFlow[]): Promise<void> {
    for (const flow of flows) {
      try {
        await this.#deps.forgetUdpFlows(flow);
      } catch (error) {
        this.#deps.log.warn('UDP flows of a service could not be forgotten', { port: flow.port, error });
        return;
      }
    }
  }

  #settle(): void {
    for (let next = this.#waiting[0]; next && next.generation <= this.#done; next = this.#waiting[0]) {
      this.#waiting.shift();
      next.resolve();
    }
  }
}

function keyOf({ namespace, name }: Pick<Service['metadata'], 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

function serviceOf({ metadata }: EndpointSlice): string | undefined {
  return metadata.labels?.['kubernetes.io/service-name'];
}
