// The rules of services in a real kernel: a node, pods and a client outside, each in a network namespace. Needs Linux, root
// and nftables.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Peer, runIn, type TestNetwork, testNetwork } from '../../../test/support/network-namespaces.ts';
import { schedulingCluster } from '../../../test/support/scheduling-cluster.ts';
import { ensureInstalled } from '../../../test/support/system-packages.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import type { InputOf } from '../../api/kind.ts';
import { systemClock } from '../../base/clock.ts';
import { createLogger } from '../../base/log.ts';
import { seededRandom } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { createInformer, type Informer } from '../../client/informer.ts';
import { flowOptions, foundNone } from '../kernel.ts';
import { ServiceProxy } from './proxy.ts';

const skip = await ensureInstalled({
  '/usr/sbin/nft': 'nftables',
  '/usr/sbin/ip': 'iproute2',
  '/usr/sbin/conntrack': 'conntrack',
});

const namespace = 'default';
const PORT = 8080;
const SHORT_MS = 400;

describe('ServiceProxy', { skip: skip ?? false }, () => {
  let network: TestNetwork;
  let client: Client;
  let informers: { services: Informer<Service>; slices: Informer<EndpointSlice>; pods: Informer<Pod> };
  let proxy: ServiceProxy;
  let pods: readonly [Peer, Peer, Peer];
  let lastIp = 10;
  let lastNodePort = 30_100;
  const complaints: string[] = [];
  const log = createLogger(({ message, fields }) => complaints.push(`${message} ${fields['error']}`), {
    level: 'warn',
  });
  const stack = new AsyncDisposableStack();

  before(async () => {
    network = stack.use(await testNetwork([PORT]));
    pods = network.pods;
    ({ client } = stack.use(await schedulingCluster()));
    const deps = { client, clock: systemClock, random: seededRandom(3), log };
    informers = {
      services: stack.use(createInformer(deps, Service)),
      slices: stack.use(createInformer(deps, EndpointSlice)),
      pods: stack.use(createInformer(deps, Pod)),
    };
    proxy = start();
    await proxy.settled();
  });
  after(() => stack.disposeAsync());

  function start(): ServiceProxy {
    return new ServiceProxy(
      {
        ...informers,
        clock: systemClock,
        log,
        nft: (script) => runIn(network.nodePath, ['nft', '-f', '-'], script),
        forgetUdpFlows: (flow) =>
          runIn(network.nodePath, ['conntrack', ...flowOptions(flow)]).catch((error) => {
            if (!foundNone(error)) throw error;
          }),
      },
      { nodeName: 'node', table: 't8s-test', podCidr: '10.244.0.0/16' },
    );
  }

  type Spec = NonNullable<InputOf<typeof Service>['spec']>;
  type Protocol = 'TCP' | 'UDP';
  type Endpoints = readonly { readonly peer: Peer; readonly node?: string; readonly ending?: boolean }[];

  /** The rules in the kernel show what was written. */
  async function shown(
    informer: Informer<Service> | Informer<EndpointSlice> | Informer<Pod>,
    written: Promise<{ readonly metadata: { readonly resourceVersion: string } }>,
  ): Promise<void> {
    const { metadata } = await written;
    while (!informer.hasSeen(metadata.resourceVersion)) await delay(2);
    await proxy.settled();
  }

  interface Shape {
    readonly spec?: Partial<Spec>;
    readonly protocol?: Protocol;
    readonly nodePort?: number;
  }

  /** Makes a service with its endpoints; its cluster IP. */
  async function serve(name: string, endpoints: Endpoints, shape: Shape = {}): Promise<string> {
    const { spec, protocol = 'TCP', nodePort } = shape;
    const clusterIP = `10.96.0.${lastIp++}`;
    const port = { name: 'web', port: 80, protocol, targetPort: PORT, ...(nodePort ? { nodePort } : {}) };
    const type = nodePort ? 'NodePort' : 'ClusterIP';
    await client.create(EndpointSlice, sliceOf(name, endpoints, protocol));
    const made = { metadata: { name, namespace }, spec: { type, clusterIP, ports: [port], ...spec } } as const;
    await shown(informers.services, client.create(Service, made));
    return clusterIP;
  }

  function sliceOf(name: string, endpoints: Endpoints, protocol: Protocol): InputOf<typeof EndpointSlice> {
    return {
      metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'web', port: PORT, protocol }],
      endpoints: endpoints.map(({ peer, node = 'node', ending = false }) => ({
        addresses: [peer.address],
        nodeName: node,
        conditions: { ready: !ending, serving: true, terminating: ending },
      })),
    };
  }

  const serveFrom = (name: string, endpoints: Endpoints, protocol: Protocol = 'TCP') =>
    shown(informers.slices, client.update(EndpointSlice, sliceOf(name, endpoints, protocol)));
  const change = (name: string, spec: object) =>
    shown(informers.services, client.patch(Service, { name, namespace }, { type: 'merge', body: { spec } }));
  const here = (...peers: readonly Peer[]): Endpoints => peers.map((peer) => ({ peer }));
  const there = (...peers: readonly Peer[]): Endpoints => peers.map((peer) => ({ peer, node: 'other' }));

  const answersOf = async (times: number, ask: () => Promise<string>) => {
    const answers = await Promise.all(Array.from({ length: times }, ask));
    return [...new Set(answers)].sort();
  };

  test('a cluster IP leads pods to all endpoints, and keeps their address', async () => {
    const [one, two, three] = pods;
    const ip = await serve('spread', [...here(two, three), ...there(network.remote)]);
    const all = ['pod2', 'pod3', 'remote'].map((name) => `${name} from ${one.address}`);
    assert.deepEqual(await answersOf(30, () => one.tcp(ip, 80)), all);
    assert.equal(await one.tcp(two.address, PORT), `pod2 from ${one.address}`);
  });

  test('a cluster IP serves the node, and whoever is routed to it from outside', async () => {
    const ip = await serve('node', here(pods[0]));
    assert.equal(await network.node.tcp(ip, 80), 'pod1 from 192.0.2.1');
    assert.equal(await network.client.tcp(ip, 80), 'pod1 from 10.244.0.1');
  });

  test('a pod reaches itself by the service that it serves', async () => {
    const [one] = pods;
    const ip = await serve('hairpin', here(one));
    assert.equal(await one.tcp(ip, 80), 'pod1 from 10.244.0.1');
    assert.equal(await one.tcp(one.address, PORT), `pod1 from ${one.address}`);
  });

  test('a node port leads to all endpoints from everywhere', async () => {
    const nodePort = lastNodePort++;
    await serve('node-port', [...here(pods[1]), ...there(network.remote)], { nodePort });
    assert.deepEqual(await answersOf(20, () => network.client.tcp('192.0.2.1', nodePort)), [
      'pod2 from 10.244.0.1',
      'remote from 10.244.0.1',
    ]);
    assert.match(await pods[0].tcp('192.0.2.1', nodePort), /^(pod2|remote) from 10\.244\.0\.1$/);
    assert.match(await network.node.tcp('192.0.2.1', nodePort), /^(pod2|remote) from /);
  });

  test('a local external policy keeps the address of clients, and lets only this node serve them', async () => {
    const nodePort = lastNodePort++;
    const spec = { externalTrafficPolicy: 'Local' } as const;
    const ip = await serve('external-local', [...here(pods[1]), ...there(network.remote)], { nodePort, spec });
    assert.deepEqual(await answersOf(10, () => network.client.tcp('192.0.2.1', nodePort)), ['pod2 from 192.0.2.2']);
    const inside = ['pod2', 'remote'].map((name) => `${name} from ${pods[0].address}`);
    assert.deepEqual(await answersOf(20, () => pods[0].tcp('192.0.2.1', nodePort)), inside);
    assert.deepEqual(await answersOf(20, () => pods[0].tcp(ip, 80)), inside);

    await serveFrom('external-local', there(network.remote));
    assert.equal(await network.client.tcp('192.0.2.1', nodePort, SHORT_MS), 'timeout');
    assert.equal(await pods[0].tcp('192.0.2.1', nodePort), `remote from ${pods[0].address}`);
    assert.match(await network.node.tcp('192.0.2.1', nodePort), /^remote from /);
  });

  test('a local internal policy lets only this node serve its pods', async () => {
    const spec = { internalTrafficPolicy: 'Local' } as const;
    const ip = await serve('internal-local', [...here(pods[1]), ...there(network.remote)], { spec });
    assert.deepEqual(await answersOf(10, () => pods[0].tcp(ip, 80)), [`pod2 from ${pods[0].address}`]);
    await serveFrom('internal-local', there(network.remote));
    assert.equal(await pods[0].tcp(ip, 80, SHORT_MS), 'timeout');
    await change('internal-local', { internalTrafficPolicy: 'Cluster' });
    assert.equal(await pods[0].tcp(ip, 80), `remote from ${pods[0].address}`);
  });

  test('endpoints that terminate serve while no other does', async () => {
    const ip = await serve('ending', [{ peer: pods[1], ending: true }, { peer: pods[2] }]);
    assert.deepEqual(await answersOf(10, () => pods[0].tcp(ip, 80)), [`pod3 from ${pods[0].address}`]);
    await serveFrom('ending', [{ peer: pods[1], ending: true }]);
    assert.equal(await pods[0].tcp(ip, 80), `pod2 from ${pods[0].address}`);
  });

  test('affinity keeps a client on its endpoint by any address, as long as there is that endpoint, and can be switched', async () => {
    const nodePort = lastNodePort++;
    const spec = { sessionAffinity: 'ClientIP' } as const;
    const ip = await serve('affinity', here(...pods), { nodePort, spec });
    const name = (answer: string) => answer.split(' ')[0] ?? '';
    const first = name(await network.client.tcp('192.0.2.1', nodePort));
    const again = await answersOf(15, () => network.client.tcp('192.0.2.1', nodePort));
    const inside = await answersOf(15, () => network.client.tcp(ip, 80));
    assert.deepEqual([...again, ...inside].map(name), [first, first]);
    const others = here(...pods.filter((_pod, index) => `pod${index + 1}` !== first));
    await serveFrom('affinity', others);
    const moved = await answersOf(15, () => network.client.tcp(ip, 80));
    assert.equal(moved.length, 1);
    assert.notEqual(name(moved[0]!), first);
    await change('affinity', { sessionAffinity: 'None', sessionAffinityConfig: null });
    assert.equal((await answersOf(30, () => network.client.tcp(ip, 80))).length, 2);
    await change('affinity', {
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
    });
    assert.equal((await answersOf(15, () => network.client.tcp(ip, 80))).length, 1);
  });

  test('a service that nobody serves refuses at once', async () => {
    const nodePort = lastNodePort++;
    const ip = await serve('nobody', [], { nodePort });
    assert.equal(await pods[0].tcp(ip, 80), 'ECONNREFUSED');
    assert.equal(await network.node.tcp(ip, 80), 'ECONNREFUSED');
    assert.equal(await network.client.tcp('192.0.2.1', nodePort), 'ECONNREFUSED');
    assert.equal(await network.node.tcp('192.0.2.1', nodePort), 'ECONNREFUSED');
    await serveFrom('nobody', here(pods[1]));
    assert.equal(await pods[0].tcp(ip, 80), `pod2 from ${pods[0].address}`);
    await serveFrom('nobody', []);
    assert.equal(await pods[0].tcp(ip, 80), 'ECONNREFUSED');
  });

  test('a UDP client moves to another endpoint with the service, and begins where nobody served', async () => {
    const ip = await serve('udp', [], { protocol: 'UDP' });
    assert.match(await pods[0].udpAgain(ip, 80, SHORT_MS), /^(ECONNREFUSED|timeout)$/);
    await serveFrom('udp', here(pods[1]), 'UDP');
    assert.equal(await pods[0].udpAgain(ip, 80), `pod2 from ${pods[0].address}`);
    await serveFrom('udp', here(pods[2]), 'UDP');
    assert.equal(await pods[0].udpAgain(ip, 80), `pod3 from ${pods[0].address}`);
  });

  test('a UDP client that asked before there was such a service is served from then on', async () => {
    const ip = `10.96.0.${lastIp}`;
    assert.match(await pods[2].udpAgain(ip, 80, SHORT_MS), /^(EHOSTUNREACH|ENETUNREACH|ECONNREFUSED|timeout)$/);
    assert.equal(await serve('later', here(pods[1]), { protocol: 'UDP' }), ip);
    assert.equal(await pods[2].udpAgain(ip, 80), `pod2 from ${pods[2].address}`);
  });

  test('one port number serves over TCP and UDP, and an external IP leads to the service', async () => {
    const [one, two] = pods;
    const clusterIP = `10.96.0.${lastIp++}`;
    for (const protocol of ['TCP', 'UDP'] as const) {
      const slice = sliceOf('both', here(two), protocol);
      const named = { ...slice.metadata, name: `both-${protocol.toLowerCase()}` };
      await client.create(EndpointSlice, {
        ...slice,
        metadata: named,
        ports: [{ name: protocol.toLowerCase(), port: PORT, protocol }],
      });
    }
    const ports = (['TCP', 'UDP'] as const).map((protocol) => ({ name: protocol.toLowerCase(), port: 80, protocol }));
    const spec = { clusterIP, ports, externalIPs: ['198.51.100.7'] };
    await shown(informers.services, client.create(Service, { metadata: { name: 'both', namespace }, spec }));
    assert.equal(await one.tcp(clusterIP, 80), `pod2 from ${one.address}`);
    assert.equal(await one.udp(clusterIP, 80), `pod2 from ${one.address}`);
    assert.match(await network.client.tcp('198.51.100.7', 80), /^pod2 from /);
    await change('both', { externalIPs: null });
    assert.match(await network.client.tcp('198.51.100.7', 80, SHORT_MS), /timeout|UNREACH/);
  });

  test('host ports lead to the pod on the addresses that it names, while it is there', async () => {
    const container = (hostPort: number, hostIP?: string) => ({
      ...{ name: `c${hostPort}`, image: 'i' },
      ports: [{ containerPort: PORT, hostPort, ...(hostIP ? { hostIP } : {}) }],
    });
    const metadata = { name: 'exposed', namespace };
    const containers = [container(8_001), container(8_002, '192.0.2.1'), container(8_003, '198.51.100.1')];
    await client.create(Pod, { metadata, spec: { nodeName: 'node', containers } });
    const body = { status: { phase: 'Running', podIP: pods[1].address, podIPs: [{ ip: pods[1].address }] } };
    await shown(informers.pods, client.patch(Pod, metadata, { type: 'strategic', body }, { subresource: 'status' }));
    assert.equal(await network.client.tcp('192.0.2.1', 8_001), 'pod2 from 192.0.2.2');
    assert.equal(await network.client.tcp('192.0.2.1', 8_002), 'pod2 from 192.0.2.2');
    assert.equal(await network.client.tcp('192.0.2.1', 8_003), 'ECONNREFUSED');
    assert.equal(await pods[0].tcp('192.0.2.1', 8_001), `pod2 from ${pods[0].address}`);
    assert.match(await pods[1].tcp('192.0.2.1', 8_001), /^pod2 from 10\.244\.0\.1$/);
    assert.match(await network.node.tcp('192.0.2.1', 8_001), /^pod2 from /);
    const ended = { status: { phase: 'Succeeded' } };
    await shown(
      informers.pods,
      client.patch(Pod, metadata, { type: 'strategic', body: ended }, { subresource: 'status' }),
    );
    assert.equal(await network.client.tcp('192.0.2.1', 8_001), 'ECONNREFUSED');
  });

  test('pods go out with the address of the node, and to each other with their own', async () => {
    assert.equal(await pods[0].tcp('192.0.2.2', PORT), 'client from 192.0.2.1');
    assert.equal(await pods[0].udp('192.0.2.2', PORT), 'client from 192.0.2.1');
    assert.equal(await pods[0].tcp(network.remote.address, PORT), `remote from ${pods[0].address}`);
    assert.equal(await network.remote.tcp(pods[0].address, PORT), `pod1 from ${network.remote.address}`);
  });

  test('no connection is lost while endpoints change, nor when the proxy starts anew', async () => {
    const ip = await serve('busy', here(pods[1], pods[2]));
    let going = true;
    const answers: string[] = [];
    const asking = [0, 1, 2].map(async () => {
      while (going) answers.push(await pods[0].tcp(ip, 80));
    });
    for (let round = 0; round < 6; round++) {
      await serveFrom('busy', round % 2 === 0 ? here(pods[1]) : here(pods[1], pods[2]));
    }
    await proxy[Symbol.asyncDispose]();
    proxy = start();
    await proxy.settled();
    going = false;
    await Promise.all(asking);
    const right = [`pod2 from ${pods[0].address}`, `pod3 from ${pods[0].address}`];
    assert.deepEqual(
      answers.filter((answer) => !right.includes(answer)),
      [],
    );
    assert.ok(answers.length > 20, String(answers.length));
  });

  test('a service that is deleted leaves nothing, and nothing was complained of', async () => {
    const { items } = await client.list(Service, { namespace });
    for (const { metadata } of items) await client.delete(Service, { name: metadata.name, namespace });
    while (informers.services.list(namespace).length > 0) await delay(2);
    await proxy.settled();
    await runIn(network.nodePath, [
      'sh',
      '-c',
      '! nft list table ip t8s-test | grep -E "svc_|inner_|outer_|local_|endpoint_|affinity_|10\\.96\\."',
    ]);
    assert.deepEqual(complaints, []);
    await proxy[Symbol.asyncDispose]();
  });
});
