import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { schedulingCluster } from '../../../test/support/scheduling-cluster.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { FakeClock } from '../../base/clock.ts';
import { createLogger } from '../../base/log.ts';
import { seededRandom } from '../../base/random.ts';
import { createInformer } from '../../client/informer.ts';
import { type ProxyDeps, ServiceProxy } from './proxy.ts';

const namespace = 'default';
const UDP = [{ name: 'dns', port: 53, protocol: 'UDP' }] as const;

/** A proxy on a kernel that takes every script, unless it is told to fail. */
async function proxyOn(kernel: Partial<Pick<ProxyDeps, 'nft' | 'forgetUdpFlows'>> = {}) {
  await using stack = new AsyncDisposableStack();
  const { client } = stack.use(await schedulingCluster());
  const clock = new FakeClock();
  const scripts: string[] = [];
  const complaints: string[] = [];
  const log = createLogger(({ message }) => complaints.push(message), { level: 'warn' });
  const informerDeps = { client, clock, random: seededRandom(1), log };
  const services = stack.use(createInformer(informerDeps, Service));
  const slices = stack.use(createInformer(informerDeps, EndpointSlice));
  const pods = stack.use(createInformer(informerDeps, Pod));
  const proxy = stack.use(
    new ServiceProxy(
      {
        ...{ services, slices, pods, clock, log },
        nft: async (script) => {
          scripts.push(script);
        },
        forgetUdpFlows: async () => {},
        ...kernel,
      },
      { nodeName: 'node', table: 't', podCidr: '10.244.0.0/16' },
    ),
  );
  const owned = stack.move();
  let lastIp = 10;
  return {
    ...{ proxy, clock, scripts, complaints },
    async serve(name: string, ports: readonly object[] = [{ port: 80 }]): Promise<void> {
      await client.create(EndpointSlice, {
        metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
        addressType: 'IPv4',
        ports: ports as [],
        endpoints: [{ addresses: ['10.244.0.5'] }],
      });
      const spec = { clusterIP: `10.96.0.${lastIp++}`, ports: ports as [] };
      const { metadata } = await client.create(Service, { metadata: { name, namespace }, spec });
      while (!services.hasSeen(metadata.resourceVersion)) await new Promise((resolve) => setImmediate(resolve));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe('ServiceProxy', () => {
  test('begins with the whole table, then loads what changes, and nothing when nothing does', async () => {
    await using node = await proxyOn();
    await node.proxy.settled();
    assert.equal(node.scripts.length, 1);
    assert.match(node.scripts[0]!, /^add table ip t\ndelete table ip t\ntable ip t \{/);
    await node.serve('web');
    await node.proxy.settled();
    const later = node.scripts.slice(1).join('');
    assert.doesNotMatch(later, /table ip t \{/);
    assert.match(later, /add element ip t service_ips \{ 10\.96\.0\.10 \. tcp \. 80 : goto inner_/);
    const { length } = node.scripts;
    await node.clock.advance(600_000);
    assert.equal(node.scripts.length, length);
  });

  test('starts from nothing again after a script that the kernel refused', async () => {
    const scripts: string[] = [];
    let refuse = 0;
    await using node = await proxyOn({
      nft: async (script) => {
        if (refuse-- > 0) throw new Error('nft failed');
        scripts.push(script);
      },
    });
    await node.proxy.settled();
    refuse = 2;
    await node.serve('web');
    const settled = node.proxy.settled();
    await node.clock.advance(2_500);
    await settled;
    assert.match(scripts.at(-1)!, /^add table ip t\ndelete table/);
    assert.match(scripts.at(-1)!, /10\.96\.0\.10 \. tcp \. 80/);
    assert.equal(node.complaints.length, 2);
  });

  test('keeps its rules where conntrack fails', async () => {
    await using node = await proxyOn({
      forgetUdpFlows: async () => {
        throw new Error('conntrack failed');
      },
    });
    await node.proxy.settled();
    await node.serve('dns', UDP);
    await node.proxy.settled();
    await node.serve('web');
    await node.proxy.settled();
    assert.doesNotMatch(node.scripts.slice(1).join(''), /table ip t \{/);
    assert.deepEqual([...new Set(node.complaints)], ['UDP flows of a service could not be forgotten']);
  });

  test('rejects those who wait when it is closed', async () => {
    const never = Promise.withResolvers<void>();
    const node = await proxyOn({ nft: () => never.promise });
    const waiting = assert.rejects(node.proxy.settled(), /closed/);
    const closing = node[Symbol.asyncDispose]();
    never.resolve();
    await waiting;
    await closing;
  });
});
