// How long after a change of a service do the kernel's rules show it, on a node that knows 1,000 services?
//
// Until then connections go to pods that are gone. The proxy compares what it wants with what it has applied and loads
// only the difference; what is left is mostly the start of nft, measured beside it with nothing to load. From the write
// to the API server (in this process, in memory) to the end of the transaction, in a network namespace of its own, as root.

import { spawnSync } from 'node:child_process';
import { Pod } from '../src/api/core/pod.ts';
import { Service } from '../src/api/core/service.ts';
import { EndpointSlice } from '../src/api/discovery/endpoint-slice.ts';
import { systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/log.ts';
import { seededRandom } from '../src/base/random.ts';
import type { Client } from '../src/client/client.ts';
import { createInformer, type Informer } from '../src/client/informer.ts';
import { forgetUdpFlows, loadNft } from '../src/network/kernel.ts';
import { ServiceProxy } from '../src/network/proxy/proxy.ts';
import { schedulingCluster } from '../test/support/scheduling-cluster.ts';
import { percentile, report, reportSkipped, rounded } from './report.ts';

const SERVICES = 1000;
const ENDPOINTS = 3;
const CHANGES = 200;
const BURST = 100;
const INSIDE = '--inside';

if (process.argv.includes(INSIDE)) await run();
else if (process.getuid?.() !== 0) reportSkipped('service-rules', 'service change to rules', 'needs root');
else process.exitCode = runInNamespace();

/** The same program in a network namespace that ends with it. */
function runInNamespace(): number {
  const self = [process.execPath, ...process.execArgv, import.meta.filename, INSIDE];
  return spawnSync('unshare', ['--net', ...self], { stdio: 'inherit' }).status ?? 1;
}

async function run(): Promise<void> {
  await using cluster = await schedulingCluster();
  const { client } = cluster;
  await Promise.all(Array.from({ length: SERVICES }, (_, i) => createService(client, i)));
  const deps = { client, clock: systemClock, random: seededRandom(1), log: silentLogger };
  await using services = createInformer(deps, Service);
  await using slices = createInformer(deps, EndpointSlice);
  await using pods = createInformer(deps, Pod);
  await using proxy = new ServiceProxy(
    { ...deps, services, slices, pods, nft: loadNft, forgetUdpFlows },
    { nodeName: 'node', table: 't8s-bench', podCidr: '10.244.0.0/16' },
  );
  const startedAt = performance.now();
  await Promise.all([services.synced(), slices.synced(), pods.synced()]);
  await proxy.settled();
  const first = performance.now() - startedAt;
  report('service-rules', { measure: `rules of ${SERVICES} services at start`, value: first, unit: 'ms' });

  /** Every change gives a service another set of addresses. */
  const change = async (i: number) => {
    const { metadata } = await client.update(EndpointSlice, slice(i % SERVICES, 2 + (i % 250)));
    await seen(slices, metadata.resourceVersion!);
    await proxy.settled();
  };
  const waits: number[] = [];
  const floor: number[] = [];
  for (let i = 0; i < CHANGES; i++) {
    floor.push(await timed(() => loadNft('')));
    waits.push(await timed(() => change(i)));
  }
  const measure = `p99 of a change to rules, ${SERVICES} services`;
  report(
    'service-rules',
    { measure, value: percentile(waits, 0.99), unit: 'ms', budget: { atMost: 200 } },
    { p50Ms: rounded(percentile(waits, 0.5)), nftWithNothingToLoadP50Ms: rounded(percentile(floor, 0.5)) },
  );
  const burst = await timed(() => Promise.all(Array.from({ length: BURST }, (_, i) => change(CHANGES + i))));
  report('service-rules', {
    measure: `${BURST} changes at once, until the last is in the rules`,
    value: burst,
    unit: 'ms',
    budget: { atMost: 200 },
  });
}

async function createService(client: Client, i: number): Promise<void> {
  const metadata = { name: `service-${i}`, namespace: 'default' };
  const clusterIP = `10.${96 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
  const ports = [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' as const }];
  await client.create(Service, { metadata, spec: { clusterIP, clusterIPs: [clusterIP], ports } });
  await client.create(EndpointSlice, slice(i, 1));
}

function slice(i: number, lastByte: number) {
  return {
    metadata: {
      name: `service-${i}-x`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': `service-${i}` },
    },
    addressType: 'IPv4' as const,
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' as const }],
    endpoints: Array.from({ length: ENDPOINTS }, (_, endpoint) => ({
      addresses: [`10.244.${endpoint}.${lastByte}`],
      conditions: { ready: true, serving: true, terminating: false },
    })),
  };
}

/** Resolves in the turn in which the informer has the version. */
async function seen(informer: Informer<EndpointSlice>, resourceVersion: string): Promise<void> {
  if (informer.hasSeen(resourceVersion)) return;
  await new Promise<void>((resolve) => {
    const subscription = informer.subscribe(() => {
      if (!informer.hasSeen(resourceVersion)) return;
      queueMicrotask(() => subscription[Symbol.dispose]());
      resolve();
    });
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
