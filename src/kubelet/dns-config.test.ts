import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod, type PodSpecInput } from '../../test/support/kubelet-objects.ts';
import { parseResolvConf, type ResolverConfig, resolverConfig } from './dns-config.ts';

const CLUSTER = { address: '10.96.0.10', domain: 'cluster.local' };
const HOST: ResolverConfig = { servers: ['192.0.2.53'], searches: ['example.com'], options: ['rotate'] };
const of = (spec: Partial<PodSpecInput>) => resolverConfig(kubeletPod({ spec }), CLUSTER, HOST);

describe('resolverConfig', () => {
  const inCluster: ResolverConfig = {
    servers: ['10.96.0.10'],
    searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'example.com'],
    options: ['ndots:5'],
  };
  const cases: readonly (readonly [string, Partial<PodSpecInput>, ResolverConfig])[] = [
    ['ClusterFirst', {}, inCluster],
    ['ClusterFirst in the network of the node', { hostNetwork: true }, HOST],
    ['ClusterFirstWithHostNet', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, inCluster],
    ['Default', { dnsPolicy: 'Default' }, HOST],
    [
      'None',
      { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'] } },
      { servers: ['1.1.1.1'], searches: [], options: [] },
    ],
    [
      'ClusterFirst with additions of the pod’s own',
      {
        dnsConfig: {
          nameservers: ['1.1.1.1', '10.96.0.10'],
          searches: ['my.org', 'cluster.local'],
          options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
        },
      },
      {
        servers: ['10.96.0.10', '1.1.1.1'],
        searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'example.com', 'my.org'],
        options: ['ndots:2', 'edns0'],
      },
    ],
  ];
  for (const [name, spec, expected] of cases) test(name, () => assert.deepEqual(of(spec), expected));

  test('keeps to what the C library can take', () => {
    const searches = Array.from({ length: 40 }, (_, index) => `s${index}`);
    const { servers, searches: kept } = of({
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4'], searches },
    });
    assert.deepEqual([servers.length, kept.length], [3, 32]);
    const long = Array.from({ length: 32 }, (_, index) => `${'x'.repeat(100)}${index}`);
    const { searches: fitting } = of({ dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: long } });
    assert.ok(fitting.join(' ').length <= 2048);
  });
});

describe('parseResolvConf', () => {
  const cases: readonly (readonly [string, string, ResolverConfig])[] = [
    ['nothing', '', { servers: [], searches: [], options: [] }],
    [
      'all there is',
      '# made by hand\nnameserver 1.1.1.1\nnameserver\tfe80::1\nsearch a.org b.org\noptions ndots:1 rotate\n',
      { servers: ['1.1.1.1', 'fe80::1'], searches: ['a.org', 'b.org'], options: ['ndots:1', 'rotate'] },
    ],
    [
      'the last of several search lines',
      'search a.org\ndomain b.org\n',
      { servers: [], searches: ['b.org'], options: [] },
    ],
    [
      'options of several lines',
      'options ndots:1\noptions rotate ndots:3\n',
      { servers: [], searches: [], options: ['ndots:3', 'rotate'] },
    ],
    [
      'a search in the root, and comments',
      'search .\nnameserver 1.1.1.1 ; mine\n;nameserver 2.2.2.2\n',
      { servers: ['1.1.1.1'], searches: [], options: [] },
    ],
  ];
  for (const [name, text, expected] of cases) test(name, () => assert.deepEqual(parseResolvConf(text), expected));
});
