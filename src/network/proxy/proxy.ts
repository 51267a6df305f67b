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

export interface ServiceProxy extends AsyncDisposable {
  /** Resolves once the rules show everything that had happened when this was called. Rejects when the proxy is closed. */
  settled(): Promise<void>;
}

const SERVICE_INDEX = 'service';
const RETRY_MS = 1_000;

export function startProxy(deps: ProxyDeps, options: ProxyOptions): ServiceProxy {
  const { services, slices, pods, clock, log } = deps;
  slices.addIndex(SERVICE_INDEX, (slice) => {
    const service = slice.metadata.labels?.['kubernetes.io/service-name'];
    return service === undefined ? [] : [`${slice.metadata.namespace}/${service}`];
  });
  const stopping = new AbortController();
  const ports = new Map<string, readonly ServicePort[]>();
  const stale = new Set<string>();
  let applied: { readonly rules: Rules; readonly ports: readonly ServicePort[] } | undefined;
  let wanted = 0;
  let done = 0;
  let wake: (() => void) | undefined;
  const waiting: { readonly generation: number; resolve(): void; reject(error: unknown): void }[] = [];

  const touch = (keys: readonly string[]) => {
    for (const key of keys) stale.add(key);
    wanted++;
    wake?.();
  };
  const keyOfService = ({ metadata }: Service) => `${metadata.namespace}/${metadata.name}`;
  const keysOfSlice = (slice: EndpointSlice) => [
    `${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
  ];
  const subscriptions = [
    services.subscribe((changes) => touch(changes.map(({ object }) => keyOfService(object)))),
    slices.subscribe((changes) => touch(changes.flatMap(({ object }) => keysOfSlice(object)))),
    pods.subscribe((changes) => {
      const relevant = changes.some((change) => hasHostPorts(change.object));
      if (relevant) touch([]);
    }),
  ];

  async function sync(): Promise<void> {
    for (const key of stale) {
      const [namespace = '', name = ''] = key.split('/');
      const service = services.get({ namespace, name });
      if (service) ports.set(key, servicePorts(service, slices.byIndex(SERVICE_INDEX, key), options.nodeName));
      else ports.delete(key);
    }
    stale.clear();
    const all = [...ports.keys()].sort().flatMap((key) => ports.get(key) ?? []);
    const rules = renderRules(all, pods.list().flatMap(hostPortsOf), options.podCidr);
    const script = applied
      ? diffScript(options.table, applied.rules, rules)
      : baseScript(options) + diffScript(options.table, NO_RULES, rules);
    if (script !== '') await deps.nft(script);
    const before = applied?.ports ?? [];
    applied = { rules, ports: all };
    await forgetFlows(lostUdpFlows(before, all));
  }

  /** The rules are right even where this fails: some clients then go on asking where nobody is until they give up. */
  async function forgetFlows(flows: readonly UdpFlow[]): Promise<void> {
    for (const flow of flows) {
      try {
        await deps.forgetUdpFlows(flow);
      } catch (error) {
        log.warn('UDP flows of a service could not be forgotten', { port: flow.port, error });
        return;
      }
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    await Promise.all([services.synced(signal), slices.synced(signal), pods.synced(signal)]);
    touch([]);
    while (!signal.aborted) {
      if (done === wanted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
        wake = undefined;
        continue;
      }
      const generation = wanted;
      try {
        await sync();
        done = generation;
        settle();
      } catch (error) {
        log.error('the service rules could not be brought up to date', { error });
        applied = undefined; // Whatever stands in the kernel now, the next transaction starts from nothing.
        await sleep(clock, RETRY_MS, signal);
      }
    }
  }

  function settle(): void {
    for (let next = waiting[0]; next && next.generation <= done; next = waiting[0]) {
      waiting.shift();
      next.resolve();
    }
  }

  stopping.signal.addEventListener('abort', () => wake?.());
  const running = run(stopping.signal).catch((error) => {
    if (!stopping.signal.aborted) log.error('the service proxy has stopped', { error });
  });
  return {
    settled() {
      if (done === wanted && applied) return Promise.resolve();
      return new Promise((resolve, reject) => waiting.push({ generation: wanted, resolve, reject }));
    },
    async [Symbol.asyncDispose]() {
      for (const subscription of subscriptions) subscription[Symbol.dispose]();
      stopping.abort(new Error('the service proxy is closed'));
      await running;
      for (const { reject } of waiting.splice(0)) reject(stopping.signal.reason);
    },
  };
}
